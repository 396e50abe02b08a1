"""What is known: concepts, packs of them, and inference on the causal graph that they form."""

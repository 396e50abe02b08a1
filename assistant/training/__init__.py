"""How the text models are made: cases that we write, cases that the graph generates, and the code."""

"""Parts of the Gradio page, one a module: each makes its widgets in the current context and wires them."""

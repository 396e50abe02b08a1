"""Parts of the Gradio page, each with its own widgets; `ui.py` puts them together. No medicine here."""

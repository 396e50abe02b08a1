"""What the browser knows: whose sessions these are, by an id that it makes up and keeps, and which language is read."""

import gradio as gr

_KEY = "aetia-owner"
"""Where the browser keeps it. Also what it is scrambled with: Gradio makes up another at each start otherwise, and
nobody would find their sessions again. It hides nothing, and need not."""
_MADE = (
    "(owner) => owner || Array.from(crypto.getRandomValues(new Uint8Array(16)),"
    " (byte) => byte.toString(16).padStart(2, '0')).join('')"
)
"""Made up in the browser: a person may write before a server could have answered."""


_READS = "(language) => navigator.language.toLowerCase().startsWith('zh') ? 'zh' : language"


def browser_language(blocks: gr.Blocks, language: gr.Radio) -> None:
    """Choose Chinese where the browser is set to it, before anybody has chosen."""
    blocks.load(None, language, language, js=_READS, api_visibility="private")


def browser_owner(blocks: gr.Blocks) -> gr.BrowserState:
    """The state that holds the id, filled as soon as the page is there; made in the current context."""
    owner = gr.BrowserState("", storage_key=_KEY, secret=_KEY)
    blocks.load(None, owner, owner, js=_MADE, api_visibility="private")
    return owner

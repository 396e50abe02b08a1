"""Plain text, and the decoding that all text formats share."""

import codecs
from collections.abc import Iterator

from retrieval.documents import Document, Section, Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OLD_ENCODINGS = ["cp1252", "big5hkscs"]
"""Of English and Chinese, beside GB 18030; a wider choice takes Western text for Central European."""
_MAX_CHAOS = 0.2
"""charset-normalizer's share of signs that no one would write; beyond it a guess is not one."""


def read(content: bytes) -> Iterator[Document]:
    """The whole text as one section; its first line, if short, is the title."""
    text = decode(content)
    first = text.strip().split("\n", 1)[0].strip()
    yield Document(title=first if len(first) <= 120 else "", sections=(Section((), None, text),))


def decode(content: bytes, complete: bool = True) -> str:
    """Text with its line ends as \\n, from UTF-8, a byte order mark, or the likeliest encoding.

    complete: False for the beginning of a file, which may end within a character.
    Raises Unreadable for what is not text.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _lines(content.decode(encoding, errors="strict" if complete else "ignore"))
    if b"\0" in content:
        raise Unreadable("it is not text (it has zero bytes) and not a format that is read")
    try:
        return _lines(codecs.getincrementaldecoder("utf-8")().decode(content, final=complete))
    except UnicodeDecodeError:
        return _lines(_guess(content))


def _guess(content: bytes) -> str:
    """GB 18030 where it reads as Chinese, else what charset-normalizer finds likeliest of the others."""
    try:
        text = codecs.getincrementaldecoder("gb18030")().decode(content)
        if _mostly_chinese(text):
            return text
    except UnicodeDecodeError:
        pass
    from charset_normalizer import from_bytes

    best = from_bytes(content, cp_isolation=_OLD_ENCODINGS).best()
    if best is None or best.chaos > _MAX_CHAOS:
        raise Unreadable("its character encoding cannot be told; save it as UTF-8")
    return str(best)


def _mostly_chinese(text: str) -> bool:
    """Nine in ten of the signs beyond ASCII are everyday Chinese or its punctuation."""
    foreign = [sign for sign in text if sign > "\x7f"]
    common = sum(
        "\u4e00" <= sign <= "\u9fa5" or sign in "，。、；：？！“”‘’（）《》【】…—" for sign in foreign
    )
    return len(foreign) >= 8 and common >= 0.9 * len(foreign)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")

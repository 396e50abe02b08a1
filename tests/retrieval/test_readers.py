"""Real files of every kind, made here, and those that must be refused."""

import contextlib
import gzip
import io
import json
import random
import zipfile
from pathlib import Path

import docx
import pytest
from fpdf import FPDF

from retrieval.documents import Document, DocumentRefused, files_under, read


def one(path: Path) -> Document:
    (document,) = read(path)
    return document


def made(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def texts(document: Document) -> list[tuple[tuple[str, ...], str]]:
    return [(section.path, section.text.strip()) for section in document.sections]


def test_markdown(tmp_path: Path) -> None:
    source = (
        "---\ntitle: Croup\npublisher: Us\nlicence: CC0\ndate: 2024-05-01\nurl: https://a.b/c\n---\n"
        "# Croup\nA **barking** [cough](x).\n## Care\n```\n# not a heading\n```\n# End\nBye.\n"
    )
    document = one(made(tmp_path / "a.md", source))
    assert (document.title, document.publisher, document.licence) == ("Croup", "Us", "CC0")
    assert (document.date, document.url) == ("2024-05-01", "https://a.b/c")
    assert texts(document)[0] == (("Croup",), "A barking cough.")
    assert texts(document)[1][0] == ("Croup", "Care")
    assert "# not a heading" in texts(document)[1][1]
    assert texts(document)[2] == (("End",), "Bye.")


def test_html(tmp_path: Path) -> None:
    source = """<!doctype html><html><head><title>Asthma</title><link rel="canonical" href="https://x.org/asthma">
    <meta property="og:site_name" content="X Health"><meta name="date" content="2023-01-02"></head><body>
    <nav>Menu</nav><main><h1>Asthma</h1><p>A <b>long</b>-term
    illness.</p><h2>Treatment</h2><ul><li>Reliever</li><li>Preventer</li></ul><script>x()</script></main>
    <footer><a rel="license" href="u">CC BY 4.0</a></footer></body></html>"""
    document = one(made(tmp_path / "a.html", source))
    assert (document.title, document.publisher, document.date) == ("Asthma", "X Health", "2023-01-02")
    assert document.url == "https://x.org/asthma"
    assert texts(document) == [
        (("Asthma",), "A long-term illness."),
        (("Asthma", "Treatment"), "Reliever\nPreventer"),
    ]


def pdf_file(path: Path, pages: list[str], **options: str) -> Path:
    pdf = FPDF()
    pdf.set_title("Sepsis guide")
    pdf.set_author("A Hospital")
    for text in pages:
        pdf.add_page()
        pdf.set_font("Helvetica", size=12)
        for line in filter(None, text.split("\n")):
            if line.startswith("# "):
                pdf.start_section(line[2:])
            pdf.cell(text=line.removeprefix("# "), new_x="LMARGIN", new_y="NEXT")
    if "password" in options:
        pdf.set_encryption(owner_password="owner", user_password=options["password"])
    pdf.output(str(path))
    return path


def test_pdf_has_pages_and_sections_and_loses_running_lines(tmp_path: Path) -> None:
    pages = [
        f"Trust manual\n{body}\nPage {n} of 4"
        for n, body in enumerate(
            [
                "# Signs\nFever and fast breathing.",
                "Low blood pressure.",
                "# Care\nGive fluids.",
                "Call for help.",
            ],
            1,
        )
    ]
    document = one(pdf_file(tmp_path / "a.pdf", pages))
    assert (document.title, document.publisher) == ("Sepsis guide", "A Hospital")
    found = [(s.path, s.page, s.text.strip()) for s in document.sections]
    assert found == [
        (("Signs",), 1, "Fever and fast breathing."),
        (("Signs",), 2, "Low blood pressure."),
        (("Care",), 3, "Give fluids."),
        (("Care",), 4, "Call for help."),
    ]


def test_a_pdf_keeps_its_address_and_its_rights(tmp_path: Path) -> None:
    first = "Back pain\nwww.example.org/guides/7\n(c) Copyright A Hospital 2025. All rights reserved. (https://x.org/a)"
    pages = [
        f"{first}\nRest in bed is not advised.",
        "More of it at www.example.org.",
        "The end of the guide.",
    ]
    document = one(pdf_file(tmp_path / "a.pdf", pages))
    assert document.url == "https://www.example.org/guides/7"
    assert document.licence == "(c) Copyright A Hospital 2025. All rights reserved."
    plain = one(pdf_file(tmp_path / "b.pdf", ["Rest in bed is not advised, see www.example.org for why."]))
    assert (plain.url, plain.licence) == (None, None)


def test_docx(tmp_path: Path) -> None:
    word = docx.Document()
    word.core_properties.title = "Migraine"
    word.core_properties.author = "A Clinic"
    word.add_heading("Treatment", 1)
    word.add_paragraph("Rest in a dark room.")
    word.add_heading("Drugs", 2)
    table = word.add_table(1, 2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "triptan", "50 mg"
    word.save(str(tmp_path / "a.docx"))
    document = one(tmp_path / "a.docx")
    assert (document.title, document.publisher) == ("Migraine", "A Clinic")
    assert texts(document) == [
        (("Treatment",), "Rest in a dark room."),
        (("Treatment", "Drugs"), "triptan | 50 mg"),
    ]


def test_journal_xml(tmp_path: Path) -> None:
    source = """<?xml version="1.0"?><article><front>
    <journal-meta><journal-title>J Med</journal-title></journal-meta>
    <article-meta><article-title>On gout</article-title>
    <pub-date><day>3</day><month>7</month><year>2020</year></pub-date>
    <license><license-p>CC BY</license-p></license></article-meta></front>
    <body><sec><title>Methods</title><p>We <b>asked</b> them.</p>
    <sec><title>People</title><p>Ten men.</p></sec></sec></body></article>"""
    document = one(made(tmp_path / "a.xml", source))
    assert (document.title, document.publisher, document.licence) == ("On gout", "J Med", "CC BY")
    assert document.date == "2020-07-03"
    assert texts(document) == [(("Methods",), "We asked them."), (("Methods", "People"), "Ten men.")]


def test_jsonl_plain_and_gzipped(tmp_path: Path) -> None:
    records = [
        {"title": "A", "text": "Alpha.", "license": "CC0", "year": 2020, "source": "S"},
        {"focus": "B", "question": "What is B?", "answer": "Beta.", "url": "https://b"},
        {"title": "C", "sections": [{"heading": "X > Y", "paragraphs": ["One.", "Two."]}]},
        {"title": "D", "pages": ["First.", "Second."]},
        {"title": "E has no text"},
    ]
    lines = "\n".join(map(json.dumps, records)).encode()
    for path in (made(tmp_path / "a.jsonl", lines), made(tmp_path / "a.jsonl.gz", gzip.compress(lines))):
        a, b, c, d = read(path)
        assert (a.title, a.licence, a.date, a.publisher, a.sections[0].text) == (
            "A",
            "CC0",
            "2020",
            "S",
            "Alpha.",
        )
        assert (b.title, b.url, b.sections[0].path) == ("B", "https://b", ("What is B?",))
        assert c.sections[0].path == ("X", "Y")
        assert c.sections[0].text == "One.\n\nTwo."
        assert [section.page for section in d.sections] == [1, 2]
        assert len({x.id for x in (a, b, c, d)}) == 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_chinese_text_in_its_encodings(tmp_path: Path, encoding: str) -> None:
    text = "急性咽炎\n患者咽痛三天，伴发热，体温三十八度五，无咳嗽。\n"
    document = one(made(tmp_path / "a.txt", text.encode(encoding)))
    assert document.title == "急性咽炎"
    assert "伴发热" in document.sections[0].text


def test_western_text_in_an_old_encoding(tmp_path: Path) -> None:
    text = (
        "La fièvre élevée et la toux sèche évoquent une grippe. Le médecin a été prévenu après la journée. "
        * 5
    )
    assert "fièvre élevée" in one(made(tmp_path / "a.txt", text.encode("cp1252"))).sections[0].text


def test_content_decides_and_not_the_suffix(tmp_path: Path) -> None:
    assert one(pdf_file(tmp_path / "report.txt", ["# Signs\nFever and chills."])).sections[0].page == 1
    assert (
        one(made(tmp_path / "page.md", "<!DOCTYPE html><html><body><h1>T</h1><p>x</p></body></html>")).title
        == "T"
    )


def bomb(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


LAUGHS = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a><title>&c;</title></a>'
REFUSED = {
    "empty.txt": (b"", "no text"),
    "picture.pdf": (b"\x89PNG\r\n\x1a\n\0\0", "not text"),
    "prose.pdf": (b"just words", "not what its name says"),
    "broken.pdf": (b"%PDF-1.7\nnothing", "damaged PDF"),
    "bomb.docx": (bomb({"word/document.xml": b"\0" * 50_000_000}), "which no ordinary Word file does"),
    "broken.docx": (b"PK\x03\x04 not an archive", "damaged archive"),
    "wrong.docx": (bomb({"word/document.xml": b"<x/>"}), "damaged Word file"),
    "archive.zip": (bomb({"a.txt": b"a"}), "ZIP archive without a Word document"),
    "broken.xml": (b"<?xml version='1.0'?><a><b></a>", "not well-formed XML (line 1"),
    "laughs.xml": (LAUGHS.encode(), "declares entities"),
    "broken.jsonl": (b'{"text": "a"}\n{"text": \n', "line 2 is not JSON"),
    "list.jsonl": (b'{"text": "a"}\n[1]\n', "line 2 is a list"),
    "cut.jsonl.gz": (gzip.compress(b'{"text": "a"}' * 100)[:-12], "gzip packing is damaged"),
    "noise.txt": (bytes(range(128, 256)) * 8, "encoding cannot be told"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_a_sentence_that_names_the_file(tmp_path: Path, name: str) -> None:
    content, reason = REFUSED[name]
    with pytest.raises(DocumentRefused) as caught:
        list(read(made(tmp_path / name, content)))
    assert reason in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / name))
    assert str(caught.value).endswith(".")


def test_scanned_pdf_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentRefused, match="OCR"):
        list(read(pdf_file(tmp_path / "scan.pdf", ["", "", ""])))


def test_locked_pdf_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentRefused, match="locked with a password"):
        list(read(pdf_file(tmp_path / "locked.pdf", ["secret"], password="key")))


def test_huge_and_missing_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.documents.MAX_FILE_BYTES", 10)
    with pytest.raises(DocumentRefused, match="split it"):
        list(read(made(tmp_path / "a.txt", "more than ten bytes")))
    with pytest.raises(DocumentRefused, match="cannot be opened"):
        list(read(tmp_path / "none.txt"))


@pytest.mark.parametrize("kind", ["pdf", "docx", "xml"])
def test_damage_anywhere_is_read_or_refused(tmp_path: Path, kind: str) -> None:
    if kind == "pdf":
        content = pdf_file(tmp_path / "a.pdf", ["# Signs\nFever and chills.", "More of it."]).read_bytes()
    elif kind == "docx":
        docx.Document().save(str(tmp_path / "a.docx"))
        content = (tmp_path / "a.docx").read_bytes()
    else:
        content = b"<?xml version='1.0'?><a><title>T</title><p>Some text</p></a>"
    chance = random.Random(0)
    for _ in range(60):
        damaged = bytearray(content)
        for _ in range(chance.randint(1, 20)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        with contextlib.suppress(DocumentRefused):
            list(read(made(tmp_path / f"damaged.{kind}", bytes(damaged))))


def test_files_of_a_folder(tmp_path: Path) -> None:
    for name in ("b.md", "a/c.PDF", "x.png", ".hidden/d.md", "e.jsonl.gz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [p.relative_to(tmp_path).as_posix() for p in files_under(tmp_path)] == [
        "a/c.PDF",
        "b.md",
        "e.jsonl.gz",
    ]

"""The shared collections, as they are."""

from collections.abc import Callable
from pathlib import Path

from retrieval.documents import read
from retrieval.passages import split, stored_text

Find = Callable[[str], Path]


def test_guidelines_as_published(shared_data: Find) -> None:
    for path in sorted(shared_data("guidelines/pdf").glob("*.pdf")):
        (document,) = read(path)
        passages = list(split(document))
        assert document.publisher is not None
        assert "National Institute" in document.publisher
        assert document.url == f"https://www.nice.org.uk/guidance/{path.stem.lower()}"
        assert document.licence is not None
        assert document.licence.startswith("© NICE")
        assert {p.page for p in passages} >= set(range(5, 15))
        assert any("Recommendations" in p.section for p in passages)
        assert not any("All rights reserved. Subject to Notice" in p.text for p in passages[5:])


def test_openstax_modules(shared_data: Find) -> None:
    documents = list(read(shared_data("openstax/nursing_modules.jsonl.gz")))
    assert len(documents) == 481
    assert {document.licence for document in documents} == {"CC BY 4.0"}
    assert any(len(section.path) == 2 for document in documents for section in document.sections)


def test_medquad_answers(shared_data: Find) -> None:
    documents = list(read(shared_data("medquad/answers.jsonl.gz")))
    assert len(documents) == 16_407
    assert len({document.id for document in documents}) == 16_407
    assert all(document.url for document in documents)
    for document in documents[::500]:
        text = stored_text(document)
        assert all(text[p.start : p.end] == p.text for p in split(document))

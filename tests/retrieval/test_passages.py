import itertools

from hypothesis import given
from hypothesis import strategies as st

from retrieval.documents import Document, Section
from retrieval.passages import MAX_CHARACTERS, split, stored_text, windows
from retrieval.sentences import spans

prose = st.text(st.sampled_from("ab .!?\nA1。！，痛热"), max_size=3000)


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in spans(text)]


def test_english_sentences_end_at_full_stops_but_not_in_numbers_or_abbreviations() -> None:
    text = "Give 2.5 mg, e.g. Ventolin. Dr. Wu agrees! Is it safe? Yes."
    assert cut(text) == ["Give 2.5 mg, e.g. Ventolin.", "Dr. Wu agrees!", "Is it safe?", "Yes."]


def test_chinese_sentences_need_no_blank() -> None:
    assert cut("发热三天。咳嗽！“痛吗？”他问。") == ["发热三天。", "咳嗽！", "“痛吗？”", "他问。"]


def test_list_items_and_paragraphs_are_sentences() -> None:
    assert cut("Ask about:\n- fever\n- cough\n\nThen listen") == [
        "Ask about:",
        "- fever",
        "- cough",
        "Then listen",
    ]


@given(prose)
def test_passages_hold_every_word_and_keep_to_their_length(text: str) -> None:
    covered = [False] * len(text)
    for start, end in windows(text, 0, len(text)):
        assert 0 < end - start <= max(MAX_CHARACTERS.values())
        covered[start:end] = [True] * (end - start)
    assert all(seen or sign.isspace() for seen, sign in zip(covered, text, strict=True))


@given(prose)
def test_passages_move_forward(text: str) -> None:
    found = list(windows(text, 0, len(text)))
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in itertools.pairwise(found))


@given(
    st.lists(
        st.tuples(st.sampled_from([("A",), ("A", "B"), ()]), st.sampled_from([1, 2, None]), prose), max_size=6
    )
)
def test_offsets_point_at_the_stored_text(sections: list[tuple[tuple[str, ...], int | None, str]]) -> None:
    document = Document("T", tuple(Section(*section) for section in sections), id="d")
    text = stored_text(document)
    for passage in split(document):
        assert text[passage.start : passage.end] == passage.text
        assert any(s.path == passage.section and s.page == passage.page for s in document.sections)


def test_neighbours_overlap_by_whole_sentences() -> None:
    text = " ".join(f"Sentence number {n} says something short." for n in range(100))
    found = list(windows(text, 0, len(text)))
    assert len(found) > 3
    for (_, end), (start, _) in itertools.pairwise(found):
        assert start < end
        assert text[start:].startswith("Sentence")


def test_a_page_break_does_not_cut_a_sentence_and_a_heading_does() -> None:
    document = Document(
        "T",
        (
            Section(("Dose",), 1, "The dose is"),
            Section(("Dose",), 2, "five milligrams."),
            Section(("Harm",), 2, "Rash."),
        ),
        id="d",
    )
    found = [(p.page, p.section, " ".join(p.text.split())) for p in split(document)]
    assert found == [(1, ("Dose",), "The dose is five milligrams."), (2, ("Harm",), "Rash.")]

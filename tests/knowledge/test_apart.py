"""Chinese names in two parts."""

import pytest

from assistant.api import Assistant
from knowledge.apart import NamesApart

NAMES = [
    ("大便粘液", "finding:mucus"),
    ("乳房肿块", "finding:lump"),
    ("腰背疼", "finding:ache"),
    ("拉完不疼", "finding:eased"),
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("我有粘液大便三天", ("finding:mucus", "粘液大便")),
        ("右侧乳房外上可及一枚肿块", ("finding:lump", "乳房外上可及一枚肿块")),
        ("腰背阵阵疼", ("finding:ache", "腰背阵阵疼")),
        ("乳房胀，腋下肿块", None),
        ("乳房自查时在外侧偏上的地方摸到肿块", None),
        ("疼的是腰背", None),
    ],
)
def test_parts_are_found_in_one_clause_and_near_each_other(text: str, found: tuple[str, str] | None) -> None:
    seen = [(parts.refs[0], text[parts.start : parts.end]) for parts in NamesApart(NAMES).find(text, [])]
    assert seen == ([found] if found else [])


def test_what_is_taken_is_left_alone() -> None:
    assert not list(NamesApart(NAMES).find("粘液大便", [(0, 2)]))


def test_a_name_that_denies_says_so() -> None:
    assert [parts.denies for parts in NamesApart(NAMES).find("拉完以后不疼", [])] == [True]


def test_a_denial_between_the_parts_counts_and_now_and_then_is_none(graph_only: Assistant) -> None:
    session = graph_only.start()
    session.say("女，40岁，乳房未及肿块，骨头时不时酸痛。")
    assert session.case.state("finding:breast_lump") == "absent"
    assert session.case.state("finding:bone_pain") == "present"

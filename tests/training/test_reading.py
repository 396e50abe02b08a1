"""How well findings are read, counted: stated and read, stated and missed, read beside, denied or not."""

from assistant.api import Assistant
from assistant.events import Observation
from assistant.training.bank import BankCase
from assistant.training.reading import measure

TEXT = "I cough and wheeze. My ribs hurt like fire. I have no fever."


def case(**states: str) -> BankCase:
    return BankCase(
        id="a-01", part="test", text=TEXT, language="en", register="patient", age=38, sex="female",
        findings=tuple(states.items()), diagnosis="pneumonia", differential=(),
    )  # fmt: skip


def test_what_is_missed_and_what_is_read_beside_counts(in_world: Assistant) -> None:
    told = case(cough="present", chest_pain="present", fever="absent")  # and of the wheeze it says nothing
    tally = measure(in_world.base, None, [told])["en"]
    assert (tally.stated, tally.read, tally.beside) == (3, 2, 1)
    assert (tally.denials, tally.denials_right) == (1, 1)
    assert tally.measures["f1"] == round(2 / 3, 4)


def test_one_more_reader_counts_where_we_found_nothing(in_world: Assistant) -> None:
    told = case(cough="present", chest_pain="present", fever="absent", wheeze="present")
    new = Observation(ref="finding:chest_pain", state="present", manner="model")
    otherwise = Observation(ref="finding:fever", state="present", manner="model")
    with_it = measure(in_world.base, None, [told], lambda _: (new, otherwise))["all"]
    assert measure(in_world.base, None, [told])["all"].measures["recall"] == 0.75
    assert with_it.measures == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "negation_accuracy": 1.0}

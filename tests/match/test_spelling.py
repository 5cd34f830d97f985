import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.match.heads import one_slip
from admatch.match.spelling import SHORTEST, Spelling

TITLES = ["Green Asparagus Spears", "Garlic Bulbs", "Sweet Melon", "Screen Protector", "Sun Melons"]


@pytest.fixture
def spelling():
    return Spelling(TITLES, {"press", "bulb", "knit"}.__contains__)


@pytest.mark.parametrize(
    ("term", "corrected"),
    [
        ("green asaragus", "green asparagus"),
        ("white grlic, fresh", "white garlic, fresh"),
        ("melno", "melon"),  # two letters swapped
        ("mlon", "mlon"),  # four letters
        ("gralci", "gralci"),  # two slips
        ("projector", "projector"),  # a word, though one slip from "protector"
        ("bulbs garlicy", "bulbs garlicy"),  # known words and what they end in
        ("melon 12345 spears", "melon 12345 spears"),
    ],
)
def test_only_what_nobody_knows_is_corrected(spelling, term, corrected):
    assert spelling.corrected(term) == corrected


@given(st.text("abcdeilmnorst ", max_size=25))
def test_a_corrected_word_is_one_slip_from_what_stood_there(term):
    spelling = Spelling(TITLES, lambda word: False)
    before, after = term.split(), spelling.corrected(term).split()
    assert len(before) == len(after)
    for one, other in zip(before, after, strict=True):
        assert one == other or (len(one) >= SHORTEST and one_slip(one, other))
        assert one == other or other in " ".join(TITLES).lower().split()
    assert spelling.corrected(" ".join(after)) == " ".join(after)

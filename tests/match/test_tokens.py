import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.match.tokens import pairs, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tomatoes, potatoes & mangoes", ["tomato", "potato", "mango"]),
        ("cherries berries", ["cherry", "berry"]),
        ("watches brushes boxes", ["watch", "brush", "box"]),
        ("shoes horseshoes canoes toes", ["shoe", "horseshoe", "canoe", "toe"]),
        ("hoses dress gas bus", ["hose", "dress", "gas", "bus"]),
        ("bougies housses", ["bougie", "housse"]),
        ("カメラ", ["カメ", "メラ"]),
    ],
)
def test_a_plural_is_the_word_of_its_singular(text, expected):
    assert words(text) == expected


@given(st.text("abcehiorstxy ", max_size=30))
def test_a_word_stays_what_it_became(text):
    once = " ".join(words(text))
    assert len(words(once)) == len(words(text))
    assert pairs(text) == [f"{a} {b}" for a, b in zip(words(text), words(text)[1:], strict=False)]

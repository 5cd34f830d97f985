import itertools

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.decisions.misspellings import _distance, misspelt_names

BRANDS = pl.Series(["Brightwell", "Oxo", "Garden Home"])
NAMES = pl.Series(
    [
        "Brightwell Colander",
        "Brightwell Bamboo Cutting Board",
        "Brightwell Knife Sharpener",
        "Brightwell Garlic Press",
        "Brightwell Steel Mixing Bowls",
        "Brightwell Balloon Whisk",
        "Garden Home Hand Dryer",
    ]
)


def meant(*terms: str) -> list[str | None]:
    return misspelt_names(pl.Series(terms), BRANDS, NAMES).to_list()


@pytest.mark.parametrize(
    "term", ["brigthwell kitchen", "bright well pan", "brightwel", "gardenhome"]
)
def test_a_brand_is_known_with_a_slip(term):
    assert meant(term) == ["brand"]


@pytest.mark.parametrize(
    "term",
    [
        *("colnader", "bamboo cutting bord", "knife sharpner"),
        *("garlicpress", "mixingbowls", "garlik pres"),
    ],
)
def test_a_product_is_known_with_slips(term):
    assert meant(term) == ["own product"]


@pytest.mark.parametrize(
    "term",
    [
        *("calendar 2026", "whiskey glasses", "whisky", "dress", "beard", "leg press"),
        *("garden hose", "hair dryer", "oxa", "steel", "colanders", "garlic", "cider press"),
    ],
)
def test_another_word_is_no_slip(term):
    assert meant(term) == [None]


letters = st.text("abc", max_size=5)


@given(letters, letters)
def test_the_distance_is_the_least_number_of_slips(one, other):
    assert _distance(one, other) == _slow(one, other)


@given(letters, letters, st.integers(0, 2))
def test_a_distance_beyond_the_most_is_known_as_such(one, other, most):
    assert _distance(one, other, most) == min(_slow(one, other), most + 1)


def _slow(one: str, other: str) -> int:
    """Slips one after the other, each letter at most once (optimal string alignment)."""
    if not one or not other:
        return len(one) + len(other)
    ways = [_slow(one[1:], other) + 1, _slow(one, other[1:]) + 1]
    ways.append(_slow(one[1:], other[1:]) + (one[0] != other[0]))
    if len(one) > 1 and len(other) > 1 and one[:2] == other[1::-1]:
        ways.append(_slow(one[2:], other[2:]) + 1)
    return min(ways)


def test_many_terms_take_no_time():
    words = ["".join(one) for one in itertools.product("abcdefgh", repeat=3)]
    terms = pl.Series([f"{a}x {b}y" for a, b in itertools.pairwise(words)])
    assert misspelt_names(terms, BRANDS, NAMES).null_count() == len(terms)

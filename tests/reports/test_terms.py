import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.reports.records import TermKind
from admatch.reports.terms import classify_terms


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("desk lamp", TermKind.KEYWORD),
        ("b0c", TermKind.KEYWORD),
        ("b0 lamp bulb", TermKind.KEYWORD),
        ("b00ipgvvz4", TermKind.ASIN),
        ("B07QM5KGDK", TermKind.ASIN),
        ('asin="B07QM5KGDK"', TermKind.ASIN),
        ('asin-expanded="B07QM5KGDK"', TermKind.ASIN),
        ("0306406152", TermKind.ASIN),  # valid ISBN-10
        ("080442957X", TermKind.ASIN),
        ("080442957x", TermKind.ASIN),
        ("0306406153", TermKind.KEYWORD),  # wrong check digit
        ("1234567", TermKind.KEYWORD),
        ("*", TermKind.STAR),
        ('category="Lamps" price<49.99 rating>3', TermKind.CATEGORY),
        ('brand="Acme"', TermKind.CATEGORY),
        ("category of lamps", TermKind.KEYWORD),
        ("=1+1", TermKind.KEYWORD),
        ("<b>ignore all instructions</b>", TermKind.KEYWORD),
        ("", TermKind.EMPTY),
        ("  ", TermKind.EMPTY),
        (None, TermKind.EMPTY),
    ],
)
def test_kinds(cell, kind):
    assert classify_terms(pl.Series([cell], dtype=pl.String)).to_list() == [kind]


def test_numbers_may_be_items():
    terms = pl.Series(["553218467", "42", "lamp 42"])
    assert classify_terms(terms, numbers_are_items=True).to_list() == ["asin", "keyword", "keyword"]


@given(st.from_regex(r"\A[0-9]{9}\Z"))
def test_ten_digits_are_an_asin_only_with_their_check_digit(nine):
    total = sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True))
    right = (11 - total % 11) % 11
    terms = [nine + ("X" if check == 10 else str(check)) for check in range(11)]
    kinds = classify_terms(pl.Series(terms)).to_list()
    assert [kind == "asin" for kind in kinds] == [check == right for check in range(11)]

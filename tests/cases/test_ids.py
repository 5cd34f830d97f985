"""Long IDs that spreadsheets rounded, grouped or wrote as powers of ten."""

from pathlib import Path

import polars as pl
import pytest

from admatch.reports.identifiers import clean_ids
from admatch.reports.reader import read_report
from tests.cases.files import HEADER, row, sentences

TRUE = ["796266012325737789", "171234567890123457", "969659611338993781"]


def cleaned(*cells):
    ids, problems = clean_ids(
        Path("a.csv"), {"campaign_id": pl.Series(cells)}, pl.Series(range(2, 2 + len(cells)))
    )
    return ids["campaign_id"].to_list(), problems


def rounded(one, length=15):
    """Return an ID as Google Sheets shows it: its first digits, and zeros."""
    return str(round(int(one), length - len(one)))


@pytest.mark.parametrize("damage", [rounded, lambda one: str(int(float(rounded(one))))])
def test_ids_rounded_to_15_digits_are_left_out(damage):
    cells = [damage(one) for one in TRUE]
    ids, (problem,) = cleaned(*cells)
    assert ids == [None, None, None]
    assert "3 IDs have lost digits" in str(problem)
    assert cells[0] in str(problem)


@pytest.mark.parametrize("cell", ["7.96266012325738E+17", "7,96266E+17", "7.97e17", "7٫96266E+17"])
def test_powers_of_ten_are_left_out(cell):
    assert cleaned(cell)[0] == [None]


@pytest.mark.parametrize(
    "cell",
    [
        "796,266,012,325,737", "796.266.012.325.737", "796 266 012 325 737",
        "\u200f٧٩٦٢٦٦٠١٢٣٢٥٧٣٧",
        "796\u202f266\u202f012\u202f325\u202f737", "79,62,66,01,23,25,737", "'796266012325737",
        '="796266012325737"', "796266012325737.0", "796’266’012’325’737",
    ],
)  # fmt: skip
def test_what_is_between_the_digits_goes(cell):
    digits = "796266012325737"
    assert cleaned(cell)[0] == [
        digits[: len("".join(filter(str.isdigit, cell.removesuffix(".0"))))]
    ]


def test_one_id_that_ends_in_zeros_among_others_is_honest():
    cells = ["171234567890123000", *(f"17123456789{number}" for number in range(1234567, 1234667))]
    assert cleaned(*cells)[0] == cells


def test_short_ids_may_end_in_zeros():
    assert cleaned("1000", "796266012325000", "12000")[0] == ["1000", "796266012325000", "12000"]


def test_a_report_with_rounded_ids_keeps_its_figures(write):
    header = [*HEADER, "Campaign ID", "Ad Group ID"]
    lines = [[*row(f"lamp {one}"), rounded(one), one] for one in TRUE]
    report = read_report(write("a.csv", header, *lines))
    assert report.frame["spend"].sum() == 15.0
    assert report.frame["campaign_id"].null_count() == 3
    assert report.frame["ad_group_id"].to_list() == TRUE
    assert "column 'campaign_id': 3 IDs have lost digits" in sentences(report)


def test_a_report_of_one_row_says_that_its_ids_lost_digits(write):
    header = [*HEADER, "Campaign ID", "Ad Group ID"]
    line = [*row("lamp"), rounded(TRUE[0]), rounded(TRUE[1])]
    report = read_report(write("a.csv", header, line))
    assert report.frame["campaign_id"].to_list() == [None]
    assert "column 'campaign_id': 1 ID has lost digits" in sentences(report)
    assert "column 'ad_group_id': 1 ID has lost digits" in sentences(report)

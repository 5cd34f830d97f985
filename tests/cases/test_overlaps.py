"""Rows that count the same clicks: pasted twice, or of downloads over periods that overlap."""

import random

import pytest

from admatch.errors import InputError
from admatch.reports.reader import read_report
from tests.cases.files import HEADER, row, sentences, with_cells
from tests.cases.test_totals import terms


def spend(report):
    return round(report.frame["spend"].sum(), 2)


def of_period(lines, start, end, factor=1.0):
    return [
        with_cells(one, Start_Date=start, End_Date=end, Spend=f"{float(one[11]) * factor:.2f}")
        for one in lines
    ]


def test_a_longer_download_counts_what_a_shorter_one_does(write):
    short = row("lamp", Start_Date="2025-05-01", End_Date="2025-05-30", Spend="10.00")
    long = row("lamp", Start_Date="2025-05-01", End_Date="2025-05-31", Spend="11.00")
    for lines in ([short, long], [long, short]):
        report = read_report(write("a.csv", HEADER, *lines))
        assert spend(report) == 11.0
        assert report.repeated["spend"].to_list() == [10.0]
        assert "1 row was left out so that nothing is counted twice" in sentences(report)


@pytest.mark.parametrize("order", ["pasted", "sorted", "shuffled"])
@pytest.mark.parametrize("header_again", [False, True])
def test_two_downloads_in_one_table(write, order, header_again):
    lines = terms(12)
    short = of_period(lines[:9], "2025-05-01", "2025-05-30")
    long = of_period(lines, "2025-05-01", "2025-05-31", 1.1)
    both = [*short, *([HEADER] if header_again else []), *long]
    if order == "sorted":
        both.sort(key=lambda one: one[8])
    if order == "shuffled":
        random.Random(3).shuffle(both)
    report = read_report(write("a.csv", HEADER, *both))
    assert spend(report) == round(sum(float(one[11]) for one in long), 2)
    assert report.repeated.height == 9


def test_rows_of_days_and_their_sum(write):
    small = {"Spend": "1.00", "Clicks": "2", "Impressions": "9", "7_Day_Total_Sales_": "0"}
    days = [
        row("lamp", Start_Date=f"2025-05-0{at}", End_Date=f"2025-05-0{at}", **small)
        for at in range(1, 8)
    ]
    whole = row("lamp", Start_Date="2025-05-01", End_Date="2025-05-07", Spend="7.00", Clicks="14")
    assert spend(read_report(write("a.csv", HEADER, *days, whole))) == 7.0


def test_downloads_that_overlap_in_part_are_refused(write):
    lines = terms(4)
    first = of_period(lines, "2025-05-01", "2025-05-20")
    second = of_period(lines, "2025-05-10", "2025-05-31")
    with pytest.raises(InputError, match=r"rows 2 and 6 .* overlap in part"):
        read_report(write("a.csv", HEADER, *first, *second))


@pytest.mark.parametrize("order", ["pasted", "sorted"])
def test_a_table_that_was_pasted_twice(write, order):
    lines = terms(7)
    both = lines * 2 if order == "pasted" else sorted(lines * 2)
    report = read_report(write("a.csv", HEADER, *both))
    assert spend(report) == round(sum(float(one[11]) for one in lines), 2)
    assert "equal to earlier rows" in sentences(report)
    assert "they were kept" not in sentences(report)


def test_the_first_rows_pasted_again_below(write):
    lines = terms(20)
    report = read_report(write("a.csv", HEADER, *lines, *lines[:6]))
    assert spend(report) == round(sum(float(one[11]) for one in lines), 2)


def test_rows_without_a_target_that_lie_within_another_are_of_two_targets(write):
    header = [name for name in HEADER if name != "Targeting"]
    lines = [
        row("lamp", Start_Date="2025-05-01", End_Date="2025-05-30"),
        row("lamp", Start_Date="2025-05-09", End_Date="2025-05-28", Spend="4.00"),
        row("desk lamp", Start_Date="2025-05-03", End_Date="2025-05-04"),
    ]
    cells = [[cell for name, cell in zip(HEADER, one, strict=True) if name != "Targeting"]
             for one in lines]  # fmt: skip
    assert spend(read_report(write("a.csv", header, *cells))) == 14.0


def test_rows_that_a_source_splits_are_added_up(write):
    lines = [row("lamp"), row("lamp", Clicks="7", Spend="3.50"), row("lamp"), row("lamp")]
    assert spend(read_report(write("a.csv", HEADER, *lines, row("desk lamp")))) == 23.5


def test_months_are_not_overlaps(write):
    lines = terms(5)
    may = of_period(lines, "2025-05-01", "2025-05-31")
    june = of_period(lines, "2025-06-01", "2025-06-30")
    report = read_report(write("a.csv", HEADER, *may, *june))
    assert len(report) == 10

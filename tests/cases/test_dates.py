"""Dates of other languages, scripts, calendars and programs."""

from datetime import date

import polars as pl
import pytest

from admatch.errors import InputError
from admatch.reports.reader import read_report
from admatch.reports.records import Granularity
from admatch.tables.dates import DayOrder, find_order, parse_dates
from tests.cases.files import HEADER, row

FIRST = date(2025, 5, 1)


@pytest.mark.parametrize(
    "cell",
    [
        "1 maj 2025", "1 Mayıs 2025", "Thu, May 1, 2025", "jeudi 1 mai 2025", "1 мая 2025 г.",
        "Donnerstag, 1. Mai 2025", "2025年5月1日(木)", "2025年5月1日 木曜日", "2025. 05. 01.",
        "1. 5. 2025", "١ مايو ٢٠٢٥", "\u200f٠١/٠٥/٢٠٢٥\u200f", "01/05/2568", "1 พ.ค. 2568",
        "1746057600", "1746057600000", "2025. május 1.", "1 tháng 5, 2025", "1 Μαΐου 2025",
        "1 במאי 2025", "1 toukokuuta 2025", "1. květen 2025", "1 मई 2025",
        "1º de mayo de 2025", "1º de maio de 2025", "01/mai./2025", "01/mai/2025", "May-01-2025",
        "torsdag den 1. maj 2025", "令和7年5月1日", "R7.5.1", "1-May-25",
    ],
)  # fmt: skip
def test_dates_of_other_languages(cell):
    found = parse_dates(pl.Series([cell]), DayOrder.DAY_FIRST)
    assert (found.start[0], found.bad[0]) == (FIRST, False)


@pytest.mark.parametrize(
    ("cell", "month"),
    [("1 listopada 2025", 11), ("1. listopada 2025.", 10), ("1 lip 2025", 7), ("1 srpnja 2025", 7)],
)
def test_a_name_that_two_languages_share_is_decided_by_the_full_stop(cell, month):
    assert parse_dates(pl.Series([cell])).start[0] == date(2025, month, 1)


def test_a_name_that_nothing_decides_is_no_date():
    assert parse_dates(pl.Series(["1. lis 2025", "1 srp 2025"])).bad.to_list() == [True, True]


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["25-05-01", "25-05-30"], DayOrder.YEAR_FIRST),
        (["25/05/01", "25/05/31", "25/06/01"], DayOrder.YEAR_FIRST),
        (["25.05.01 - 25.05.30"], DayOrder.YEAR_FIRST),
        (["25-05-07"], DayOrder.YEAR_FIRST),
        (["13-05-25", "25-05-25"], DayOrder.DAY_FIRST),
        (["25-05-24", "26-05-24"], DayOrder.DAY_FIRST),
        (["05/01/25", "05/30/25"], DayOrder.MONTH_FIRST),
        (["25-05-25"], DayOrder.DAY_FIRST),
    ],
)
def test_years_of_two_digits(cells, order):
    assert find_order([pl.Series(cells)], where="a.csv") is order


def test_a_year_or_a_day_of_two_digits_that_nothing_decides():
    with pytest.raises(InputError, match="25-05-12"):
        find_order([pl.Series(["25-05-12"])], where="a.csv")


def test_days_behind_years_of_two_digits():
    found = parse_dates(pl.Series(["25-05-01"]), DayOrder.YEAR_FIRST)
    assert found.start[0] == FIRST


def test_a_month_that_is_called_like_a_weekday():
    assert parse_dates(pl.Series(["Mar 1, 2025", "mar. 1 mai 2025"])).start.to_list() == [
        date(2025, 3, 1),
        date(2025, 5, 1),
    ]


@pytest.mark.parametrize("cells", [("1 maj 2025", "30 maj 2025"), ("١ مايو ٢٠٢٥", "٣٠ مايو ٢٠٢٥")])
def test_a_report_with_such_dates(write, cells):
    first, last = cells
    report = read_report(write("a.csv", HEADER, row("desk lamp", Start_Date=first, End_Date=last)))
    assert (len(report), report.period) == (1, (FIRST, date(2025, 5, 30)))


@pytest.mark.parametrize(("last", "is_daily"), [("2025-05-02", True), ("2025-05-03", False)])
def test_rows_that_start_and_end_on_one_day_are_days(write, last, is_daily):
    first = row("desk lamp", Start_Date="2025-05-01", End_Date="2025-05-01")
    second = row("desk lamp", Start_Date="2025-05-02", End_Date=last)
    report = read_report(write("a.csv", HEADER, first, second))
    assert (report.granularity is Granularity.DAILY) is is_daily

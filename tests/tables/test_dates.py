from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.errors import InputError
from admatch.tables.dates import DayOrder, find_order, parse_dates


def _cells(*cells):
    return pl.Series("cells", cells, pl.String)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2025-03-15", date(2025, 3, 15)),
        ("2025-03-15 00:00:00", date(2025, 3, 15)),
        ("2025-03-15T00:00:00Z", date(2025, 3, 15)),
        ("2025/04/06", date(2025, 4, 6)),
        ("20260109", date(2026, 1, 9)),
        ("45731", date(2025, 3, 15)),
        ("May 29, 2021", date(2021, 5, 29)),
        ("16.03.2025", date(2025, 3, 16)),
        ("3. März 2025", date(2025, 3, 3)),
        ("2025年6月2日", date(2025, 6, 2)),
        ("２０２５年６月２日", date(2025, 6, 2)),
        ("ago 20, 2026", date(2026, 8, 20)),
        ("2 de junio de 2025", date(2025, 6, 2)),
        ("1er août 2024", date(2024, 8, 1)),
        ("12 févr. 2024", date(2024, 2, 12)),
        ("5 giu 2024", date(2024, 6, 5)),
        ("10 de out. de 2024", date(2024, 10, 10)),
        ("15-Mar-25", date(2025, 3, 15)),
    ],
)
def test_single_days(cell, day):
    dates = parse_dates(_cells(cell))
    assert (dates.start[0], dates.end[0], dates.bad[0]) == (day, day, False)


@pytest.mark.parametrize(
    "cell",
    [
        "Jun 01, 2026 - Jun 30, 2026",
        "01.06.2026 - 30.06.2026",
        "01.06.2026-30.06.2026",
        "2026-06-01 to 2026-06-30",
        "1. Juni 2026 bis 30. Juni 2026",
        "2026年6月1日～2026年6月30日",
        "06/01/2026 - 06/30/2026",
    ],
)
def test_periods(cell):
    dates = parse_dates(_cells(cell), DayOrder.MONTH_FIRST)
    assert (dates.start[0], dates.end[0]) == (date(2026, 6, 1), date(2026, 6, 30))


@pytest.mark.parametrize(
    "cell",
    ["x", "31.02.2025", "2025-13-01", "01/02/2025", "lamp 3, 2025", "01.01.1900", "9999-12-31",
     "1989-12-31", "Jan 1, 2101"],
)  # fmt: skip
def test_other_cells_are_bad(cell):
    assert parse_dates(_cells(cell, None, "-")).bad.to_list() == [True, False, False]


def test_order_of_day_and_month_is_decided_by_other_rows():
    assert find_order([_cells("01/02/2025", "13/02/2025")], where="f") is DayOrder.DAY_FIRST
    assert (
        find_order([_cells("01/02/2025"), _cells("01/20/2025")], where="f") is DayOrder.MONTH_FIRST
    )
    assert find_order([_cells("02/02/2025", "Mar 3, 2025", "2025-01-02")], where="f") is None
    with pytest.raises(InputError, match=r"f\.csv, column 'Date': '01/02/2025' may be"):
        find_order([_cells("01/02/2025")], where="f.csv, column 'Date'")
    with pytest.raises(InputError, match="cannot both be dates"):
        find_order([_cells("13/02/2025", "02/13/2025")], where="f")


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.sampled_from(["%m/%d/%Y", "%d/%m/%Y"]))
def test_slashed_dates_are_read_back(day, form):
    order = DayOrder.MONTH_FIRST if form.startswith("%m") else DayOrder.DAY_FIRST
    assert parse_dates(_cells(day.strftime(form)), order).start[0] == day


@given(st.lists(st.text(max_size=20)))
def test_no_text_breaks_the_parser(texts):
    dates = parse_dates(_cells(*texts), DayOrder.DAY_FIRST)
    assert len(dates.start) == len(dates.bad) == len(texts)


@pytest.mark.parametrize(
    "cell", ["1900-01-00", "1900-01-01", "31.12.9999", "9999-12-31", "0001-01-01"]
)
def test_what_stands_for_no_date_is_none(cell):
    dates = parse_dates(_cells(cell, "2025-03-15"), DayOrder.DAY_FIRST)
    assert dates.bad.to_list() == [True, False]

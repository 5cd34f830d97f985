from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.errors import InputError
from admatch.reports.combine import combine
from admatch.reports.reader import read_report
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport
from tests.reports.conftest import SP_HEADERS, sp_row

DAILY = ["Date", *SP_HEADERS[2:]]


def _summary(write, name, start, end, **changed):
    row = sp_row(**{"Start Date": start, "End Date": end, **changed})
    return write(name, [SP_HEADERS, row])


def _daily(write, name, days, **changed):
    rows = [[day, *sp_row(**changed)[2:]] for day in days]
    return write(name, [DAILY, *rows])


def _sentences(report):
    return " ".join(str(problem) for problem in report.problems)


def _balances(report):
    """Check that what the files hold is what is kept and what is repeated."""
    kept = report.ledger.filter(pl.col("fate") == "kept")
    for name in ("clicks", "spend"):
        assert kept[name].sum() == pytest.approx(report.totals[name].sum())
    return report.ledger.select("file", "fate", "rows").rows()


def test_periods_that_follow_one_another_add_up(write):
    paths = [
        _summary(write, "a.csv", "2025-03-01", "2025-03-07"),
        _summary(write, "b.csv", "2025-03-08", "2025-03-14"),
    ]
    report = read_report(paths)
    assert report.totals.select("clicks", "spend").rows() == [(20, 10.0)]
    assert report.period == (date(2025, 3, 1), date(2025, 3, 14))
    assert report.repeated.height == 0
    assert _balances(report) == [("a.csv", "kept", 1), ("b.csv", "kept", 1)]


def test_same_file_twice_counts_once(write):
    path = _summary(write, "a.csv", "2025-03-01", "2025-03-07")
    copy = write("copy/a.csv", path.read_bytes())
    for second in (path, copy):
        report = read_report([path, second])
        assert report.totals["clicks"].to_list() == [10]
        assert "1 row was left out" in _sentences(report)
        assert _balances(report) == [("a.csv", "kept", 1), ("a.csv", "repeated", 1)]


def test_csv_and_workbook_of_the_same_report_count_once(write):
    row = sp_row(**{"Spend": 5.004, "7 Day Total Sales ": 20.0, "Impressions": 100, "Clicks": 10})
    paths = [
        _summary(write, "a.csv", "Mar 01, 2025", "Mar 05, 2025"),
        write("a.xlsx", [SP_HEADERS, row]),
    ]
    report = read_report(paths)
    assert report.totals.select("clicks", "spend").rows() == [(10, 5.0)]


def test_shorter_period_gives_way_to_the_longer_that_holds_it(write):
    longer = _summary(write, "long.csv", "2025-03-01", "2025-03-31", Clicks="50")
    shorter = _summary(write, "short.csv", "2025-03-08", "2025-03-14")
    for paths in ([longer, shorter], [shorter, longer]):
        report = read_report(paths)
        assert report.totals["clicks"].to_list() == [50]
        assert "lies within that of long.csv" in _sentences(report)
        _balances(report)


def test_overlap_in_part_is_refused(write):
    paths = [
        _summary(write, "a.csv", "2025-03-01", "2025-03-10"),
        _summary(write, "b.csv", "2025-03-08", "2025-03-14"),
    ]
    with pytest.raises(InputError, match=r"overlap in part and share campaigns"):
        read_report(paths)


def test_other_campaigns_and_other_currencies_do_not_meet(write):
    paths = [
        _summary(write, "a.csv", "2025-03-01", "2025-03-10"),
        _summary(write, "b.csv", "2025-03-08", "2025-03-14", **{"Campaign Name": "Other"}),
        _summary(write, "c.csv", "2025-03-08", "2025-03-14", Currency="CAD"),
    ]
    report = read_report(paths)
    assert report.totals.select("currency", "clicks").rows() == [("CAD", 10), ("USD", 20)]


def test_daily_and_summary_of_the_same_days_count_once(write):
    days = [f"2025-03-0{day}" for day in range(1, 6)]
    daily = _daily(write, "daily.csv", days, Clicks="2")
    summary = _summary(write, "sum.csv", "2025-03-01", "2025-03-05")
    for paths in ([daily, summary], [summary, daily]):
        report = read_report(paths)
        assert report.totals["clicks"].to_list() == [10]
        assert report.frame["file"].unique().to_list() == ["daily.csv"]
        _balances(report)


def test_daily_reports_that_overlap_give_each_day_once_from_the_newer(write):
    older = _daily(write, "old.csv", ["2025-03-01", "2025-03-02"], Clicks="10")
    newer = _daily(write, "new.csv", ["2025-03-02", "2025-03-03"], Clicks="11")
    for paths in ([older, newer], [newer, older]):
        report = read_report(paths)
        assert report.granularity is Granularity.DAILY
        assert report.totals["clicks"].to_list() == [32]
        assert sorted(_balances(report)) == [
            ("new.csv", "kept", 2), ("old.csv", "kept", 1), ("old.csv", "repeated", 1),
        ]  # fmt: skip


def test_equal_days_are_kept_once_and_different_ones_of_equal_age_refused(write):
    days = ["2025-03-01", "2025-03-02"]
    first = _daily(write, "a.csv", days)
    part = _daily(write, "b.csv", days[1:])
    assert read_report([first, part]).totals["clicks"].to_list() == [20]
    other = _daily(write, "c.csv", days[1:], Clicks="12")
    with pytest.raises(InputError, match="different figures for the same days"):
        read_report([first, other])


def test_different_windows_are_refused_on_the_same_days_and_reported_on_others(write):
    vendor = [header.replace("7 Day", "14 Day") for header in SP_HEADERS]
    seven = _summary(write, "seven.csv", "2025-03-01", "2025-03-07")
    row = sp_row(**{"Start Date": "2025-03-01", "End Date": "2025-03-07", "Spend": "$6.00"})
    same = write("fourteen.csv", [vendor, row])
    with pytest.raises(InputError, match=r"7 days after a click and fourteen\.csv for 14"):
        read_report([seven, same])
    row = sp_row(**{"Start Date": "2025-04-01", "End Date": "2025-04-07"})
    later = write("later.csv", [vendor, row])
    report = read_report([seven, later])
    assert report.window_days is None
    assert "different attribution windows" in _sentences(report)


def test_unknown_periods_are_refused_unless_the_rows_are_equal(write):
    headers = ["Campaign Name", "Customer Search Term", "Currency", "Clicks", "Spend"]
    one = write("a.csv", [headers, ["C", "lamp", "USD", "1", "0.50"]])
    same = write("b.csv", [headers, ["C", "lamp", "USD", "1", "0.50"]])
    other = write("c.csv", [headers, ["C", "lamp", "USD", "2", "0.50"]])
    assert read_report([one, same]).totals["clicks"].to_list() == [1]
    with pytest.raises(InputError, match=r"the period of a\.csv is not known"):
        read_report([one, other])


def test_no_file_is_refused():
    with pytest.raises(InputError, match="no report was named"):
        read_report([])


def _part(name, days):
    """Return a daily report with one row a day of 2025-01, that has as many clicks as the day."""
    rows = [
        {
            "file": name, "row": at, "start_date": date(2025, 1, day),
            "end_date": date(2025, 1, day), "currency": "USD", "campaign": "C", "ad_group": "G",
            "search_term": "lamp", "term_kind": "keyword", "impressions": 100, "clicks": day,
            "spend": day / 10, "sales": 0.0, "orders": 0, "units": 0,
        }
        for at, day in enumerate(sorted(days), start=2)
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=REPORT_SCHEMA)
    return SearchTermReport(frame, (), Granularity.DAILY, 7)


@given(st.lists(st.sets(st.integers(1, 28), min_size=1), min_size=1, max_size=5))
def test_daily_files_in_any_overlap_count_each_day_once(files):
    from pathlib import Path

    parts = [_part(f"{at}.csv", days) for at, days in enumerate(files)]
    parts = [
        SearchTermReport(one.frame, (Path(f"{at}.csv"),), one.granularity, 7)
        for at, one in enumerate(parts)
    ]
    report = combine(parts)
    assert report.totals["clicks"].to_list() == [sum(set().union(*files))]
    assert report.ledger["rows"].sum() == sum(map(len, files))

"""Facts by day: whatever the order in which files come, each day is counted once."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.errors import InputError
from admatch.jobs.store.facts import add_report, facts_until, files_of, known_files, state_of
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport
from admatch.store.workspace import Workspace

DAY = date(2026, 3, 1)


def report(first, days, clicks, campaign="C", span=1):
    rows = [
        {
            "file": "x.csv", "row": 2 + n, "start_date": DAY + timedelta(first + n * span),
            "end_date": DAY + timedelta(first + n * span + span - 1), "currency": "USD",
            "campaign": campaign, "ad_group": "G", "search_term": f"term {n % 2}",
            "term_kind": "keyword", "clicks": clicks, "spend": clicks / 2, "orders": 0,
        }
        for n in range(days)
    ]  # fmt: skip
    kind = Granularity.DAILY if span == 1 else Granularity.SUMMARY
    return SearchTermReport(pl.DataFrame(rows, schema=REPORT_SCHEMA), (Path("x.csv"),), kind, 7)


def put(workspace, digest, told):
    with workspace.writing() as transaction:
        return add_report(transaction, "shop", digest, f"{digest}.csv", told)


def held(workspace, until=None):
    with workspace.writing() as transaction:
        return facts_until(transaction, "shop", until)


def test_restated_days_are_corrected_not_added(workspace):
    assert put(workspace, "a", report(0, 10, clicks=1)).rows == 10
    again = put(workspace, "b", report(5, 10, clicks=2))
    assert (again.rows, again.corrected, again.left_out) == (5, 5, 0)
    found = held(workspace)
    assert len(found) == 15
    assert found.frame["clicks"].sum() == 5 * 1 + 10 * 2
    assert found.granularity is Granularity.DAILY
    assert found.window_days == 7


def test_an_older_file_that_comes_late_changes_nothing_that_a_newer_one_told(workspace):
    put(workspace, "b", report(5, 10, clicks=2))
    late = put(workspace, "a", report(0, 10, clicks=1))
    assert (late.rows, late.corrected, late.left_out) == (5, 0, 5)
    assert held(workspace).frame["clicks"].sum() == 25


def test_days_after_the_asked_one_are_left_out_and_tell_it(workspace):
    put(workspace, "a", report(0, 10, clicks=1))
    assert len(held(workspace, DAY + timedelta(3))) == 4
    with workspace.writing() as transaction:
        whole = state_of(transaction, "shop", DAY + timedelta(9))
        assert whole == state_of(transaction, "shop", None)
        assert whole != state_of(transaction, "shop", DAY + timedelta(3))
        assert known_files(transaction, "shop") == {"a"}
        assert files_of(transaction, "shop")[0]["standing"] == 10


def test_other_campaigns_of_the_same_days_stay(workspace):
    put(workspace, "a", report(0, 3, clicks=1))
    put(workspace, "b", report(0, 3, clicks=4, campaign="D"))
    assert held(workspace).frame["clicks"].sum() == 15


def test_periods_that_overlap_in_part_are_refused(workspace):
    put(workspace, "a", report(0, 2, clicks=1, span=7))
    put(workspace, "b", report(14, 1, clicks=1, span=7))
    with pytest.raises(InputError, match="overlap and share the campaign"):
        put(workspace, "c", report(3, 1, clicks=1, span=7))
    assert len(held(workspace)) == 3


@settings(max_examples=25)
@given(st.permutations(range(5)), st.integers(0, 4))
def test_any_order_of_files_ends_in_the_same_facts(tmp_path_factory, order, apart):
    files = [report(3 * n, 4 + (n * apart) % 5, clicks=n + 1) for n in range(5)]
    ends = {f.period[1] for f in files}
    workspace = Workspace(tmp_path_factory.mktemp("ws"))
    for n in order:
        put(workspace, str(n), files[n])
    found = held(workspace).frame
    workspace.close()
    assert found["start_date"].n_unique() == found.height  # no day twice
    if len(ends) == len(files):  # no two files are equally new
        newest = {}
        for told in sorted(files, key=lambda one: one.period[1]):
            newest |= dict(told.frame.select("start_date", "clicks").iter_rows())
        assert dict(found.select("start_date", "clicks").iter_rows()) == newest

"""What became of each line of a file, and its own total beside the sum of its rows."""

import pytest
from typer.testing import CliRunner

from admatch.cli.main import app
from admatch.pipeline.inspect_file import check_file, facts
from admatch.reports.aggregate import aggregate_report
from admatch.reports.reader import read_report
from tests.cases.files import HEADER, row, sums, total
from tests.cases.test_totals import terms


@pytest.fixture
def path(write):
    lines = terms(5)
    return write(
        "a.csv", HEADER, *lines[:3], HEADER, *lines[3:], row("lamp", Spend="#REF!"), ["checked"],
        total("Razem", lines),
    )  # fmt: skip


@pytest.mark.parametrize("read", [read_report, aggregate_report])
def test_every_line_is_accounted_for(path, read):
    (one,) = read(path).reconciliation
    assert (one.lines, one.rows) == (9, 5)
    assert one.left_out == {"total": 1, "header": 1, "note": 1, "unreadable": 1}
    assert one.own_total.agrees
    assert one.own_total.row == 10
    assert one.own_total.figures["clicks"] == (int(sums(*terms(5))["Clicks"]),) * 2


def test_a_total_that_differs_is_shown_beside_the_sum(write):
    lines = terms(5)
    (one,) = read_report(write("a.csv", HEADER, *lines[:4], total("Total", lines))).reconciliation
    assert not one.own_total.agrees
    said, found = one.own_total.figures["clicks"]
    assert said - found == int(lines[4][10])
    assert f"has clicks {said:,.0f}, the rows sum to {found:,.0f}" in " ".join(one.sentences())


def test_a_check_shows_it(path):
    shown = CliRunner().invoke(app, ["check", str(path)])
    assert shown.exit_code == 0
    plain = " ".join(shown.stdout.split())
    assert "a.csv: 9 rows below the header, 5 read; 1 total left out" in plain
    assert "1 unreadable row left out" in plain
    assert "the file's own total in row 10 is the sum of the rows" in plain


def test_it_is_among_the_facts_of_a_file(path):
    (one,) = facts(check_file(path))["report"]["reconciliation"]
    assert (one["lines"], one["rows"], one["own_total"]["agrees"]) == (9, 5, True)


def test_rows_that_others_count_are_shown(write):
    lines = terms(5)
    shown = CliRunner().invoke(app, ["check", str(write("a.csv", HEADER, *lines, *lines))])
    assert "5 rows that count the clicks of others left out" in shown.stdout


@pytest.mark.parametrize("counted", [1, 2])
def test_the_total_is_that_of_the_rows_or_of_them_and_their_copies(write, counted):
    lines = terms(5)
    path = write("a.csv", HEADER, *lines, HEADER, *lines, total("Total", lines * counted))
    report = read_report(path)
    assert report.repeated.height == 5
    assert report.reconciliation[0].own_total.agrees
    assert not any("total row says" in str(one) for one in report.problems)

import pytest

from admatch.export.summary import summarise
from admatch.export.terms import term_lines
from admatch.match.records import Outcome

from .conftest import make_matches, report_row


def test_every_row_has_one_outcome(matches):
    summary = summarise(matches)

    assert [line.rows for line in summary.outcomes] == [3, 0, 1, 3]
    assert sum(line.rows for line in summary.outcomes) == summary.rows_read == 7
    assert [line.terms for line in summary.outcomes] == [1, 0, 1, 3]
    assert summary.skipped == 1


def test_amounts_stay_in_their_currency(matches):
    summary = summarise(matches)

    assert summary.currencies == ("EUR", "GBP")
    euros, pounds = summary[Outcome.MATCH].amounts
    assert (euros.spend, euros.sales, euros.orders, euros.clicks) == (10.0, 40.0, 2, 20)
    assert euros.acos == 0.25
    assert (pounds.spend, pounds.spend_share) == (8.0, 0.8)
    assert euros.spend_share == pytest.approx(10 / 14)


def test_no_sales_give_no_acos(matches):
    assert summarise(matches)[Outcome.NONE].amounts[0].acos is None


def test_an_outcome_without_rows_cost_nothing():
    summary = summarise(make_matches([report_row(2, "*", "star", "EUR")], [], []))

    assert summary[Outcome.NONE].rows == 0
    assert summary[Outcome.NONE].amounts[0].spend == 0.0


def test_a_report_without_currency_or_sales():
    rows = [report_row(2, "a", "keyword", None, sales=None)]
    summary = summarise(make_matches(rows, [("a", "match", 0.5, "T·1")], []))

    amounts = summary[Outcome.MATCH].amounts[0]
    assert (amounts.currency, amounts.spend, amounts.sales) == (None, 5.0, None)
    assert amounts.spend_share == 1.0


def test_an_empty_report():
    summary = summarise(make_matches([], [], []))

    assert (summary.rows_read, summary.currencies) == (0, ())


def test_term_lines_add_up_and_keep_campaigns(matches):
    lines = term_lines(matches)

    assert lines.height == 6
    assert lines["spend"].to_list() == [10.0, 3.0, 1.0, 2.0, None, 8.0]
    assert lines["campaigns"][0].to_list() == ["=Lamps", "Shelves"]
    assert lines["rows"].sum() == 7

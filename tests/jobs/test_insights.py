"""Amazon's other reports lie among a job's files: recognised, used up to the night's day."""

import csv
from datetime import date

import polars as pl

from tests.jobs.test_run import DAY, night
from tests.reports.insights.insight_files import PURCHASED, SQP, SQP_ABOVE, purchased_row, sqp_row


def write(shop, name, lines):
    with (shop.folder / "reports" / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)


def test_other_reports_are_read_beside_search_terms(shop):
    shop.report("a.csv", 0, 20)
    plain = night(shop)
    assert plain["insights"] == []
    queries = [
        sqp_row("oat drink vanilla", day="2026-01-31"),
        sqp_row("oat milk", day="2026-01-31"),
    ]
    write(shop, "queries.csv", [SQP_ABOVE, SQP, *queries])
    write(shop, "bought.csv", [PURCHASED, purchased_row()])
    again = night(shop)
    assert again["state"] == "done"
    assert again["files_read"] == 0
    assert any("new_keywords.csv" in one for one in again["insights"])
    (found,) = (shop.folder / "out").glob("*/*/new_keywords.csv")
    assert pl.read_csv(found)["query"].to_list() == ["oat drink vanilla"]
    assert night(shop)["state"] == "nothing new"
    (shop.folder / "reports" / "bought.csv").rename(shop.folder / "reports" / "bought anew.csv")
    write(shop, "queries.csv", [SQP_ABOVE, SQP, *queries, []])  # other bytes, the same rows
    assert night(shop)["state"] == "nothing new"


def test_a_report_of_later_days_is_not_known_yet(shop):
    shop.report("a.csv", 0, 20)
    later = sqp_row("oat drink vanilla", day="2026-01-31")
    write(shop, "queries.csv", [SQP_ABOVE, SQP, later])
    early = night(shop, date(2026, 1, 25))
    assert not any("new_keywords.csv" in one for one in early["insights"])
    assert any("new_keywords.csv" in one for one in night(shop, DAY)["insights"])

"""Other reports beside search terms: shown, and no decision is another one for them."""

import csv
from pathlib import Path

import polars as pl
import pytest

import admatch as am
from admatch.pipeline.insight_notes import insight_notes
from admatch.reports.aggregate import read_any_size
from tests.reports.insights.insight_files import (
    PURCHASED,
    SQP,
    SQP_ABOVE,
    TOP,
    purchased_row,
    sqp_row,
    top_row,
)

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
REPORT, CATALOG, BULK = (SAMPLE / name for name in ("search_terms.csv", "catalog.csv", "bulk.xlsx"))


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    folder = tmp_path_factory.mktemp("other")
    terms = am.read_report(REPORT).frame["search_term"].unique().sort().to_list()[:120]
    files = {
        "queries.csv": [SQP_ABOVE, SQP, *map(sqp_row, [*terms, "oat drink for coffee"])],
        "top.csv": [TOP, top_row(7, "oat drink for coffee"), top_row(9, "ripe avocado pack")],
        "bought.csv": [PURCHASED, purchased_row(bought="B0SAMPLE02")],
    }
    for name, lines in files.items():
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(lines)
    return [folder / name for name in files]


@pytest.fixture(scope="module")
def analyses(given):
    options = am.AnalysisOptions(target_acos=0.30)
    return [
        am.analyse(reports, CATALOG, BULK, options, cache=am.FolderCache())
        for reports in (REPORT, [given[0], REPORT, *given[1:]])
    ]


@pytest.mark.long
def test_no_decision_is_another_one(analyses):
    plain, informed = analyses
    assert informed.advice.frame.equals(plain.advice.frame)
    assert insight_notes(plain) == ()


@pytest.mark.long
def test_what_the_reports_say_is_written(analyses, tmp_path):
    informed = analyses[1]
    informed.write(tmp_path, am.Outputs(html=False, matches=False, bulk=False))
    found = pl.read_csv(tmp_path / "new_keywords.csv")
    assert found["query"].to_list() == ["oat drink for coffee", "ripe avocado pack"]
    assert found["frequency_rank"].to_list() == [7, 9]
    assert found["volume"].to_list() == [4000, None]
    market = pl.read_csv(tmp_path / "market.csv")
    assert market["market_rate"].unique().to_list() == [0.125]
    assert pl.read_csv(tmp_path / "bought.csv")["purchased_asin"].to_list() == ["B0SAMPLE02"]
    said = " ".join(insight_notes(informed))
    assert "2 queries" in said
    assert "2 orders" in said


def test_a_report_of_search_terms_is_needed(given):
    with pytest.raises(am.AdmatchError, match="no file with search terms and clicks was given"):
        am.analyse(given)
    with pytest.raises(am.AdmatchError):
        read_any_size(given)


def test_doors_that_need_terms_alone_name_what_they_leave_out(given):
    report = read_any_size([given[0], REPORT])
    assert len(report) == len(am.read_report(REPORT))
    assert [one.file for one in report.problems if "other reports" in one.what] == [given[0]]

"""A saved analysis decides for other goals as a whole analysis with those goals does."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import admatch as am
from admatch.pipeline.saved import SavedAnalysis, save
from admatch.pipeline.summary import summarise_advice

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
GOALS = {
    "low target": {"target_acos": 0.12},
    "high target": {"target_acos": 0.55},
    "nothing at risk": {"guard_rails": am.GuardRails(sales_at_risk=0.0)},
    "clicks come back": {"rho": 0.4},
    "own targets": {"targets": {"SP | Drinks | Auto": 0.15}, "margin": 0.35},
    "rarer phrases": {"guard_rails": am.GuardRails(phrase_terms=2), "target_acos": 0.2},
}


@pytest.fixture(scope="module")
def given():
    report = am.read_report(SAMPLE / "search_terms.csv")
    return report, am.read_catalog(SAMPLE / "catalog.csv"), am.read_account(SAMPLE / "bulk.xlsx")


@pytest.fixture(scope="module")
def analysed(given, sample_index):
    report, _, account = given
    cache = am.FolderCache()  # goals do not change the fit

    def analyse(**goals):
        options = am.AnalysisOptions(**{"target_acos": 0.3} | goals)
        return options, am.analyse(report, sample_index, account, options, cache=cache)

    return analyse


@pytest.fixture(scope="module")
def saved(given, analysed, tmp_path_factory):
    report, catalog, account = given
    folder = tmp_path_factory.mktemp("saved")
    _, analysis = analysed()
    save(analysis, folder)
    return SavedAnalysis(folder, report, catalog, account)


@pytest.mark.parametrize("goals", GOALS)
def test_a_what_if_shows_what_an_analysis_with_these_goals_would(goals, saved, analysed):
    options, whole = analysed(**GOALS[goals])
    advice = saved.advise(options)
    known = summarise_advice(advice)
    assert known["counts"] == summarise_advice(whole.advice)["counts"]
    assert_frame_equal(advice.totals, whole.advice.totals)
    assert_frame_equal(advice.frontier, whole.advice.frontier)
    columns = ["row", "action", "why", "unit", "chosen", "factor", "gain"]
    assert_frame_equal(advice.rows.select(columns), whole.advice.rows.select(columns))


def test_what_is_kept_changes_no_answer(saved):
    first = am.AnalysisOptions(target_acos=0.2)
    answers = []
    for options in (first, am.AnalysisOptions(target_acos=0.6, protect=("milk",)), first):
        answers.append(saved.advise(options))
    saved.forget()
    for advice in (answers[2], saved.advise(first)):
        assert_frame_equal(advice.totals, answers[0].totals, check_exact=True)
        numbers = advice.rows.select(pl.selectors.numeric())
        same = answers[0].rows.select(pl.selectors.numeric())
        assert_frame_equal(numbers, same, check_exact=True)

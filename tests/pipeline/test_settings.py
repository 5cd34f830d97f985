"""Settings of campaigns are in the one change set: what is told is what is written and adds up."""

import openpyxl
import polars as pl
import pytest

import admatch as am
from admatch.decisions.actions import OF_CAMPAIGNS
from admatch.impact.changes import ChangeSet
from admatch.simulate.simulation import simulate
from admatch.simulate.write import write_simulation

SETTINGS = [one.value for one in OF_CAMPAIGNS]


@pytest.fixture(scope="module", params=[3, 5])
def analysis(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("settings")
    catalog = am.read_catalog("data/sample/catalog.csv")
    budgets = {"SP | Drinks | Keywords": 4.0}
    made = simulate(
        catalog, seed=request.param, days=30, terms=900, placements=True, budgets=budgets
    )
    write_simulation(made, folder, {})
    options = am.AnalysisOptions(target_acos=0.30, margin=0.35)
    return am.analyse(folder / "search_terms.csv", None, folder / "bulk.xlsx", options)


def test_every_row_of_the_file_is_a_change_that_is_counted(analysis, tmp_path):
    done = analysis.write(tmp_path / "advice", am.Outputs(html=False))
    sheet = openpyxl.load_workbook(done.upload.file).active
    undo = openpyxl.load_workbook(done.upload.inverse).active
    (total,) = analysis.advice.totals.to_dicts()
    assert sheet.max_row - 1 == undo.max_row - 1 == total["changes"] == len(done.upload.written)
    assert total["changes"] == len(analysis.advice.best())
    assert not done.upload.refused
    settings = analysis.advice.rows.filter("chosen", pl.col("action").is_in(SETTINGS))
    assert settings.height == sum(one.setting is not None for one in done.upload.changes) > 0


def test_gains_add_up(analysis):
    advice = analysis.advice
    (total,) = advice.totals.to_dicts()
    chosen = advice.rows.filter("chosen")
    served = advice.rows.filter(pl.col("unit").is_in(chosen["unit"].unique().implode()))
    sums = served.select(pl.col("gain", "spend_freed", "sales_change", "sales_at_risk").sum())
    gain, freed, change, risk = sums.row(0)
    assert gain == pytest.approx(total["profit_gain"])
    assert total["spend_before"] - total["spend_after"] == pytest.approx(freed)
    assert total["sales_after"] - total["sales_before"] == pytest.approx(change)
    assert total["sales_at_risk"] == pytest.approx(risk)


def test_what_if_agrees_with_what_settings_are_told_to_do(analysis):
    best = analysis.advice.best()
    rest = ChangeSet(tuple(one for one in best if one.setting is None))
    both, without = analysis.what_if(best), analysis.what_if(rest)
    assert not [one for one in both.unknown if one.change.setting is not None]
    lines = analysis.advice.rows.filter("chosen", pl.col("action").is_in(SETTINGS))
    told = lines.select(pl.col("spend_freed", "sales_change").sum()).row(0)
    spend = without.after.spend.mean - both.after.spend.mean
    sales = both.after.sales.mean - without.after.sales.mean
    scale = without.after.spend.mean, without.after.sales.mean
    assert spend / scale[0] == pytest.approx(told[0] / scale[0], abs=0.02)
    assert sales / scale[1] == pytest.approx(told[1] / scale[1], abs=0.02)


def test_lines_of_campaigns_count_nothing_twice(analysis):
    lines = analysis.advice.rows.filter(pl.col("action").is_in(SETTINGS))
    assert (
        lines.select(pl.col("clicks", "orders", "spend", "sales", "expected_spend").sum()).row(0)
        == (0,) * 5
    )
    assert lines["unit"].n_unique() == lines.height
    assert lines["reason"].null_count() == 0

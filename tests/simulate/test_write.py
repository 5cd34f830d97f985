import polars as pl

from admatch.reports.account.reader import read_account
from admatch.reports.account.records import Entity
from admatch.reports.insights.reader import read_insights
from admatch.reports.reader import read_report
from admatch.simulate.write import WRITTEN, write_simulation


def test_files_are_read_back(simulation, tmp_path):
    write_simulation(simulation, tmp_path, {"seed": 7})
    assert all((tmp_path / name).is_file() for name in WRITTEN)
    summary = read_report(tmp_path / "search_terms.csv")
    daily = read_report(tmp_path / "search_terms_daily.csv")
    for column in ("clicks", "spend", "sales", "orders", "sales_halo"):
        assert round(summary.frame[column].sum(), 2) == round(daily.frame[column].sum(), 2)
    assert summary.window_days == 7
    assert not summary.problems
    future = read_report(tmp_path / "future" / "search_terms.csv")
    assert future.period[0] > summary.period[1]


def test_the_bulk_file_tells_the_same_spend(simulation, tmp_path):
    write_simulation(simulation, tmp_path, {})
    account = read_account(tmp_path / "bulk.xlsx")
    spend = account.only(Entity.CAMPAIGN)["spend"].sum()
    assert round(spend, 2) == round(
        read_report(tmp_path / "search_terms.csv").frame["spend"].sum(), 2
    )
    assert account.targets["bid"].drop_nulls().len() > 10


def test_what_was_bought_is_told_by_target(simulation, tmp_path):
    write_simulation(simulation, tmp_path, {})
    bought = read_insights(tmp_path / "purchased_products.csv").purchases
    terms = read_report(tmp_path / "search_terms.csv").frame
    key = ["campaign", "ad_group", "targeting"]
    sums = bought.group_by(key).agg(pl.col("units").sum(), pl.col("sales").sum().round(2))
    halo = terms.group_by(key).agg(
        units=pl.col("units_halo").sum(), sales=pl.col("sales_halo").sum().round(2)
    )
    assert sums.sort(key).equals(halo.filter(pl.col("units") > 0).sort(key))
    assert (bought["asin"] != bought["purchased_asin"]).all()


def test_truth_is_written_as_a_table(simulation, tmp_path):
    write_simulation(simulation, tmp_path, {})
    truth = pl.read_csv(tmp_path / "truth.csv")
    assert truth.height == simulation.truth.height
    assert {"true_cvr", "order_value", "cpc", "clicks", "product_ids"} <= set(truth.columns)

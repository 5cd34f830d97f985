from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from admatch.catalog.records import Catalog, Product
from admatch.errors import InputError
from admatch.simulate.assumptions import Assumptions
from admatch.simulate.simulation import simulate

ORDERS, CLICKS = "7 Day Total Orders (#)", "Clicks"


def test_same_seed_same_account(groceries):
    one, same, other = (simulate(groceries, seed=s, days=14, terms=60) for s in (3, 3, 4))
    assert one.history.daily.equals(same.history.daily)
    assert one.truth.equals(same.truth)
    assert not one.history.daily.equals(other.history.daily)


def test_other_products_are_of_the_term_where_that_is_assumed(groceries):
    usual = Assumptions.load()
    meant = replace(usual, order=usual.order | {"about": 1.0})
    plain, found = (
        simulate(groceries, seed=3, days=90, terms=600, assumptions=one) for one in (usual, meant)
    )
    assert found.history.summary["Clicks"].equals(plain.history.summary["Clicks"])
    assert found.history.summary[ORDERS].equals(plain.history.summary[ORDERS])
    assert _of_the_term(found) > 3 * _of_the_term(plain)


def _of_the_term(found):
    """The share of keywords' other products that the term of the same name is about."""
    truth = found.truth.select(Targeting="search_term", ids="product_ids").unique("Targeting")
    rows = found.history.purchased.join(truth, on="Targeting").filter(pl.col("ids").list.len() > 1)
    return rows.select(pl.col("ids").list.contains(pl.col("Purchased ASIN")).mean()).item()


def test_summary_is_the_sum_of_the_days(simulation):
    for period in (simulation.history, simulation.future):
        for column in (CLICKS, "Spend", ORDERS, "7 Day Total Sales ", "Impressions"):
            assert period.daily[column].sum() == pytest.approx(period.summary[column].sum())


def test_the_future_follows_the_history_without_a_gap(simulation):
    past, later = simulation.history.daily["Date"], simulation.future.daily["Date"]
    assert past.min() == date(2025, 1, 1)
    assert past.max() == date(2025, 3, 1)
    assert later.min() == date(2025, 3, 2)


def test_orders_are_drawn_from_the_truth(simulation):
    truth = simulation.truth
    expected = (truth["future_clicks"] * truth["future_cvr"]).sum()
    assert simulation.future.summary[ORDERS].sum() == pytest.approx(expected, abs=4 * expected**0.5)
    clicks = truth["future_clicks"].sum()
    assert simulation.future.summary[CLICKS].sum() == pytest.approx(clicks, abs=4 * clicks**0.5)
    spend = (truth["clicks"] * truth["cpc"]).sum()
    assert simulation.history.summary["Spend"].sum() == pytest.approx(spend, rel=0.06)


def test_one_truth_for_every_row_of_the_report(simulation):
    key = ["campaign", "ad_group", "search_term"]
    assert simulation.truth.select(key).is_unique().all()
    rows = simulation.history.summary.select(
        campaign="Campaign Name", ad_group="Ad Group Name", search_term="Customer Search Term"
    )
    assert rows.join(simulation.truth, on=key, how="anti").is_empty()


def test_relevant_terms_convert_and_foreign_ones_hardly_do(simulation):
    means = simulation.truth.group_by("kind").agg(pl.col("true_cvr", "relevance").mean())
    found = {row["kind"]: row for row in means.to_dicts()}
    assert found["relevant"]["true_cvr"] > 10 * found["off_catalog"]["true_cvr"]
    assert found["relevant"]["relevance"] > found["competitor"]["relevance"]
    assert found["competitor"]["relevance"] > found["off_catalog"]["relevance"]


def test_the_last_days_miss_orders_that_had_not_arrived(groceries):
    slow = Assumptions.load()
    slow.lag["same_day"], slow.lag["daily"] = 0.1, 0.1
    found = simulate(groceries, seed=1, days=30, terms=2500, assumptions=slow)
    daily = found.history.daily.group_by("Date").agg(pl.col(CLICKS, ORDERS).sum()).sort("Date")
    rate = (daily[ORDERS] / daily[CLICKS]).to_numpy()
    assert rate[-3:].mean() < 0.7 * rate[:20].mean()


def test_orders_arrive_until_the_window_ends():
    assumed = Assumptions.load()
    shares = [assumed.arrived(day) for day in range(-1, 12)]
    assert shares[0] == 0
    assert np.all(np.diff(shares) >= 0)
    assert shares[8:] == [1.0] * 5


def test_a_catalog_of_one_product():
    catalog = Catalog.from_products([Product("B0AAAAAAAA", "Oat milk, 1 l", price=2.0)])
    found = simulate(catalog, seed=1, days=10, terms=30)
    assert found.truth.height > 10
    assert found.currency == "USD"


def test_what_cannot_be_simulated(groceries):
    with pytest.raises(InputError, match="no product"):
        simulate(Catalog.from_products([]), seed=1)
    with pytest.raises(InputError, match="1 to 550 days"):
        simulate(groceries, seed=1, days=0)
    with pytest.raises(InputError, match="1 to 550 days"):
        simulate(groceries, seed=1, terms=3)


def test_assumptions_of_ones_own(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text("[conversion]\nbase = 0.05\n")
    assert Assumptions.load(file).conversion["base"] == 0.05
    assert Assumptions.load(file).conversion["fall"] == Assumptions.load().conversion["fall"]


@pytest.mark.parametrize(
    "text", ["[conversion]\nbase = 'much'", "[convers]\nbase = 1.0", "[lag]\nwin = 3", "base ="]
)
def test_assumptions_that_mean_nothing(tmp_path, text):
    file = tmp_path / "own.toml"
    file.write_text(text)
    with pytest.raises(InputError, match=r"own\.toml"):
        Assumptions.load(file)

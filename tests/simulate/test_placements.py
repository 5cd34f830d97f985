"""Placements share out what campaigns bring, and change nothing else of an account."""

import polars as pl
import pytest

from admatch.simulate.bulk import CAMPAIGNS
from admatch.simulate.placements import BUSINESS, SITES
from admatch.simulate.simulation import simulate


@pytest.fixture(scope="module")
def both(groceries):
    return tuple(
        simulate(groceries, seed=4, days=30, terms=300, placements=one) for one in (False, True)
    )


def test_nothing_else_of_the_account_changes(both):
    without, with_them = both
    assert without.history.daily.equals(with_them.history.daily)
    assert without.future.daily.equals(with_them.future.daily)
    assert without.truth.equals(with_them.truth)
    sheet = with_them.bulk[CAMPAIGNS]
    others = sheet.filter(pl.col("Entity") != "Bidding Adjustment")
    assert others.rows() == without.bulk[CAMPAIGNS].rows()
    assert without.placements is None


def test_the_three_places_add_up_to_their_campaign(both):
    found = both[1]
    sites = found.placements.filter(pl.col("placement").is_in(SITES))
    sums = sites.group_by("campaign").agg(pl.col("clicks", "orders", "spend", "sales").sum())
    campaigns = found.bulk[CAMPAIGNS].filter(pl.col("Entity") == "Campaign")
    for line in sums.to_dicts():
        row = campaigns.row(by_predicate=pl.col("Campaign Name") == line["campaign"], named=True)
        assert (line["clicks"], line["orders"]) == (row["Clicks"], row["Orders"])
        assert line["spend"] / 100 == pytest.approx(row["Spend"])
        assert line["sales"] / 100 == pytest.approx(row["Sales"])


def test_rates_and_prices_average_to_the_campaign_s(both):
    sites = both[1].placements.filter(pl.col("placement").is_in(SITES))
    means = sites.group_by("campaign").agg(
        pl.col("share").sum(),
        *((pl.col("share") * pl.col(name)).sum().alias(name) for name in ("conversion", "price")),
    )
    for name in ("share", "conversion", "price"):
        assert means[name].to_list() == pytest.approx([1.0] * means.height)


def test_amazon_business_is_a_part_of_all_clicks(both):
    found = both[1].placements
    every = (
        found.filter(pl.col("placement").is_in(SITES))
        .group_by("campaign")
        .agg(whole=pl.col("clicks").sum())
    )
    part = found.filter(placement=BUSINESS).join(every, on="campaign")
    assert (part["clicks"] <= part["whole"]).all()

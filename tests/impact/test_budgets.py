"""Campaigns that run out of their daily budget spend again what changes free."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import admatch as am
from admatch.impact.budgets import TAKEN, capped_campaigns
from admatch.impact.changes import Change, ChangeSet, Place
from admatch.impact.model import ImpactModel
from admatch.reports.account.records import ACCOUNT_SCHEMA, Account, Entity, MatchType
from admatch.reports.records import Granularity
from admatch.simulate.bulk import write_bulk_xlsx
from admatch.simulate.simulation import simulate
from tests.impact.accounts import made, row

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
HERE = Place("Lamps", "Desk")


def account(budget, **more):
    """Return the campaign of the made accounts with a daily budget."""
    campaign = {"entity": Entity.CAMPAIGN.value, "campaign": "Lamps", "state": "enabled"}
    frame = pl.DataFrame([campaign | {"daily_budget": budget} | more], schema=ACCOUNT_SCHEMA)
    return Account(frame, (), ())


def negative(term):
    return Change.negative_keyword(term, MatchType.NEGATIVE_EXACT, HERE)


@pytest.fixture(scope="module")
def report():
    """Return 30 days at 10 a day: two good terms and one that never sells."""
    return made(row("desk lamp", 200, 20), row("led lamp", 200, 20), row("lamp oil", 200, 0))


@pytest.mark.parametrize(
    ("budget", "share"), [(10.0, 1.0), (10.4, 1.0), (11.0, None), (2.0, 1.0), (None, None)]
)
def test_a_campaign_is_capped_where_the_average_day_spends_the_budget(report, budget, share):
    found = capped_campaigns(report, account(budget))
    assert found == ({} if share is None else {"Lamps": share})


def spent(*days):
    """Return a report of campaigns: budget and spend of each day of May."""
    return pl.DataFrame(
        [
            {"campaign": "Lamps", "currency": "EUR", "start_date": date(2025, 5, day),
             "daily_budget": budget, "spend": amount}
            for day, (budget, amount) in enumerate(days, 1)
        ]
    )  # fmt: skip


def test_a_report_of_campaigns_counts_the_days_with_the_budget_of_today(report):
    assert capped_campaigns(report, account(11.0)) == {}
    half = spent(*[(11.0, 10.9), (11.0, 4.0)] * 10)
    assert capped_campaigns(report, account(11.0), half) == {"Lamps": 0.5}
    assert capped_campaigns(report, account(10.0)) == {"Lamps": 1.0}
    never = spent(*[(10.0, 6.0)] * 20)
    assert capped_campaigns(report, account(10.0), never) == {}
    raised = spent(*[(5.0, 5.0)] * 10, *[(10.0, 6.0)] * 15)  # what the old budget did is over
    assert capped_campaigns(report, account(10.0), raised) == {}
    few = spent(*[(5.0, 5.0)] * 10, *[(10.0, 6.0)] * 13)
    assert capped_campaigns(report, account(10.0), few) == {"Lamps": 1.0}
    other = half.with_columns(currency=pl.lit("USD"))
    assert capped_campaigns(report, account(11.0, currency="EUR"), other) == {}
    assert capped_campaigns(report, account(11.0, state="paused"), half) == {}


def test_paused_campaigns_and_other_currencies_are_not(report):
    assert not capped_campaigns(report, account(10.0, state="paused"))
    assert not capped_campaigns(report, account(10.0, currency="USD"))
    assert capped_campaigns(report, account(10.0, currency="EUR"))
    assert not capped_campaigns(report, None)


def test_days_count_one_by_one_in_a_daily_report(report):
    first = pl.col("start_date").dt.offset_by
    days = [
        report.frame.with_columns(
            start_date=first(f"{day}d"), end_date=first(f"{day}d"), spend=9.9 if day % 2 else 1.0
        ).head(1)
        for day in range(30)
    ]
    daily = replace(report, frame=pl.concat(days), granularity=Granularity.DAILY)
    assert capped_campaigns(daily, account(10.0)) == {"Lamps": 0.5}


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_freed_spend_buys_what_the_campaign_has_left(report, share):
    model = ImpactModel(seed=7).fit(report)
    saved = model.what_if(ChangeSet((negative("lamp oil"),)), draws=200).only
    kept = model.what_if(ChangeSet((negative("lamp oil"),)), capped={"Lamps": share}, draws=200)
    freed = -saved.difference.spend.mean
    assert kept.only.spent_again.mean == pytest.approx(share * freed)
    assert kept.only.difference.spend.mean == pytest.approx(-(1 - share) * freed)
    gained = kept.only.difference.sales.mean - saved.difference.sales.mean
    per_unit = saved.after.sales.mean / saved.after.spend.mean
    assert gained == pytest.approx(share * freed * per_unit, rel=0.1)  # unseen terms count, too


def test_nothing_is_bought_where_nothing_is_left(report):
    every = ChangeSet(tuple(map(negative, ("desk lamp", "led lamp", "lamp oil"))))
    model = ImpactModel(seed=7).fit(report)
    pause = ChangeSet((replace(Change.target_bid("close-match", HERE, 1.0), state="paused"),))
    for changes in (every, pause):
        effect = model.what_if(changes, capped={"Lamps": 1.0}, draws=50).only
        assert np.isfinite(effect.after.spend.mean)
    assert effect.spent_again.mean == 0
    assert effect.after.spend.mean == pytest.approx(0, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 8, 9])
def test_simulated_budgets_spend_again_what_is_freed(seed, tmp_path):
    """Compare with the truth: what is left of a campaign loses less to its budget."""
    catalog = am.read_catalog(SAMPLE / "catalog.csv")
    free = simulate(catalog, seed=seed, days=30, terms=1500).history.daily
    spend = free.group_by("Campaign Name").agg(pl.col("Spend").sum() / 30).sort("Spend")
    name, amount = spend.row(-1)
    budget = round(amount / 2, 2)
    sim = simulate(catalog, seed=seed, days=30, terms=1500, budgets={name: budget})
    sim.history.daily.write_csv(tmp_path / "r.csv")
    write_bulk_xlsx(sim.bulk, tmp_path / "b.xlsx")
    report = am.read_report(tmp_path / "r.csv")
    capped = capped_campaigns(report, am.read_account(tmp_path / "b.xlsx"))
    assert capped[name] == 1

    own = report.frame.filter(pl.col("campaign") == name)
    terms = own.filter(term_kind="keyword").select("search_term", "ad_group").unique()
    blocked = terms.sort("search_term")[::3]
    changes = ChangeSet(
        tuple(
            Change.negative_keyword(term, MatchType.NEGATIVE_EXACT, Place(name, group))
            for term, group in blocked.iter_rows()
        )
    )
    model = ImpactModel(seed=7).fit(report)
    effect = model.what_if(changes, capped=capped, draws=200).only
    truth = sim.truth.filter(pl.col("campaign") == name).with_columns(
        spend=pl.col("clicks") * pl.col("cpc"),
        sales=(pl.col("clicks") * pl.col("true_cvr") * pl.col("order_value")).fill_nan(0),
    )
    left = truth.join(blocked, on=["search_term", "ad_group"], how="anti")
    before, after = (30 * budget * one["sales"].sum() / one["spend"].sum() for one in (truth, left))
    assert left["spend"].sum() > 30 * budget  # it still runs out of budget
    own_spend = own["spend"].sum()
    assert effect.difference.spend.mean == pytest.approx(0, abs=0.01 * own_spend)
    assert effect.spent_again.mean > 0.1 * own_spend
    assert effect.difference.sales.mean == pytest.approx(after - before, abs=0.15 * before)


def raised(before, after, name="Lamps"):
    return ChangeSet((replace(Change.budget(Place(name), after), before=before),))


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_a_higher_budget_buys_more_of_what_the_campaign_has(report, share):
    model = ImpactModel(seed=7).fit(report)
    effect = model.what_if(raised(10.0, 12.0), capped={"Lamps": share}, draws=2000).only
    growth = effect.difference.spend.mean / effect.before.spend.mean
    assert growth == pytest.approx(share * 0.2 * TAKEN[0] / sum(TAKEN), rel=0.05)
    acos = effect.before.spend.mean / effect.before.sales.mean
    assert effect.difference.spend.mean / effect.difference.sales.mean == pytest.approx(
        acos, rel=0.1
    )
    assert effect.difference.spend.low80 < growth * effect.before.spend.mean
    assert effect.sales_at_risk.mean == 0


def test_a_lower_budget_spends_all_of_the_difference_less(report):
    model = ImpactModel(seed=7).fit(report)
    effect = model.what_if(raised(10.0, 8.0), capped={"Lamps": 1.0}, draws=400).only
    assert effect.difference.spend.mean / effect.before.spend.mean == pytest.approx(-0.2)


def test_a_budget_buys_what_is_left_after_the_other_changes(report):
    model, capped = ImpactModel(seed=7).fit(report), {"Lamps": 1.0}
    blocked = ChangeSet((negative("lamp oil"),))
    without = model.what_if(blocked, capped=capped, draws=400).only
    both = model.what_if(ChangeSet((*blocked, *raised(10.0, 12.0))), capped=capped, draws=400).only
    more = both.after.spend.mean - without.after.spend.mean
    sold = both.after.sales.mean - without.after.sales.mean
    assert more == pytest.approx(0.2 * TAKEN[0] / sum(TAKEN) * without.after.spend.mean, rel=0.1)
    assert sold / more == pytest.approx(
        without.after.sales.mean / without.after.spend.mean, rel=0.1
    )


@pytest.mark.parametrize(
    ("changes", "capped"),
    [
        (raised(10.0, 12.0), {}),
        (raised(None, 12.0), {"Lamps": 1.0}),
        (raised(10.0, 12.0, "Other"), {"Lamps": 1.0}),
    ],
)
def test_a_budget_that_shows_nothing_is_named(report, changes, capped):
    effect = ImpactModel(seed=7).fit(report).what_if(changes, capped=capped, draws=50)
    assert len(effect.unknown) == 1
    assert effect.difference.spend.mean == 0

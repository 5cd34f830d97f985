"""What placements bring is drawn to the account's, and new percentages move their share only."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from admatch.impact.changes import Change, ChangeSet, Place
from admatch.impact.elasticities import COST_POWER, VOLUME_POWER
from admatch.impact.model import ImpactModel
from admatch.impact.placements import placements
from admatch.reports.account.records import ACCOUNT_SCHEMA, Account, Entity, Placement
from tests.impact.accounts import made, row

TOP, REST, BUSINESS = Placement.TOP, Placement.REST, Placement.BUSINESS
PAGE = Placement.PRODUCT_PAGE


def account(*lines, state="enabled", ad_product=None):
    """Return an account of lines: campaign, placement, percentage, clicks, orders, spend."""
    names = ("campaign", "placement", "percentage", "clicks", "orders", "spend")
    kind = {"entity": Entity.BIDDING_ADJUSTMENT.value, "ad_product": ad_product}
    rows = [kind | dict(zip(names, line, strict=True)) for line in lines]
    for campaign in dict.fromkeys(line[0] for line in lines):
        rows.append({"entity": Entity.CAMPAIGN.value, "campaign": campaign, "state": state})
    return Account(pl.DataFrame(rows, schema=ACCOUNT_SCHEMA), (), ())


def lamps(top=(0.0, 200, 30, 100.0), page=(0.0, 200, 10, 80.0)):
    return account(("Lamps", TOP, *top), ("Lamps", PAGE, *page), ("Lamps", REST, 0.0, 100, 8, 40.0))


def of(table, campaign, placement):
    line = (pl.col("campaign") == campaign) & (pl.col("placement") == placement)
    return table.row(by_predicate=line, named=True)


def test_shares_add_up_over_the_three_places_of_an_ad():
    table = placements(lamps())
    assert table["spend_share"].sum() == pytest.approx(1)
    assert table["sales_share"].sum() == pytest.approx(1)


def test_amazon_business_counts_beside_them():
    known = account(
        ("Lamps", TOP, 0, 100, 10, 50.0), ("Lamps", BUSINESS, 0, 20, 2, 10.0),
        ("Lamps", PAGE, 0, 100, 10, 50.0),
    )  # fmt: skip
    table = placements(known)
    sites = table.filter(pl.col("placement") != BUSINESS)
    assert sites["spend_share"].sum() == pytest.approx(1)
    assert of(table, "Lamps", BUSINESS)["spend_share"] == pytest.approx(0.1)


def test_a_thin_placement_is_drawn_to_what_the_account_s_convert_at():
    thin = ("Thin", TOP, 0, 2, 0, 1.0), ("Thin", PAGE, 0, 2, 0, 1.0)
    rich = [
        line
        for number in range(6)
        for line in (
            (f"Rich {number}", TOP, 0, 300, 60, 150.0), (f"Rich {number}", PAGE, 0, 300, 12, 150.0)
        )
    ]  # fmt: skip
    table = placements(account(*thin, *rich))
    top, page = (of(table, "Thin", one)["rate"] for one in (TOP, PAGE))
    own = of(table, "Rich 0", TOP)["rate"]
    assert page < top < own
    assert own == pytest.approx(0.2, rel=0.15)


WORDS = {TOP: "top", REST: "rest", PAGE: "product", BUSINESS: "business"}


def test_a_report_says_what_a_file_without_figures_does_not():
    """The oracle: the same figures in the account's own lines."""
    lines = [
        ("Lamps", TOP, 25.0, 200, 30, 100.0), ("Lamps", PAGE, 0.0, 200, 10, 80.0),
        ("Lamps", REST, 0.0, 100, 8, 40.0), ("Lamps", BUSINESS, 10.0, 20, 1, 9.0),
    ]  # fmt: skip
    whole, bare = account(*lines), account(*((*line[:3], 0, 0, 0.0) for line in lines))
    reports_alone = bare  # no bids: whoever does not list them lists no percentages either
    keyword = {"entity": Entity.KEYWORD.value, "campaign": "Lamps", "keyword": "lamp", "bid": 0.5}
    lists = pl.DataFrame([keyword], schema=ACCOUNT_SCHEMA)
    bare = replace(bare, frame=pl.concat([bare.frame, lists]))
    halves = [
        {"campaign": one[0], "placement": WORDS[one[1]], "clicks": one[3] // 2,
         "orders": one[4] - one[4] // 2 if half else one[4] // 2, "spend": one[5] / 2}
        for one in lines for half in (True, False)
    ]  # fmt: skip
    elsewhere = [
        {"campaign": "Lamps", "placement": "elsewhere", "clicks": 9, "orders": 0, "spend": 9.0},
        {"campaign": "Brand", "placement": "top", "clicks": 9, "orders": 0, "spend": 9.0},
    ]
    reported = pl.DataFrame(halves + elsewhere)
    assert placements(bare).is_empty()
    assert placements(bare, reported).equals(placements(whole))
    assert placements(whole, reported.with_columns(orders=0)).equals(placements(whole))
    assert placements(reports_alone, reported).is_empty()
    assert placements(bare, reported.with_columns(orders=pl.lit(None, pl.Int64))).is_empty()


def test_nothing_is_known_without_clicks_of_a_running_campaign():
    assert placements(None).is_empty()
    assert placements(account(("Lamps", TOP, 0, 0, 0, 0.0))).is_empty()
    assert placements(account(("Lamps", TOP, 0, 9, 1, 5.0), state="paused")).is_empty()
    assert placements(account(("Lamps", "Somewhere", 0, 9, 1, 5.0))).is_empty()
    brands = account(("Lamps", TOP, 0, 9, 1, 5.0), ad_product="Sponsored Brands")
    assert placements(brands).is_empty()


@pytest.fixture(scope="module")
def model():
    return ImpactModel(seed=7).fit(
        made(row("desk lamp", 300, 30), row("floor lamp", 200, 18, ad_group="Floor"))
    )


@pytest.mark.parametrize(("before", "after"), [(0.0, 20.0), (50.0, 0.0), (0.0, 0.0), (50.0, 200.0)])
def test_a_new_percentage_moves_the_share_of_its_placement(model, before, after):
    known = placements(lamps(top=(before, 200, 30, 100.0)))
    change = Change.placement(TOP, Place("Lamps"), after)
    effect = model.what_if(ChangeSet((change,)), placements=known, draws=4000).only
    ratio = (1 + after / 100) / (1 + before / 100)
    share = of(known, "Lamps", TOP)
    spend = share["spend_share"] * (ratio ** (VOLUME_POWER[0] + COST_POWER[0]) - 1)
    sales = share["sales_share"] * (ratio ** VOLUME_POWER[0] - 1)
    rough = {"abs": 0.02, "rel": 0.15}  # elasticities are drawn, too
    assert effect.difference.spend.mean / effect.before.spend.mean == pytest.approx(spend, **rough)
    assert effect.difference.sales.mean / effect.before.sales.mean == pytest.approx(sales, **rough)


def test_percentages_of_several_placements_add_up(model):
    known = placements(lamps())
    both = [Change.placement(one, Place("Lamps"), 20.0) for one in (TOP, PAGE)]
    apart = [
        model.what_if(ChangeSet((one,)), placements=known, draws=400).difference.spend.mean
        for one in both
    ]
    together = model.what_if(ChangeSet(tuple(both)), placements=known, draws=400)
    assert together.difference.spend.mean == pytest.approx(sum(apart), rel=1e-6)


def test_a_placement_without_figures_is_named(model):
    change = Change.placement(TOP, Place("Lamps"), 20.0)
    for known in (None, placements(account(("Other", TOP, 0, 9, 1, 5.0)))):
        effect = model.what_if(ChangeSet((change,)), placements=known, draws=50)
        assert [one.change for one in effect.unknown] == [change]
        assert effect.difference.spend.mean == 0
    assert np.isfinite(effect.after.spend.mean)

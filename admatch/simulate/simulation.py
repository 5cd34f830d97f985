"""A simulated account with its past and its future: ``simulate``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.catalog.records import Catalog
from admatch.errors import InputError
from admatch.messages import say
from admatch.simulate.assumptions import Assumptions
from admatch.simulate.bulk import PORTFOLIO, bulk_sheets, sku_of
from admatch.simulate.console import (
    KEY,
    PRODUCT_KEY,
    PURCHASED_KEY,
    in_advertised_columns,
    in_console_columns,
    in_purchased_columns,
    summarise,
)
from admatch.simulate.placements import draw_placements
from admatch.simulate.served import Served, served_terms
from admatch.simulate.truth import Truth, draw_truth

LONGEST = 1100  # days in all: three years


@dataclass(frozen=True, slots=True)
class Period:
    """A period in the columns of Amazon's console: a row for each day, and sums over the days.

    ``advertised`` are the sums of each product shown, ``purchased`` those of each other product
    that was bought after its clicks, by target.
    """

    daily: pl.DataFrame
    summary: pl.DataFrame
    advertised: pl.DataFrame
    purchased: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Simulation:
    """An account's history as downloaded, its future in full, and the truth behind both.

    The history lacks the orders that had not arrived when it was downloaded; the future lacks
    none. ``truth`` has a row for each (ad group, term): campaign, ad_group, search_term, kind,
    relevance (0 … 1), product_ids (the own products that the term is about), product_id (the one
    shown), category, true_cvr, order_value, cpc, clicks (expected in the history), future_cvr and
    future_clicks. ``bulk`` has the tabs of the bulk file on the last day of the history,
    ``placements`` the truth of each campaign's placements, where they were asked for.
    """

    history: Period
    future: Period
    bulk: dict[str, pl.DataFrame]
    truth: pl.DataFrame
    currency: str
    assumptions: Assumptions
    placements: pl.DataFrame | None = None


def simulate(
    catalog: Catalog,
    *,
    seed: int,
    days: int = 90,
    terms: int = 2000,
    start: date = date(2025, 1, 1),
    assumptions: Assumptions | None = None,
    budgets: Mapping[str, float] | None = None,
    placements: bool = False,
    apart: bool = False,
) -> Simulation:
    """Return an account that advertises ``catalog`` for ``days`` days, and as many afterwards.

    ``terms`` is the approximate number of distinct search terms. ``budgets`` are daily ones by
    campaign, in the catalog's currency: when one is spent, the campaign's ads stop for the day.
    With ``placements`` the bulk file has bidding adjustments; nothing else changes by them. Each
    product has campaigns of its own where they are ``apart``, otherwise each category has. The same
    arguments give the same account. Raises ``InputError`` for a catalog without products, and for
    days or terms out of range.
    """
    if len(catalog) == 0:
        raise InputError(say("simulate.catalog.empty"))
    if not 1 <= 2 * days <= LONGEST or terms < 10:
        raise InputError(say("simulate.size", most=LONGEST // 2, days=days, terms=terms))
    assumed = assumptions or Assumptions.load()
    rng = np.random.default_rng(seed)
    served = served_terms(catalog, terms, assumed, rng, apart=apart)
    truth = draw_truth(catalog, served, 2 * days, start.weekday(), assumed, rng)
    currency = _currency(catalog)
    clicks = rng.poisson(truth.clicks)
    if budgets:
        clicks = _within(budgets, clicks, served, truth, rng)
    rows = _rows(served, truth, clicks, assumed, rng).with_columns(
        pl.lit(PORTFOLIO).alias("portfolio"),
        pl.lit(currency).alias("currency"),
        (pl.lit(start) + pl.duration(days=pl.col("day"))).alias("date"),
    )
    past = _as_downloaded(rows.filter(pl.col("day") < days), days, assumed, rng)
    places = draw_placements(past, seed, assumed.placement) if placements else None
    return Simulation(
        history=_period(past),
        future=_period(rows.filter(pl.col("day") >= days)),
        bulk=bulk_sheets(
            past, served.campaigns, currency, start - timedelta(days=30), budgets, places
        ),
        truth=_truth_frame(served, truth, days),
        currency=currency,
        assumptions=assumed,
        placements=places,
    )


def _within(
    budgets: Mapping[str, float],
    clicks: npt.NDArray[np.int64],
    served: Served,
    truth: Truth,
    rng: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """Return the clicks (targets, days) that come before their campaign's budget is spent.

    Every target is asked for all day long, so each loses the same share of its clicks.
    """
    kept = np.ones(clicks.shape)
    names = pl.DataFrame(list(served.targets))["campaign"].to_numpy()
    for campaign, budget in budgets.items():
        own = names == campaign
        cost = (clicks[own] * truth.cpc[own, None]).sum(axis=0)
        kept[own] = np.minimum(1.0, 100 * budget / np.maximum(cost, 1))
    left: npt.NDArray[np.int64] = rng.binomial(clicks, kept)
    return left


def _rows(
    served: Served,
    truth: Truth,
    clicks: npt.NDArray[np.int64],
    assumed: Assumptions,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return one row for each target and day with a click, all orders known; amounts in cents."""
    at, day = np.nonzero(clicks)
    count = clicks[at, day]
    orders = rng.binomial(count, truth.cvr[at, day])
    cost = count * truth.cpc[at] * rng.lognormal(0, assumed.cost["day"], len(at))
    skus = np.array([sku_of(one) for one in served.promoted])
    targets = pl.DataFrame(list(served.targets))
    rows = targets[at].with_columns(
        day=pl.Series(day),
        product_id=pl.Series(np.array(served.promoted)[at]),
        sku=pl.Series(skus[at]),
        companion_id=pl.Series(np.array(served.companion)[at]),
        search_term=pl.Series([term.text for term in served.terms]).gather(
            np.array(served.owner)[at]
        ),
        impressions=pl.Series(count + rng.negative_binomial(count, truth.ctr[at])),
        clicks=pl.Series(count),
        spend=pl.Series(np.maximum(np.rint(cost), 2 * count).astype(np.int64)),
        price=pl.Series(truth.price[at].astype(np.int64)),
        companion_price=pl.Series(truth.companion_price[at].astype(np.int64)),
    )
    return _sold(rows, orders, assumed, rng)


def _sold(
    rows: pl.DataFrame,
    orders: npt.NDArray[np.int64],
    assumed: Assumptions,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return the rows with ``orders`` and the units and sales that they bring."""
    units = orders + rng.binomial(orders, assumed.order["second_unit"])
    halo = rng.binomial(units, assumed.order["halo"])
    price, companion = rows["price"].to_numpy(), rows["companion_price"].to_numpy()
    return rows.with_columns(
        orders=pl.Series(orders),
        units=pl.Series(units),
        units_promoted=pl.Series(units - halo),
        units_halo=pl.Series(halo),
        sales_promoted=pl.Series((units - halo) * price),
        sales_halo=pl.Series(halo * companion),
    )


def _as_downloaded(
    rows: pl.DataFrame, days: int, assumed: Assumptions, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the rows with the orders that had arrived when the report was downloaded."""
    last = days - 1 + assumed.lag["pulled_after"]
    known = np.array([assumed.arrived(last - day) for day in range(days)])
    orders = rng.binomial(rows["orders"].to_numpy(), known[rows["day"].to_numpy()])
    return _sold(rows, orders, assumed, rng)


def _period(rows: pl.DataFrame) -> Period:
    return Period(
        daily=in_console_columns(rows.sort("date", *KEY)),
        summary=in_console_columns(summarise(rows)),
        advertised=in_advertised_columns(summarise(rows, PRODUCT_KEY)),
        purchased=in_purchased_columns(summarise(_with_halo(rows), PURCHASED_KEY)),
    )


def _with_halo(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that sold another product, with the orders that held one."""
    halo = rows.filter(pl.col("units_halo") > 0)
    return halo.with_columns(orders=pl.min_horizontal("orders", "units_halo"))


def _truth_frame(served: Served, truth: Truth, days: int) -> pl.DataFrame:
    """Return the truth by ad group and term, weighted over the targets that share them."""
    terms = [served.terms[number] for number in served.owner]
    past, later = truth.clicks[:, :days], truth.clicks[:, days:]
    frame = (
        pl.DataFrame(list(served.targets))
        .select("campaign", "ad_group")
        .with_columns(
            search_term=pl.Series([term.text for term in terms]),
            kind=pl.Series([term.kind.value for term in terms]),
            product_ids=pl.Series(
                [list(term.product_ids) for term in terms], dtype=pl.List(pl.String)
            ),
            category=pl.Series([term.category for term in terms], dtype=pl.String),
            product_id=pl.Series(list(served.promoted)),
            relevance=pl.Series(truth.relevance),
            clicks=pl.Series(past.sum(axis=1)),
            future_clicks=pl.Series(later.sum(axis=1)),
            orders=pl.Series((past * truth.cvr[:, :days]).sum(axis=1)),
            future_orders=pl.Series((later * truth.cvr[:, days:]).sum(axis=1)),
            value=pl.Series((past * truth.cvr[:, :days]).sum(axis=1) * truth.order_value / 100),
            cost=pl.Series(past.sum(axis=1) * truth.cpc / 100),
        )
    )
    per_click = pl.col("clicks").sum()
    return (
        frame.group_by("campaign", "ad_group", "search_term", maintain_order=True)
        .agg(
            pl.col("kind", "product_ids", "category").first(),
            pl.col("product_id").sort_by("clicks").last(),
            ((pl.col("relevance") * pl.col("clicks")).sum() / per_click).alias("relevance"),
            (pl.col("orders").sum() / per_click).alias("true_cvr"),
            (pl.col("value").sum() / pl.col("orders").sum()).alias("order_value"),
            (pl.col("cost").sum() / per_click).alias("cpc"),
            per_click.alias("expected_clicks"),
            (pl.col("future_orders").sum() / pl.col("future_clicks").sum()).alias("future_cvr"),
            pl.col("future_clicks").sum().alias("expected_future_clicks"),
        )
        .rename({"expected_clicks": "clicks", "expected_future_clicks": "future_clicks"})
        .sort("campaign", "ad_group", "search_term")
    )


def _currency(catalog: Catalog) -> str:
    named = catalog.frame["currency"].drop_nulls()
    return str(named.mode().sort()[0]) if len(named) else "USD"

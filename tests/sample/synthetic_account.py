"""A synthetic advertising account: what terms cost and brought, and the truth behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.catalog.records import Catalog
from admatch.errors import InputError
from admatch.simulate.bulk import PORTFOLIO, bulk_sheets, sku_of
from admatch.simulate.campaigns import Campaigns, Target
from admatch.simulate.console import (
    KEY,
    PRODUCT_KEY,
    in_advertised_columns,
    in_console_columns,
    summarise,
)
from admatch.simulate.terms import Kind, Term, TermMaker, take_apart

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Means of a kind of term: orders a click, clicks an impression, traffic beside others'."""

    cvr: float
    ctr: float
    traffic: float


# Invented, in the order of size that grocery accounts show.
BEHAVIOUR = {
    Kind.RELEVANT: Behaviour(0.11, 0.012, 1.0),
    Kind.VAGUE: Behaviour(0.03, 0.004, 1.6),
    Kind.MISSPELT: Behaviour(0.09, 0.010, 0.35),
    Kind.COMPETITOR: Behaviour(0.025, 0.005, 0.7),
    Kind.OFF_CATALOG: Behaviour(0.002, 0.002, 0.6),
    Kind.ASIN: Behaviour(0.03, 0.004, 0.5),
    Kind.STAR: Behaviour(0.02, 0.003, 4.0),
}
OWN_ASIN_CVR = 0.10  # on the page of one's own product
ZIPF = 0.8  # traffic falls as rank to this power
CLICKS_A_TERM = 14  # in 30 days
CVR_STRENGTH = 40.0  # clicks that a kind's mean is worth for one term
CPC_SHARE = 0.05  # of the median price: about 30 % ACOS on relevant terms
MORE_UNITS = 0.18  # chance that an order holds a second unit
HALO_SHARE = 0.18  # of the units are of another own product
PLAIN_PRICE = 20.0  # where a catalog names no price
_CPC_BY_TYPE = {"EXACT": 1.25, "PHRASE": 1.1, "BROAD": 1.0, "-": 0.8}


@dataclass(frozen=True)
class SyntheticAccount:
    """An invented account's search-term reports, and what nobody else could know about them.

    ``daily`` and ``summary`` have the columns of Amazon's Sponsored Products console report with
    typed cells; ``summary`` is the sum of ``daily``. ``advertised`` is the advertised product
    report of the same clicks, ``bulk`` the tabs of the same account's bulk file. ``truth`` has a
    row a term: search_term, kind, product_ids (the products it is about, an empty list for none),
    category, true_cvr (orders per click that the orders were drawn with).
    """

    daily: pl.DataFrame
    summary: pl.DataFrame
    advertised: pl.DataFrame
    bulk: dict[str, pl.DataFrame]
    truth: pl.DataFrame


def synthesize_account(
    catalog: Catalog,
    *,
    seed: int,
    days: int = 30,
    terms: int = 350,
    start: date = date(2025, 5, 1),
) -> SyntheticAccount:
    """Return an account that advertises ``catalog`` for ``days`` days from ``start``.

    ``terms`` is about the number of distinct search terms. The same arguments give the same
    account. Raises ``InputError`` for a catalog without products.
    """
    if len(catalog) == 0:
        raise InputError("the catalog holds no product; a report needs at least one")
    rng = np.random.default_rng(seed)
    items = take_apart(catalog)
    made = TermMaker(items, rng).make(terms)
    campaigns = Campaigns(items, made, rng)
    cvr = _true_cvr(made, rng)
    served = [
        (number, target) for number, t in enumerate(made) for target in campaigns.targets_of(t)
    ]
    clicks = _clicks(made, served, days, rng)
    rows = _rows(catalog, campaigns, made, served, clicks, cvr, rng)
    currency = _currency(catalog)
    rows = rows.with_columns(
        pl.lit(PORTFOLIO).alias("portfolio"),
        pl.lit(currency).alias("currency"),
        pl.col("product_id").map_elements(sku_of, return_dtype=pl.String).alias("sku"),
        date=pl.lit(start) + pl.duration(days=pl.col("day")),
    )
    return SyntheticAccount(
        daily=in_console_columns(rows.sort("date", *KEY)),
        summary=in_console_columns(summarise(rows)),
        advertised=in_advertised_columns(summarise(rows, PRODUCT_KEY)),
        bulk=bulk_sheets(rows, campaigns, currency, start),
        truth=_truth(made, cvr),
    )


def _true_cvr(terms: Sequence[Term], rng: np.random.Generator) -> Floats:
    categories = sorted({term.category or "" for term in terms})
    factors = dict(zip(categories, rng.lognormal(0, 0.3, len(categories)), strict=True))
    own = [term.kind is Kind.ASIN and bool(term.product_ids) for term in terms]
    means = np.where(own, OWN_ASIN_CVR, [BEHAVIOUR[term.kind].cvr for term in terms])
    means = np.minimum(means * np.array([factors[term.category or ""] for term in terms]), 0.5)
    cvr: Floats = rng.beta(means * CVR_STRENGTH, (1 - means) * CVR_STRENGTH)
    return cvr


def _clicks(
    terms: Sequence[Term],
    served: Sequence[tuple[int, Target]],
    days: int,
    rng: np.random.Generator,
) -> Ints:
    """Return clicks by target and day; every term has at least one."""
    ranks = rng.permutation(len(terms)) + 1
    traffic = np.array([BEHAVIOUR[term.kind].traffic for term in terms]) / ranks**ZIPF
    traffic *= CLICKS_A_TERM * len(terms) / traffic.sum()
    owner = np.array([number for number, _ in served])
    weights = np.array([target.weight for _, target in served]) * rng.uniform(0.5, 1.5, len(served))
    share = weights / np.bincount(owner, weights)[owner]
    weekly = 1 + 0.15 * np.sin(2 * np.pi * np.arange(days) / 7)
    clicks = rng.poisson(np.outer(traffic[owner] * share, weekly / 30))
    idle = np.bincount(owner, clicks.sum(axis=1)) == 0
    first = np.unique(owner, return_index=True)[1][idle]
    clicks[first, rng.integers(days, size=len(first))] = 1
    return clicks


def _rows(
    catalog: Catalog,
    campaigns: Campaigns,
    terms: Sequence[Term],
    served: Sequence[tuple[int, Target]],
    clicks: Ints,
    cvr: Floats,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return one row for every target and day with a click; amounts in cents."""
    prices = _prices(catalog)
    promoted = [_promoted(terms[number], target, campaigns, rng) for number, target in served]
    price = np.array([prices[product_id] for product_id in promoted])
    bid = _bids(served, float(np.median(list(prices.values()))), rng)
    ctr = np.array([BEHAVIOUR[terms[number].kind].ctr for number, _ in served])
    owner = np.array([number for number, _ in served])
    at, day = np.nonzero(clicks)
    count = clicks[at, day]
    orders = rng.binomial(count, cvr[owner[at]])
    units = orders + rng.binomial(orders, MORE_UNITS)
    halo = rng.binomial(units, HALO_SHARE)
    other = rng.choice(np.array(list(prices.values())), len(at))
    spend = np.rint(count * bid[at] * rng.lognormal(0, 0.12, len(at)))
    targets = pl.DataFrame([target for _, target in served])
    return targets[at].with_columns(
        day=pl.Series(day),
        product_id=pl.Series([promoted[number] for number in at]),
        search_term=pl.Series([terms[number].text for number in owner[at]]),
        impressions=pl.Series(count + rng.negative_binomial(count, ctr[at])),
        clicks=pl.Series(count),
        spend=pl.Series(np.maximum(spend, 2 * count).astype(np.int64)),  # no bid below 0.02
        orders=pl.Series(orders),
        units=pl.Series(units),
        units_promoted=pl.Series(units - halo),
        units_halo=pl.Series(halo),
        sales_promoted=pl.Series((units - halo) * price[at]),
        sales_halo=pl.Series(halo * other),
    )


def _prices(catalog: Catalog) -> dict[str, int]:
    """Return every product's price in cents; the median stands in where one is missing."""
    column = catalog.frame["price"]
    usual = column.median()
    filled = column.fill_null(usual if isinstance(usual, float) else PLAIN_PRICE)
    cents = (filled * 100).round().cast(pl.Int64).to_list()
    return dict(zip(catalog.frame["product_id"].to_list(), cents, strict=True))


def _promoted(term: Term, target: Target, campaigns: Campaigns, rng: np.random.Generator) -> str:
    """Return the product whose ad the target shows: one the term is about, if any is there."""
    here = set(campaigns.groups[target.group])
    about = [product_id for product_id in term.product_ids if product_id in here]
    choices = about or campaigns.groups[target.group]
    return choices[int(rng.integers(len(choices)))]


def _bids(
    served: Sequence[tuple[int, Target]], usual_price: float, rng: np.random.Generator
) -> Floats:
    """Return cents a click by target."""
    level = usual_price * CPC_SHARE
    types = np.array([_CPC_BY_TYPE[target.match_type] for _, target in served])
    return level * types * rng.lognormal(0, 0.25, len(served))


def _currency(catalog: Catalog) -> str:
    named = catalog.frame["currency"].drop_nulls()
    return str(named.mode().sort()[0]) if len(named) else "USD"


def _truth(terms: Sequence[Term], cvr: Floats) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "search_term": [term.text for term in terms],
            "kind": [term.kind.value for term in terms],
            "product_ids": [list(term.product_ids) for term in terms],
            "category": [term.category for term in terms],
            "true_cvr": cvr.round(6),
        },
        schema_overrides={"product_ids": pl.List(pl.String()), "category": pl.String()},
    ).sort("search_term")

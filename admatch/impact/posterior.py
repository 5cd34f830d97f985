"""Evidence and prior → the posterior of every (ad group, term), and of what is still unseen."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from admatch.arrays import Floats, Ints
from admatch.catalog.records import Catalog
from admatch.display.money import money
from admatch.errors import Problem
from admatch.impact.beta import Beta
from admatch.impact.columns import AD_GROUP, CAMPAIGN, CURRENCY
from admatch.impact.evidence import RowEvidence, elsewhere
from admatch.impact.interval import HIGH, LOW
from admatch.impact.market import MarketFit, with_market
from admatch.impact.parameters import Parameters
from admatch.impact.prior import Prior, fit_prior
from admatch.impact.ratios import Ratios, shrink
from admatch.impact.related_terms import SemanticPools
from admatch.impact.strength import TELLING, fit_strength
from admatch.impact.trees import Trees
from admatch.impact.volume import expected_clicks, tail_exponent
from admatch.match.records import Matches
from admatch.messages import say

# A term's share of promoted sales is drawn to the account's by this many orders.
_PROMOTED_ORDERS = 5.0
# Deviations of the logarithms of order value and cost per click of unseen terms. They are many, so
# their average is steadier than any single one.
_GROUP_DEVIATIONS = (0.1, 0.05)


@dataclass(frozen=True)
class Fitted:
    """Everything that the model knows of a report.

    ``parameters`` are those of the rows of ``posteriors``, ``unseen`` those of the terms that no
    row shows yet, one entry for each of ``groups``. ``matches`` holds what each term retrieves.
    """

    evidence: RowEvidence
    prior: Prior
    posteriors: pl.DataFrame
    parameters: Parameters
    groups: pl.DataFrame
    unseen: Parameters
    strength: float
    matches: Matches | None
    notes: tuple[Problem, ...]
    market: MarketFit | None = None

    @property
    def basis(self) -> str:
        """What the prior rests on: "lightgbm" or "shrinkage"."""
        return self.prior.basis


def fit(
    evidence: RowEvidence,
    matches: Matches | None,
    catalog: Catalog | None,
    trees: Trees | None = None,
    market: pl.DataFrame | None = None,
    held_out: Floats | None = None,
) -> Fitted:
    """Return the posteriors of all rows of the evidence; ``trees`` are grown unless given.

    ``held_out`` are the rates that an earlier fit to the very same evidence and matches held out.

    ``market`` (``market.MARKET_SCHEMA``) moves priors where that predicts better.
    """
    rows = evidence.rows
    meaning = None if matches is None else SemanticPools.of(matches, catalog)
    prior = fit_prior(rows, meaning, trees, held_out)
    means = prior.held_out
    clicks = rows["mature_clicks"].to_numpy().astype(np.float64)
    converted = rows["converted"].to_numpy().astype(np.float64)
    of_groups = prior.shrinkage.level(AD_GROUP).table["clicks"]
    # the terms of a group are alike, so it vouches for half as much as a group among groups
    telling = int((of_groups >= TELLING).sum()) // 2
    strength = fit_strength(converted, np.maximum(clicks, converted), means, telling)
    heard = None
    if market is not None:
        means, heard = with_market(rows, means, strength, market)
    more_orders, more_clicks = elsewhere(rows, strength)
    rates = Beta.after(converted + more_orders, clicks + more_clicks, means, strength)
    parameters, more = _parameters(rows, rates, catalog)
    groups, unseen = _unseen(rows, parameters, prior)
    notes = (*evidence.notes, *prior.notes, *more)
    table = _tabulate(rows, parameters, rates, means, strength)
    return Fitted(
        evidence, prior, table, parameters, groups, unseen, strength, matches, notes, heard
    )


def _parameters(
    rows: pl.DataFrame, rates: Beta, catalog: Catalog | None
) -> tuple[Parameters, list[Problem]]:
    values, costs = shrink(rows, "sales", "orders"), shrink(rows, "spend", "clicks")
    mean, notes = _fill_values(rows, values, catalog)
    seen = rows["clicks"].to_numpy().astype(np.float64)
    return Parameters(
        clicks=expected_clicks(seen, tail_exponent(seen)),
        alpha=rates.a,
        beta=rates.b,
        surplus=_surplus(rows),
        order_value=mean,
        order_value_deviation=values.deviation,
        order_noise=np.full(rows.height, values.within),
        cpc=np.nan_to_num(costs.mean),
        cpc_deviation=costs.deviation,
        promoted=_promoted(rows),
        currency=_numbers(rows, CURRENCY),
        campaign=_numbers(rows, CAMPAIGN),
    ), notes


def _fill_values(
    rows: pl.DataFrame, values: Ratios, catalog: Catalog | None
) -> tuple[Floats, list[Problem]]:
    """Return the order values; of accounts without any, the median price of the catalog."""
    mean, notes = values.mean.copy(), []
    for (currency,), part in rows.select("row", "currency").group_by(
        "currency", maintain_order=True
    ):
        numbers = part["row"].to_numpy()
        if not np.isnan(mean[numbers]).any():
            continue
        code = None if currency is None else str(currency)
        what = say("impact.value.unknown")
        if code is not None:
            what = say("impact.value.unknown_in", currency=code)
        remedy = say("impact.value.give_prices")
        price = None if catalog is None else _median_price(catalog, code)
        if price is not None:
            mean[numbers] = price
            remedy = say("impact.value.median_price", price=money(price, code))
        notes.append(Problem(Path("report"), what, remedy))
    return mean, notes


def _median_price(catalog: Catalog, currency: str | None) -> float | None:
    own = pl.col("currency").is_null()
    if currency is not None:
        own = own | (pl.col("currency") == currency)
    median = catalog.frame.filter(own)["price"].drop_nulls().median()
    return float(median) if isinstance(median, float) else None


def _surplus(rows: pl.DataFrame) -> Floats:
    """Return the orders beyond one a click, as a share of those, by currency."""
    extra = (pl.col("orders") - pl.col("converted")).sum().over("currency")
    share = extra / pl.col("converted").sum().over("currency").clip(1)
    return rows.select(share).to_series().to_numpy().astype(np.float64)


def _promoted(rows: pl.DataFrame) -> Floats:
    """Return the share of sales that fall on the advertised product, drawn to the currency's."""
    known = pl.col("sales_promoted").is_not_null() & pl.col("sales").is_not_null()
    sales = pl.when(known).then(pl.col("sales")).otherwise(0.0)
    own = pl.col("sales_promoted").fill_null(0.0).clip(0, sales)
    account = own.sum().over("currency") / sales.sum().over("currency")
    worth = (
        _PROMOTED_ORDERS * sales.sum().over("currency") / pl.col("orders").sum().over("currency")
    )
    share = (own + worth * account) / (sales + worth)
    return rows.select(share.cast(pl.Float64).fill_null(np.nan)).to_series().to_numpy()


def _numbers(rows: pl.DataFrame, key: tuple[str, ...]) -> Ints:
    """Return a number for each distinct key, in alphabetical order, not in that of the rows."""
    return rows.select(pl.struct(key).rank("dense") - 1).to_series().to_numpy().astype(np.int64)


def _unseen(rows: pl.DataFrame, p: Parameters, prior: Prior) -> tuple[pl.DataFrame, Parameters]:
    """Return ad groups and the parameters of the terms that they have not shown yet.

    New terms take over what the rows are expected to lose, so that an account keeps its volume.
    They convert, cost and sell as their ad group does.
    """
    groups = _add_up_groups(rows, p)
    sums = {name: groups[name].to_numpy() for name in groups.columns[len(AD_GROUP) + 2 :]}
    rates = prior.shrinkage.level(AD_GROUP).posterior(groups)
    per_click, per_order = np.maximum(sums["clicks"], 1e-9), np.maximum(sums["orders"], 1e-9)
    zeros = np.zeros(groups.height)
    return groups.select(*AD_GROUP, "campaign_id", "ad_group_id"), Parameters(
        clicks=sums["lost"],
        alpha=rates.a,
        beta=rates.b,
        surplus=sums["surplus"],
        order_value=sums["sales"] / per_order,
        order_value_deviation=zeros + _GROUP_DEVIATIONS[0],
        order_noise=zeros + (p.order_noise[0] if len(p) else 0.0),
        cpc=sums["spend"] / per_click,
        cpc_deviation=zeros + _GROUP_DEVIATIONS[1],
        promoted=sums["promoted"] / per_click,
        currency=sums["currency_number"],
        campaign=sums["campaign_number"],
    )


def _add_up_groups(rows: pl.DataFrame, p: Parameters) -> pl.DataFrame:
    """Return names and IDs of each ad group, then what is expected of its rows, added up."""
    summed = {
        "lost": np.maximum(rows["clicks"].to_numpy() - p.clicks, 0.0),
        "clicks": p.clicks,
        "spend": p.clicks * p.cpc,
        "orders": p.clicks * p.cvr,
        "sales": p.clicks * p.cvr * p.order_value,
        "promoted": p.promoted * p.clicks,
    }
    same = {"surplus": p.surplus, "currency_number": p.currency, "campaign_number": p.campaign}
    frame = rows.select(*AD_GROUP, "campaign_id", "ad_group_id").with_columns(
        **{name: pl.Series(values) for name, values in (summed | same).items()}
    )
    return frame.group_by(AD_GROUP, maintain_order=True).agg(
        pl.col("campaign_id", "ad_group_id").drop_nulls().first(),
        *(pl.col(name).sum() for name in summed),
        *(pl.col(name).first() for name in same),
    )


def _tabulate(
    rows: pl.DataFrame, p: Parameters, rates: Beta, means: Floats, strength: float
) -> pl.DataFrame:
    clicks = pl.col("clicks")
    known = pl.when(clicks > 0).then(pl.col("mature_clicks") / clicks).otherwise(1.0)
    return rows.select(
        "currency",
        "campaign",
        "ad_group",
        "search_term",
        "term_kind",
        "campaign_id",
        "ad_group_id",
        "targets",
        "match_types",
        "impressions",
        "clicks",
        "spend",
        "orders",
        "sales",
        "sales_promoted",
        "sales_halo",
        known.alias("maturity"),
        pl.Series("prior_cvr", means),
        pl.lit(strength).alias("strength"),
        pl.Series("cvr", rates.mean),
        pl.Series("cvr_low", rates.quantile(LOW)),
        pl.Series("cvr_high", rates.quantile(HIGH)),
        pl.Series("order_value", p.order_value).fill_nan(None),
        pl.Series("cpc", p.cpc),
        pl.Series("expected_clicks", p.clicks),
        "first_date",
        "last_date",
        "days",
    )

"""Evidence and prior → the posterior of every (ad group, term), and of what is still unseen."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import beta as beta_distribution

from admatch.catalog.records import Catalog
from admatch.errors import Problem
from admatch.impact.evidence import RowEvidence
from admatch.impact.kinship import SemanticPools
from admatch.impact.parameters import Floats, Parameters
from admatch.impact.prior import Prior, fit_prior
from admatch.impact.ratios import Ratios, shrink
from admatch.impact.shrinkage import AD_GROUP_CLICKS
from admatch.impact.strength import fit_strength, posterior
from admatch.impact.trees import Trees
from admatch.impact.volume import expected_clicks, tail_exponent
from admatch.match.records import Matches

CREDIBLE = 0.80  # of cvr_low to cvr_high
_PROMOTED_ORDERS = 5.0  # how many orders a term's share of promoted sales is drawn to the account's
_GROUP = ("currency", "campaign", "ad_group")
# Of logarithms of order value and cost per click: unseen terms are many, their average is steadier
# than any of them.
_GROUP_DEVIATIONS = (0.1, 0.05)


@dataclass(frozen=True)
class Fitted:
    """Everything that the model knows of a report.

    ``parameters`` are those of the rows of ``posteriors``, ``unseen`` those of the terms that no
    row shows yet, one entry for each of ``groups``. ``matched`` holds what each term retrieves.
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

    @property
    def basis(self) -> str:
        """What the prior rests on: "lightgbm" or "shrinkage"."""
        return self.prior.basis


def fit(
    evidence: RowEvidence,
    matches: Matches | None,
    catalog: Catalog | None,
    seed: int,
    trees: Trees | None = None,
) -> Fitted:
    """Return the posteriors of all rows of the evidence; by given ``trees``, else new ones."""
    rows = evidence.rows
    meaning = None if matches is None else SemanticPools.of(matches, catalog)
    prior, means = fit_prior(rows, meaning, seed, trees)
    clicks = rows["mature_clicks"].to_numpy().astype(np.float64)
    converted = rows["converted"].to_numpy().astype(np.float64)
    strength = fit_strength(converted, np.maximum(clicks, converted), means)
    alpha, beta = posterior(converted, clicks, means, strength)
    parameters, told = _parameters(rows, alpha, beta, catalog)
    groups, unseen = _unseen(rows, parameters, prior)
    notes = (*evidence.notes, *prior.notes, *told)
    table = _tabulate(rows, parameters, means, strength)
    return Fitted(evidence, prior, table, parameters, groups, unseen, strength, matches, notes)


def _parameters(
    rows: pl.DataFrame, alpha: Floats, beta: Floats, catalog: Catalog | None
) -> tuple[Parameters, list[Problem]]:
    values, costs = shrink(rows, "sales", "orders"), shrink(rows, "spend", "clicks")
    mean, notes = _fill_values(rows, values, catalog)
    seen = rows["clicks"].to_numpy().astype(np.float64)
    return Parameters(
        clicks=expected_clicks(seen, tail_exponent(seen)),
        alpha=alpha,
        beta=beta,
        surplus=_surplus(rows),
        order_value=mean,
        order_value_deviation=values.deviation,
        order_noise=np.full(rows.height, values.within),
        cpc=np.nan_to_num(costs.mean),
        cpc_deviation=costs.deviation,
        promoted=_promoted(rows),
        currency=_numbers(rows, ("currency",)),
        campaign=_numbers(rows, ("currency", "campaign")),
    ), notes


def _fill_values(
    rows: pl.DataFrame, values: Ratios, catalog: Catalog | None
) -> tuple[Floats, list[Problem]]:
    """Return the order values; of accounts without any, the middle price of the catalog."""
    mean, notes = values.mean.copy(), []
    for (currency,), part in rows.select("row", "currency").group_by("currency"):
        places = part["row"].to_numpy()
        if not np.isnan(mean[places]).any():
            continue
        price = None if catalog is None else _middle_price(catalog, currency)
        what = f"no order of the {currency or 'unknown'} currency tells what an order is worth"
        remedy = "sales, ACOS and profit are left unknown; give a catalog with prices"
        if price is not None:
            mean[places], remedy = price, f"the catalog's middle price stands in, {price:.2f}"
        notes.append(Problem(Path("report"), what, remedy))
    return mean, notes


def _middle_price(catalog: Catalog, currency: object) -> float | None:
    prices = catalog.frame.filter((pl.col("currency") == currency) | pl.col("currency").is_null())[
        "price"
    ].drop_nulls()
    middle = prices.median()
    return float(middle) if isinstance(middle, float) else None


def _surplus(rows: pl.DataFrame) -> Floats:
    """Return the orders beyond one a click, as a share of those, by currency."""
    extra = (pl.col("orders") - pl.col("converted")).sum().over("currency")
    share = extra / pl.col("converted").sum().over("currency").clip(1)
    return rows.select(share).to_series().to_numpy().astype(np.float64)


def _promoted(rows: pl.DataFrame) -> Floats:
    """Return the share of sales that fall on the advertised product, drawn to the currency's."""
    told = pl.col("sales_promoted").is_not_null() & pl.col("sales").is_not_null()
    sales = pl.when(told).then(pl.col("sales")).otherwise(0.0)
    own = pl.col("sales_promoted").fill_null(0.0).clip(0, sales)
    account = own.sum().over("currency") / sales.sum().over("currency")
    worth = (
        _PROMOTED_ORDERS * sales.sum().over("currency") / pl.col("orders").sum().over("currency")
    )
    share = (own + worth * account) / (sales + worth)
    return rows.select(share.cast(pl.Float64).fill_null(np.nan)).to_series().to_numpy()


def _numbers(rows: pl.DataFrame, key: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Return a number for each distinct key, in alphabetic order: not in that of the rows."""
    return rows.select(pl.struct(key).rank("dense") - 1).to_series().to_numpy().astype(np.int64)


def _unseen(rows: pl.DataFrame, p: Parameters, prior: Prior) -> tuple[pl.DataFrame, Parameters]:
    """Return ad groups and the parameters of the terms that they have not shown yet.

    What the rows are expected to lose is taken over by new terms, so that an account keeps its
    volume. New terms convert as their ad group does, cost and sell as it does.
    """
    groups = _add_up_groups(rows, p)
    sums = {name: groups[name].to_numpy() for name in groups.columns[len(_GROUP) + 2 :]}
    rate = prior.shrinkage.account_rates(groups)
    alpha, beta = posterior(sums["converted"], sums["mature"], rate, AD_GROUP_CLICKS)
    per_click, per_order = np.maximum(sums["clicks"], 1e-9), np.maximum(sums["orders"], 1e-9)
    zeros = np.zeros(groups.height)
    return groups.select(*_GROUP, "campaign_id", "ad_group_id"), Parameters(
        clicks=sums["lost"],
        alpha=alpha,
        beta=beta,
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
    """Return place and IDs of each ad group, then what is expected of its rows, added up."""
    summed = {
        "lost": np.maximum(rows["clicks"].to_numpy() - p.clicks, 0.0),
        "clicks": p.clicks,
        "spend": p.clicks * p.cpc,
        "orders": p.clicks * p.cvr,
        "sales": p.clicks * p.cvr * p.order_value,
        "promoted": p.promoted * p.clicks,
        "converted": rows["converted"].to_numpy().astype(np.float64),
        "mature": rows["mature_clicks"].to_numpy(),
    }
    same = {"surplus": p.surplus, "currency_number": p.currency, "campaign_number": p.campaign}
    frame = rows.select(*_GROUP, "campaign_id", "ad_group_id").with_columns(
        **{name: pl.Series(values) for name, values in (summed | same).items()}
    )
    return frame.group_by(_GROUP, maintain_order=True).agg(
        pl.col("campaign_id", "ad_group_id").drop_nulls().first(),
        *(pl.col(name).sum() for name in summed),
        *(pl.col(name).first() for name in same),
    )


def _tabulate(rows: pl.DataFrame, p: Parameters, means: Floats, strength: float) -> pl.DataFrame:
    tail = (1 - CREDIBLE) / 2
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
        pl.Series("cvr", p.cvr),
        pl.Series("cvr_low", beta_distribution.ppf(tail, p.alpha, p.beta)),
        pl.Series("cvr_high", beta_distribution.ppf(1 - tail, p.alpha, p.beta)),
        pl.Series("order_value", p.order_value).fill_nan(None),
        pl.Series("cpc", p.cpc),
        pl.Series("expected_clicks", p.clicks),
        "first_date",
        "last_date",
        "days",
    )

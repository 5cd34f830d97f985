"""Where the clicks of each campaign come from, and what they bring there: ``draw_placements``."""

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.simulate.assumptions import Table

Floats: TypeAlias = npt.NDArray[np.float64]
SITES = ("Placement Top", "Placement Rest Of Search", "Placement Product Page")
BUSINESS = "Placement Amazon Business"  # a site: its clicks count among the others, too
_STREAM = 29  # of random numbers, so that placements change nothing else of an account
_COUNTS = ("impressions", "clicks", "orders", "units")


def draw_placements(rows: pl.DataFrame, seed: int, assumed: Table) -> pl.DataFrame:
    """Return a line for each campaign and placement: the truth, and the figures of ``rows``.

    Columns: campaign, placement, percentage (added to bids), share (of clicks), conversion and
    price (times the campaign's), volume_power and cost_power (of new bid over old: clicks, cost a
    click), and the figures of a bulk file (amounts in cents). Rates and prices average to the
    campaign's over the three placements.
    """
    rng = np.random.default_rng((seed, _STREAM))
    level = np.array(assumed["conversion"]) * np.exp(rng.normal(0, assumed["account"], 3))
    rows = rows.with_columns(sales=pl.col("sales_promoted") + pl.col("sales_halo"))
    sums = rows.group_by("campaign").agg(pl.col(*_COUNTS, "spend", "sales").sum())
    lines = [
        line
        for campaign in sums.sort("campaign").to_dicts()
        for line in _campaign(campaign, level, rng, assumed)
    ]
    return pl.DataFrame(lines, infer_schema_length=None)


def _campaign(
    sums: dict[str, Any], level: Floats, rng: np.random.Generator, assumed: Table
) -> Iterator[dict[str, Any]]:
    share = rng.dirichlet(np.array(assumed["share"]) * assumed["even"])
    conversion = level * np.exp(rng.normal(0, assumed["campaign"], 3))
    percentage = np.array([float(rng.choice(one)) for one in assumed["percentages"]])
    powers = [max(rng.normal(*assumed[name]), 0.05) for name in ("volume_power", "cost_power")]
    price = np.array(assumed["price"]) * (1 + percentage / 100) ** powers[1]
    price *= np.exp(rng.normal(0, assumed["price_spread"], 3))
    conversion, price = (one / (share @ one) for one in (conversion, price))
    parts = {
        "clicks": rng.multinomial(sums["clicks"], share),
        "orders": rng.multinomial(sums["orders"], share * conversion),
        "impressions": rng.multinomial(sums["impressions"], share),
    }
    parts["spend"] = _split(sums["spend"], parts["clicks"] * price)
    noise = rng.lognormal(0, assumed["order_value"], 3)
    parts["sales"] = _split(sums["sales"], parts["orders"] * noise)
    parts["units"] = _split(sums["units"], parts["orders"] * 1.0)
    truth = {"volume_power": powers[0], "cost_power": powers[1]}
    for number, name in enumerate(SITES):
        own = {key: int(values[number]) for key, values in parts.items()}
        yield {"campaign": sums["campaign"], "placement": name} | own | truth | {
            "percentage": percentage[number], "share": share[number],
            "conversion": conversion[number], "price": price[number],
        }  # fmt: skip
    part = rng.beta(*assumed["business"])
    own = {key: int(rng.binomial(sums[key], part)) for key in ("impressions", "clicks", "orders")}
    clicks, orders = max(sums["clicks"], 1), max(sums["orders"], 1)
    own |= {"spend": sums["spend"] * own["clicks"] // clicks, "units": own["orders"]}
    own |= {"sales": sums["sales"] * own["orders"] // orders}
    yield {"campaign": sums["campaign"], "placement": BUSINESS} | own | truth | {
        "percentage": 0.0, "share": part, "conversion": 1.0, "price": 1.0,
    }  # fmt: skip


def _split(total: int, weights: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.int64]:
    """Return whole parts of ``total`` in proportion to weights."""
    if weights.sum() <= 0:
        return np.zeros(len(weights), np.int64)
    ends = np.rint(total * np.cumsum(weights) / weights.sum()).astype(np.int64)
    parts: npt.NDArray[np.int64] = np.diff(ends, prepend=0)
    return parts

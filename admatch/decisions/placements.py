"""New percentages of placements, by what their clicks bring: ``placement_lines``.

A placement multiplies every bid of its campaign, so a click there is worth its campaign's target
share of what it sells. No percentage is below 0: a placement that is too dear without any has to be
cheapened by bids.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from admatch.arrays import Floats
from admatch.decisions.actions import Action
from admatch.decisions.campaign_lines import campaigns, with_gains
from admatch.decisions.guard_rails import GuardRails
from admatch.decisions.levels import CERTAIN, FEWEST, LIKELY, with_shared_doubt
from admatch.impact.elasticities import COST_POWER, VOLUME_POWER
from admatch.impact.placements import SalesShares

MOST = 900.0  # per cent: more Amazon does not take
# Clicks of a placement before it is lowered, as of a targeting, and before it is raised, as of an
# ad group: more money needs more evidence than less.
_FEWEST_LOWERED, _FEWEST_RAISED = FEWEST["targeting"], FEWEST["group"]
# New bid over old at which the last click just pays is ACOS over target at this one, to a power:
# clicks follow the bid, and so does the cost of each.
_MARGINAL = VOLUME_POWER[0] / (VOLUME_POWER[0] + COST_POWER[0])


def placement_lines(
    rows: pl.DataFrame, known: pl.DataFrame, guard_rails: GuardRails, capped: Mapping[str, float]
) -> pl.DataFrame:
    """Return a line for each placement of ``known`` that should get another percentage.

    It is lowered where ACOS there is surely above the target even after what is decided about the
    campaign's terms, and raised where it is surely below even without that, and the campaign's
    budget lasts. A step of one plus the percentage is like one of a bid.
    """
    lines = known.join(campaigns(rows, capped), on="campaign", maintain_order="left")
    rate, factor = SalesShares.of(lines).rate, _factors(lines, guard_rails)
    acos, above = _acos(lines, "spend", "sales")
    now = 1 + lines["percentage"].to_numpy() / 100
    new = (100 * (now * factor - 1)).clip(0.0, MOST).round()
    moved = (1 + new / 100) / now
    clicks = moved ** VOLUME_POWER[0]
    spend, sales = (
        lines[f"{name}_share"].to_numpy() * lines[name].to_numpy() for name in ("spend", "sales")
    )
    doubt = rate.variance / rate.mean**2 * (sales * (clicks - 1)) ** 2
    orders = np.abs(sales * (clicks - 1)) * lines["order_value"].fill_null(0.0).to_numpy()
    down, up = Action.PLACEMENT_DOWN.value, Action.PLACEMENT_UP.value
    found = lines.with_columns(
        label="placement",
        action=pl.Series(np.where(moved < 1, down, up), dtype=pl.String),
        why=pl.lit("level"),
        setting="percentage",
        new_setting=pl.Series(new),
        lever_acos=pl.Series(acos) * pl.col("target_acos"),
        lever_above=pl.Series(above),
        lever_clicks="clicks",
        lever_orders="orders",
        spend_added=pl.Series(spend * (moved ** (VOLUME_POWER[0] + COST_POWER[0]) - 1)),
        sales_change=pl.Series(sales * (clicks - 1)),
        variance=pl.Series(doubt + orders),
    )
    changed = found.filter(pl.Series(np.abs(moved - 1) > 1e-9))
    return with_gains(_spent_again(changed)).drop(
        "placement", "percentage", "spend_share", "sales_share", "rate", "weight"
    )


def _factors(lines: pl.DataFrame, guard_rails: GuardRails) -> Floats:
    """Return new bid over old of each placement; 1 where nothing is sure."""
    after, above_after = _acos(lines, "spend", "sales")
    before, above_before = _acos(lines, "spend_before", "sales_before")
    clicks = lines["clicks"].to_numpy()
    step = np.where(above_after >= CERTAIN, guard_rails.certain_step, guard_rails.step)
    lowered = np.maximum(1 / np.maximum(after, 1e-9), 1 - step)
    surely_dear = np.minimum(above_after, above_before) >= LIKELY
    dear = surely_dear & (after > 1) & (clicks >= _FEWEST_LOWERED)
    room = np.maximum(np.maximum(after, before), 1e-9)
    raised = np.minimum((_MARGINAL / room) ** (1 / COST_POWER[0]), 1 + guard_rails.step)
    surely_cheap = np.maximum(above_after, above_before) <= 1 - LIKELY
    cheap = surely_cheap & (raised > 1) & (clicks >= _FEWEST_RAISED)
    cheap &= (lines["orders"].to_numpy() > 0) & (lines["capped"].to_numpy() == 0)
    factors: Floats = np.where(dear, np.minimum(lowered, 1.0), np.where(cheap, raised, 1.0))
    return factors


def _acos(lines: pl.DataFrame, spend: str, sales: str) -> tuple[Floats, Floats]:
    """Return ACOS over the target at each placement, and the probability that it is above 1."""
    rate = SalesShares.of(lines).rate
    cost = lines[spend].to_numpy() * lines["spend_share"].to_numpy()
    sold = lines[sales].to_numpy() * lines["sales_share"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        acos = np.nan_to_num(cost / (sold * lines["target_acos"].to_numpy()), nan=1.0)
    above: Floats = 1 - with_shared_doubt(rate).above(rate.mean * acos)
    return acos, above


def _spent_again(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the lines with what a capped campaign spends again of what they free."""
    again = -pl.col("capped") * pl.col("spend_added")
    return lines.with_columns(
        spend_added=pl.col("spend_added") + again,
        sales_change=pl.col("sales_change") + again * pl.col("sales") / pl.col("spend"),
        spent_again=again,
    )

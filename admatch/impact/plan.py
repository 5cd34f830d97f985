"""What a change set does to the traffic of an account: ``Plan``."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from admatch.arrays import Floats, Ints, Mask
from admatch.impact.baseline import Baseline
from admatch.impact.changes import Change
from admatch.impact.shifts import Shift
from admatch.messages import Message

# Amazon charges the next bidder's price. Where the former bid is unknown it is assumed to be this
# many times the cost per click; the elasticities are wide because of it.
BID_OVER_CPC = 1.25
BLAST_SCHEMA: dict[str, pl.DataType] = {
    "change": pl.Int64(),  # its number in the change set, from 0
    "effect": pl.String(),  # blocks, may block, ends, new bid, new budget, takes over
    "share": pl.Float64(),  # of the row's clicks
    "row": pl.Int64(),
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """A change, or a part of it, whose effect the report does not show."""

    change: Change
    reason: Message


@dataclass(frozen=True)
class Gain:
    """Traffic that a new keyword of one ad group draws from rows of others.

    ``sources`` are their row numbers. ``blocked`` says whether the set blocks them there: then
    their clicks can be caught, else they are shared. ``alpha`` … ``cpc`` are what they meet in the
    new place; ``log_bid`` is the logarithm of the new bid over their former one.
    """

    number: int
    sources: Ints
    blocked: Mask
    alpha: Floats
    beta: Floats
    order_value: Floats
    cpc: Floats
    most: Floats  # the new bid: no click costs more
    log_bid: Floats


@dataclass(frozen=True)
class Budget:
    """A campaign's new daily budget: the rows of the campaign, and by what share it grows."""

    number: int
    rows: Ints
    growth: float


@dataclass
class Plan:
    """What a change set does to each entry of ``baseline.served``, and what it moves."""

    baseline: Baseline
    row: Ints
    share: Floats
    running: Mask
    log_bid: Floats
    scope: Ints  # for each row the number of ad groups that the negative which blocks it covers
    gains: list[Gain] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)
    budgets: list[Budget] = field(default_factory=list)
    new_places: set[tuple[str, str | None]] = field(default_factory=set)
    blast: list[pl.DataFrame] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)

    @property
    def touched(self) -> Ints:
        """The numbers of the rows that change, ascending."""
        changed = ~self.running | (self.log_bid != 0)
        return np.unique(np.concatenate([self.row[changed], *(one.rows for one in self.shifts)]))

    def entries(self, rows: Ints) -> Ints:
        """Return the entries of some rows; those of a row are neighbours, as ``row`` ascends."""
        first, last = np.searchsorted(self.row, rows), np.searchsorted(self.row, rows, "right")
        within = np.arange((last - first).sum()) - np.repeat(
            np.cumsum(last - first) - (last - first), last - first
        )
        entries: Ints = np.repeat(first, last - first) + within
        return entries

    def blocked(self) -> Floats:
        """Return for every row the share of its clicks that is blocked or ended."""
        lost = np.where(self.running, 0.0, self.share)
        return np.bincount(self.row, lost, minlength=len(self.baseline.parameters)).clip(0, 1)

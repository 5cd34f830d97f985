"""A situation with what admatch decided about it, and what each of its rows meets: ``Decided``."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from admatch.decisions.recommendations import Recommendations
from admatch.impact.changes import Change, Operation
from admatch.reports.account.records import NEGATIVES, TARGETS, Entity
from tests.golden.negatives import blocks
from tests.golden.records import Row, Running, Situation, Target

_COLUMNS = ("campaign", "ad_group", "targeting", "action", "why", "clicks_needed")


@dataclass(frozen=True)
class Decided:
    """A situation and the decisions about it."""

    situation: Situation
    advice: Recommendations

    def factor(self, target: Target, changes: Iterable[Change]) -> float:
        """Return new bid over old of a target: 0 where it ends, 1 where nothing is changed."""
        running = self.running(target)
        for change in changes:
            if change.place.campaign != target.campaign:
                continue
            own = _is(change, target)
            whole = change.entity in (Entity.AD_GROUP, Entity.CAMPAIGN)
            if change.place.ad_group not in (None, target.ad_group) or not (own or whole):
                continue
            if change.operation == Operation.ARCHIVE or change.state == "paused":
                return 0.0
            before = self.bid(running)
            if change.bid and before and (own or running is None or running.bid is None):
                return change.bid / before
        return 1.0

    def blocked(self, row: Row, changes: Iterable[Change]) -> bool:
        """Return whether a new negative stops the row's term where it is served."""
        return any(
            change.entity in NEGATIVES
            and change.operation == Operation.CREATE
            and change.operation == Operation.CREATE
            and change.place.campaign == row.campaign
            and change.place.ad_group in (None, row.ad_group)
            and blocks(change.text, change.match_type, row.term)
            for change in changes
        )

    def touches(self, changes: Iterable[Change], row: Row) -> bool:
        """Return whether some of the changes block the row or give its target another bid."""
        return self.blocked(row, changes) or self.factor(row.target, changes) != 1

    def raises(self, change: Change) -> bool:
        """Return whether a new bid is above the old one."""
        place = change.place.campaign, change.place.ad_group or ""
        match = None if change.match_type is None else change.match_type.value
        running = self.running(Target(*place, change.text, match))
        before = self.bid(running) or self.situation.defaults.get(place) or 0.0
        return change.bid is not None and change.bid > before

    def bid(self, running: Running | None) -> float | None:
        """Return the bid that holds for a target: its own, or its ad group's."""
        if running is None:
            return None
        place = running.target.campaign, running.target.ad_group
        return running.bid if running.bid is not None else self.situation.defaults[place]

    def running(self, target: Target) -> Running | None:
        """Return what the account says of a target."""
        return next((one for one in self.situation.running if one.target == target), None)

    def of_term(self, term: str, ad_group: str | None = None) -> list[dict[str, Any]]:
        """Return the decisions about a term, everywhere or in one ad group."""
        rows = self._decisions.get(term, [])
        return [row for row in rows if ad_group in (None, row["ad_group"])]

    def of_targeting(self, text: str) -> list[dict[str, Any]]:
        """Return the decisions about the terms that a targeting serves."""
        rows = (row for several in self._decisions.values() for row in several)
        return [row for row in rows if row["targeting"] == text]

    def totals(self, currency: str | None) -> pl.DataFrame:
        """Return the totals, of all currencies or of one."""
        totals = self.advice.totals
        return totals if currency is None else totals.filter(pl.col("currency") == currency)

    @cached_property
    def _decisions(self) -> dict[str, list[dict[str, Any]]]:
        """Decided rows by their term."""
        rows = self.advice.rows.select("search_term", *_COLUMNS)
        return rows.rows_by_key("search_term", named=True, include_key=True)


def _is(change: Change, target: Target) -> bool:
    return (
        change.entity in TARGETS
        and change.operation != Operation.CREATE
        and change.text.lower() == target.text.lower()
        and (change.match_type or None) == target.match
    )

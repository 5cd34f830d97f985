"""Which decisions of a run are shown: ``DecisionFilter``."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from admatch.errors import InputError, shorten
from admatch.messages import say

if TYPE_CHECKING:
    import polars as pl

_WHOLE = re.compile(r"[0-9]{1,9}")  # decisions are fewer
_LISTS = ("action", "outcome", "verdict")
_EXACT = ("currency", "campaign", "ad_group", "targeting", "product_id")
_SEARCHED = ("search_term", "title", "product_id", "campaign", "ad_group")


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Which decisions: every field that is given must hold; lists are separated by commas."""

    decision: str | None = None
    q: str | None = None
    action: str | None = None
    outcome: str | None = None
    verdict: str | None = None
    in_file: str | None = None
    changing: str | None = None
    chosen: str | None = None
    currency: str | None = None
    campaign: str | None = None
    ad_group: str | None = None
    targeting: str | None = None
    product_id: str | None = None
    least_gain: str | None = None
    certainty: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "DecisionFilter":
        """Return the filter of some fields; raises InputError for an unknown one."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(given) - known):
            name, names = shorten(unknown[0]), ", ".join(sorted(known))
            raise InputError(say("web.decisions.filter", name=name, fields=names))
        return cls(**given)

    def conditions(self, *, without_action: bool = False) -> "list[pl.Expr]":
        """Return what must hold of a row."""
        import polars as pl

        conditions = [pl.lit(True)]
        for name in _LISTS:
            given = getattr(self, name)
            if given and not (name == "action" and without_action):
                allowed = [one.strip() for one in given.split(",")]
                conditions.append(pl.col(name).fill_null("undecided").is_in(allowed))
        for name in _EXACT:
            if (given := getattr(self, name)) is not None:
                conditions.append(pl.col(name).fill_null("") == given)
        for name in ("in_file", "chosen", "changing"):
            if (given := getattr(self, name)) is not None:
                conditions.append(pl.col(name) == _truth(name, given))
        conditions += self._by_number()
        if self.q and self.q.strip():
            text = pl.concat_str(*_SEARCHED, separator=" ", ignore_nulls=True).str.to_lowercase()
            conditions.append(text.str.contains(" ".join(self.q.lower().split()), literal=True))
        return conditions

    def _by_number(self) -> "Iterator[pl.Expr]":
        """Yield what must hold of a row's numbers."""
        import polars as pl

        if self.decision is not None:
            numbers = [_whole("decision", one) for one in self.decision.split(",")]
            yield pl.col("decision").is_in(numbers)
        if self.least_gain is not None:
            yield pl.col("gain") >= _number("least_gain", self.least_gain)
        if self.certainty is not None:
            sure = pl.max_horizontal(pl.col("chance"), 1 - pl.col("chance"))
            yield sure >= _number("certainty", self.certainty)


def _truth(name: str, given: str) -> bool:
    if given.lower() not in ("true", "false"):
        raise InputError(say("web.decisions.truth", name=name, value=shorten(given, 20)))
    return given.lower() == "true"


def _whole(name: str, given: str) -> int:
    if not _WHOLE.fullmatch(given.strip()):
        raise InputError(say("web.decisions.number", name=name, value=shorten(given, 20)))
    return int(given)


def _number(name: str, given: str) -> float:
    try:
        return float(given)
    except ValueError:
        said = say("web.decisions.number", name=name, value=shorten(given, 20))
        raise InputError(said) from None

"""An account before any change: its rows, what serves them, and draws of the coming period."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from admatch.arrays import Ints, Mask
from admatch.impact.changes import Place
from admatch.impact.columns import AD_GROUP
from admatch.impact.draws import Draws, draw
from admatch.impact.drift import Drift
from admatch.impact.keyword_rules import describe
from admatch.impact.parameters import Parameters
from admatch.impact.pool import Pool
from admatch.impact.posterior import Fitted
from admatch.impact.totals import Totals, totals

# Rows that are always drawn one by one, the most expensive: a pool's shape would not be theirs.
DETAILED = 250


@dataclass(frozen=True)
class Rows:
    """Some rows of ``Baseline.terms``, their numbers, and the number of their ad groups."""

    terms: pl.DataFrame
    rows: Ints
    groups: int

    @classmethod
    def of(cls, terms: pl.DataFrame) -> "Rows":
        """Return these rows of ``Baseline.terms``."""
        groups = terms.select(pl.struct(AD_GROUP).n_unique()).item()
        return cls(terms, terms["row"].to_numpy().astype(np.int64), groups)

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, rule: pl.Expr) -> Ints:
        """Return the numbers of the rows that a rule of keyword_rules holds for."""
        holds = self.terms.select(rule.alias("holds"))["holds"]
        if len(holds) != len(self):  # a rule that looks at no column
            return self.rows if holds[0] else self.rows[:0]
        matching: Ints = self.rows[holds.fill_null(False).to_numpy()]
        return matching


@dataclass(frozen=True)
class _Before:
    """Draws of what each currency's rows bring: those drawn one by one, and the others."""

    alone: dict[str | None, Totals]
    pooled: dict[str | None, Totals]


@dataclass
class Baseline:
    """A fitted model laid out for changes.

    ``terms`` has a row for each row of the posteriors, then one for the unseen terms of each ad
    group (their ``search_term`` is null): place, currency, and what the keyword rules look at.
    ``served`` says which target served which share of a row's clicks.
    """

    fitted: Fitted
    seed: int
    terms: pl.DataFrame
    served: pl.DataFrame
    parameters: Parameters
    _drifts: dict[int, Drift] = field(default_factory=dict)
    _before: dict[int, _Before] = field(default_factory=dict)
    _places: dict[Place, "Rows"] = field(default_factory=dict)

    @classmethod
    def of(cls, fitted: Fitted, seed: int) -> "Baseline":
        """Return the baseline of a fitted model."""
        places = (*AD_GROUP, "campaign_id", "ad_group_id")
        seen = fitted.posteriors.select(*places, "search_term", "term_kind", "clicks")
        unseen = fitted.groups.select(*places)
        rows = pl.concat([seen, unseen], how="diagonal")
        rules = describe(rows["search_term"], rows["term_kind"])
        terms = pl.concat([rows.drop("term_kind"), rules], how="horizontal")
        parameters = fitted.parameters.joined(fitted.unseen)
        return cls(fitted, seed, terms.with_row_index("row"), _served(fitted), parameters)

    @cached_property
    def currencies(self) -> list[str | None]:
        """The currencies of the account, as numbered in ``parameters.currency``."""
        return self.terms["currency"].unique().sort().to_list()

    @cached_property
    def _campaigns(self) -> dict[tuple[str, str], Ints]:
        """Row numbers by campaign name, and by campaign ID."""
        numbers: dict[tuple[str, str], Ints] = {}
        for column in ("campaign", "campaign_id"):
            groups = self.terms.drop_nulls(column).group_by(column, maintain_order=True)
            for name, rows in groups.agg(pl.col("row")).iter_rows():
                numbers[column, name] = np.array(rows, dtype=np.int64)
        return numbers

    def rows_at(self, place: Place) -> "Rows":
        """Return the rows at a place, by ID where the report has it, else by name."""
        if place not in self._places:
            self._places[place] = Rows.of(self._find(place))
        return self._places[place]

    def _find(self, place: Place) -> pl.DataFrame:
        none = np.empty(0, np.int64)
        rows = self._campaigns.get(("campaign_id", place.campaign_id or ""), none)
        if not len(rows):
            rows = self._campaigns.get(("campaign", place.campaign), none)
        terms = self.terms[rows]
        if place.whole_campaign:
            return terms
        by_id = terms.filter(pl.col("ad_group_id") == (place.ad_group_id or ""))
        return by_id if by_id.height else terms.filter(pl.col("ad_group") == (place.ad_group or ""))

    def draws(self, n: int, rows: Ints) -> Draws:
        """Return n draws of some rows (ascending numbers)."""
        return draw(self.parameters, self._drift(n), rows)

    def _drift(self, n: int) -> Drift:
        return self._drifts.setdefault(n, Drift(self.seed, n))

    def before(self, n: int) -> dict[str | None, Totals]:
        """Return n draws of what each currency brings if nothing is changed."""
        if n not in self._before:
            rows = np.flatnonzero(~self.pooled)
            every = np.ones(len(rows), dtype=np.bool_)
            alone = totals(self.draws(n, rows), self.parameters.take(rows), every)
            parts = alone, self._pool.draw(self._drift(n))
            self._before[n] = _Before(*(self._by_currency(one, n) for one in parts))
        known = self._before[n]
        return {name: own.plus(known.pooled[name]) for name, own in known.alone.items()}

    def before_beside(
        self, n: int, rows: Ints, singled: Mapping[str | None, Totals]
    ) -> dict[str | None, Totals]:
        """Return the same with some ``rows`` drawn one by one.

        ``singled`` is what the pooled ones of them bring. On average nothing differs: what they
        have by chance, the others lack.
        """
        before, own = self.before(n), rows[self.pooled[rows]]
        if not len(own):
            return before
        known = self._before[n]
        others = self._pool.without(Pool.of(self.parameters, own)).draw(self._drift(n))
        for name, other in self._by_currency(others, n).items():
            if name in singled:
                rest = other.with_means_of(known.pooled[name], singled[name])
                before[name] = known.alone[name].plus(singled[name]).plus(rest)
        return before

    def _by_currency(self, drawn: Mapping[int, Totals], n: int) -> dict[str | None, Totals]:
        nothing = Totals.nothing(n)
        return {name: drawn.get(number, nothing) for number, name in enumerate(self.currencies)}

    @cached_property
    def pooled(self) -> Mask:
        """Whether a row is drawn with others as one, as long as no change touches it."""
        expensive = np.argsort(-self.parameters.clicks * self.parameters.cpc, kind="stable")
        pooled = np.ones(len(expensive), dtype=np.bool_)
        pooled[expensive[:DETAILED]] = False
        return pooled

    @cached_property
    def _pool(self) -> Pool:
        return Pool.of(self.parameters, np.flatnonzero(self.pooled))


def _served(fitted: Fitted) -> pl.DataFrame:
    """Return row, targeting (folded), match_type and share, of rows and of unseen terms."""
    targets = fitted.evidence.targets
    numbered = fitted.groups.select(*AD_GROUP).with_row_index("group")
    rows = fitted.posteriors.select(*AD_GROUP).with_row_index("row")
    grouped = targets.join(rows, on="row").join(numbered, on=AD_GROUP, nulls_equal=True)
    unseen = grouped.group_by("group", "targeting", "match_type").agg(pl.col("clicks").sum())
    unseen = unseen.sort("group", "targeting", "match_type")
    total = pl.col("clicks").sum().over("group")
    share = pl.when(total > 0).then(pl.col("clicks") / total).otherwise(1 / pl.len().over("group"))
    further = unseen.select(
        (pl.col("group") + rows.height).alias("row"), "targeting", "match_type", share=share
    )
    own = targets.select("row", "targeting", "match_type", "share")
    text = pl.col("targeting").str.to_lowercase().str.strip_chars().str.replace_all(r"\s+", " ")
    return pl.concat([own, further], how="vertical_relaxed").with_columns(targeting=text)

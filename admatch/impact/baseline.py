"""An account before any change: its rows, what serves them, and draws of the coming period."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from admatch.arrays import Floats, Ints
from admatch.impact.changes import Place
from admatch.impact.columns import AD_GROUP
from admatch.impact.draws import Draws, draw
from admatch.impact.keyword_rules import describe
from admatch.impact.parameters import Parameters
from admatch.impact.posterior import Fitted

# Rows drawn one by one, the most expensive first; the others of a currency are drawn as one.
DETAILED = 4000


@dataclass(frozen=True)
class Totals:
    """Arrays (n,) of one currency: what all its rows bring in a period."""

    spend: Floats
    orders: Floats
    sales: Floats
    promoted: Floats

    def plus(self, other: "Totals", times: float = 1.0) -> "Totals":
        """Return these sums plus ``times`` the other ones."""
        return Totals(
            self.spend + times * other.spend,
            self.orders + times * other.orders,
            self.sales + times * other.sales,
            self.promoted + times * other.promoted,
        )

    @classmethod
    def nothing(cls, n: int) -> "Totals":
        """Return n draws of zero."""
        return cls(*(np.zeros(n) for _ in range(4)))


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
    _before: dict[int, dict[str | None, Totals]] = field(default_factory=dict)
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
        return draw(self.parameters, n, self.seed, rows)

    def before(self, n: int) -> dict[str | None, Totals]:
        """Return n draws of what each currency brings if nothing is changed."""
        if n not in self._before:
            self._before[n] = self._total(n)
        return self._before[n]

    def _total(self, n: int) -> dict[str | None, Totals]:
        whole, chosen = self._condensed
        sums = {currency: Totals.nothing(n) for currency in self.currencies}
        for start in range(0, len(chosen), DETAILED // 4):
            rows = chosen[start : start + DETAILED // 4]
            part = draw(whole, n, self.seed, rows)
            for number, total in totals(part, whole.take(rows)).items():
                currency = self.currencies[number]
                sums[currency] = sums[currency].plus(total)
        return sums

    @cached_property
    def _condensed(self) -> tuple[Parameters, Ints]:
        """Return parameters with one more row a currency, for all rows that are drawn as one.

        With them come the numbers of the rows to draw: the detailed ones and those further ones.
        """
        expensive = np.argsort(-self.parameters.clicks * self.parameters.cpc, kind="stable")
        detailed, rest = np.sort(expensive[:DETAILED]), np.sort(expensive[DETAILED:])
        whole, chosen = self.parameters, [detailed]
        for number in np.unique(self.parameters.currency[rest]):
            part = self.parameters.take(rest[self.parameters.currency[rest] == number])
            whole = whole.joined(part.as_one(campaign=int(self.parameters.campaign.max()) + 1))
            chosen.append(np.array([len(whole) - 1]))
        return whole, np.concatenate(chosen)


def totals(draws: Draws, parameters: Parameters) -> dict[int, Totals]:
    """Return the sums over the rows of each currency number."""
    sums = {}
    for number in np.unique(parameters.currency):
        own = parameters.currency == number
        sales = draws.sales[:, own].astype(np.float64)
        sums[int(number)] = Totals(
            draws.spend[:, own].sum(axis=1, dtype=np.float64),
            draws.orders[:, own].sum(axis=1, dtype=np.float64),
            sales.sum(axis=1),
            sales @ parameters.promoted[own],
        )
    return sums


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

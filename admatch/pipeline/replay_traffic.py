"""What a daily report brought in some days, and the account that it shows: ``Traffic``."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from admatch.arrays import Ints
from admatch.impact.changes import Change, Place
from admatch.impact.columns import AD_GROUP, CAMPAIGN, TARGET
from admatch.impact.keyword_rules import describe, fold
from admatch.impact.plan import BID_OVER_CPC
from admatch.reports.account.records import ACCOUNT_SCHEMA, TARGETS, Account, Entity, MatchType
from admatch.reports.account.values import translate
from admatch.reports.records import SearchTermReport

FIGURES = ("clicks", "orders", "spend", "sales")
_POSITIVE = (MatchType.EXACT, MatchType.PHRASE, MatchType.BROAD)
_AUTOMATIC = ("close-match", "loose-match", "substitutes", "complements", "*")
_IDS = ("campaign_id", "ad_group_id", "target_id")
_FIRST_IDS = (10**9, 2 * 10**9, 3 * 10**9)  # of those that are made up


def served(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a report added up, one a target and term, with what they brought.

    ``match_type`` is a ``MatchType``, null where the target is no keyword. Figures below zero count
    as zero, as in the model.
    """
    types = translate(rows["match_type"], "match_type")
    text = pl.col("targeting").str.to_lowercase().str.strip_chars().str.replace_all(r"\s+", " ")
    plain = rows.with_columns(
        text,
        match_type=types.set(~types.is_in([one.value for one in _POSITIVE]).fill_null(True), None),
        **{name: pl.col(name).fill_null(0).clip(0) for name in FIGURES},
    )
    sums = plain.group_by(*TARGET, "search_term", maintain_order=True).agg(
        pl.col("term_kind", *_IDS).drop_nulls().first(), pl.col(*FIGURES).sum()
    )
    return sums.sort(*TARGET, "search_term", nulls_last=True)


@dataclass(frozen=True)
class Traffic:
    """Rows of one currency (``served``), numbered, with what the keyword rules look at."""

    rows: pl.DataFrame
    _places: dict[tuple[str | None, ...], pl.DataFrame] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: pl.DataFrame) -> "Traffic":
        """Return the traffic of rows that ``served`` gave."""
        rules = describe(rows["search_term"], rows["term_kind"])
        whole = pl.concat([rows.drop("term_kind"), rules], how="horizontal")
        return cls(whole.with_row_index("row"))

    def __len__(self) -> int:
        return self.rows.height

    def expected(self, posteriors: pl.DataFrame) -> "Traffic":
        """Return the same clicks with the orders and sales that a model expects of them.

        ``posteriors`` are those of ``ImpactModel``; what it has no rate for stays as it was.
        """
        names = ("campaign", "ad_group", "search_term")
        known = posteriors.filter(
            pl.col("currency").is_in(self.rows["currency"].unique().implode(), nulls_equal=True)
        ).select(*names, "cvr", "order_value")
        rows = self.rows.join(
            known, on=list(names), how="left", nulls_equal=True, maintain_order="left"
        )
        orders = pl.col("clicks") * pl.col("cvr")
        return Traffic(
            rows.with_columns(
                orders=orders.fill_null(pl.col("orders")),
                sales=(orders * pl.col("order_value")).fill_null(pl.col("sales")),
            ).drop("cvr", "order_value")
        )

    def total(self, name: str) -> float:
        """Return the sum of one of ``FIGURES``."""
        return float(self.rows[name].sum())

    def where(self, place: Place, rule: pl.Expr | None = None) -> Ints:
        """Return the numbers of the rows at a place that a rule holds for."""
        here = self._at(place)
        if rule is not None and here.height:
            here = here.filter(rule)
        numbers: Ints = here["row"].to_numpy().astype(np.int64)
        return numbers

    def of_target(self, change: Change) -> Ints:
        """Return the numbers of the rows that a changed keyword or product target served."""
        rule = pl.col("targeting") == " ".join(change.text.lower().split())
        if change.entity is not Entity.KEYWORD:
            rule = rule & pl.col("match_type").is_null()
        elif change.match_type is not None:
            rule = rule & (pl.col("match_type") == change.match_type.value)
        return self.where(change.place, rule.fill_null(False))

    def _at(self, place: Place) -> pl.DataFrame:
        """Return the rows at a place, by ID where the report has it, else by name."""
        key = (place.campaign_id, place.campaign, place.ad_group_id, place.ad_group)
        if key not in self._places:
            here = _named(self.rows, "campaign", place.campaign_id, place.campaign)
            if not place.whole_campaign:
                here = _named(here, "ad_group", place.ad_group_id, place.ad_group)
            self._places[key] = here
        return self._places[key]


def _named(rows: pl.DataFrame, column: str, number: str | None, name: str | None) -> pl.DataFrame:
    by_id = rows.filter(pl.col(f"{column}_id") == pl.lit(number, pl.String))
    return by_id if by_id.height else rows.filter(pl.col(column) == pl.lit(name, pl.String))


def account_of(report: SearchTermReport) -> Account:
    """Return the account that a report shows: every campaign, ad group and target with clicks.

    Everything is enabled, so every lever is known. Reports have no bids: a bid is taken for
    ``BID_OVER_CPC`` times the target's cost per click, as the model takes it where it knows none.
    IDs that the report lacks are made up.
    """
    seen = served(report.frame).filter(pl.col("clicks") > 0)
    targets = _priced(_with_ids(seen.drop_nulls("targeting")), TARGET)
    groups = _priced(targets, AD_GROUP)
    automatic = pl.col("targeting").is_in(_AUTOMATIC).all()
    campaigns = targets.group_by(CAMPAIGN, maintain_order=True).agg(
        pl.col("campaign_id").first(),
        targeting_type=pl.when(automatic).then(pl.lit("auto")).otherwise(pl.lit("manual")),
    )
    keyword = pl.col("match_type").is_not_null()
    parts = [
        campaigns.with_columns(entity=pl.lit(Entity.CAMPAIGN.value)),
        groups.select(
            *AD_GROUP, "campaign_id", "ad_group_id",
            entity=pl.lit(Entity.AD_GROUP.value), default_bid="bid",
        ),
        targets.select(
            *AD_GROUP, *_IDS, "match_type", "bid",
            entity=pl.when(keyword).then(pl.lit(TARGETS[0].value)).otherwise(pl.lit(TARGETS[1])),
            keyword=pl.when(keyword).then("targeting"),
            expression=pl.when(~keyword).then("targeting"),
        ),
    ]  # fmt: skip
    frame = pl.concat([pl.DataFrame(schema=ACCOUNT_SCHEMA), *parts], how="diagonal_relaxed")
    enabled = frame.with_columns(state=pl.lit("enabled"), ad_product=pl.lit("Sponsored Products"))
    numbered = enabled.with_columns(row=pl.int_range(2, pl.len() + 2, dtype=pl.Int64))
    typed = [pl.col(name).cast(kind) for name, kind in ACCOUNT_SCHEMA.items()]
    return Account(numbered.select(typed), report.sources, ())


def _with_ids(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with IDs for what has none: numbers by name, the same every time."""
    made = {
        name: pl.struct(columns).rank("dense").cast(pl.Int64) + start
        for name, columns, start in zip(_IDS, (CAMPAIGN, AD_GROUP, TARGET), _FIRST_IDS, strict=True)
    }
    return rows.with_columns(
        pl.col(name).fill_null(number.cast(pl.String)) for name, number in made.items()
    )


def _priced(rows: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """Return one row a key with its first IDs and its ``bid``."""
    cpc = pl.col("spend").sum() / pl.col("clicks").sum()
    sums = rows.group_by(key, maintain_order=True).agg(
        pl.col(*_IDS).first(), pl.col("clicks", "spend").sum(), bid=BID_OVER_CPC * cpc
    )
    return sums.filter(pl.col("bid") > 0)


def bids_of(account: Account) -> dict[tuple[str, str, str, str | None], float]:
    """Return the bids of targets by campaign, ad group, text and match type."""
    rows = account.targets.select(
        "campaign", "ad_group", pl.coalesce("keyword", "expression"), "match_type", "bid"
    )
    return {(*key,): bid for *key, bid in rows.drop_nulls("bid").iter_rows()}


def exact_keywords(account: Account) -> dict[str, set[tuple[str, str]]]:
    """Return where each exact keyword runs, (campaign, ad group), by its stems (``fold``)."""
    exact = account.only(Entity.KEYWORD).filter(pl.col("match_type") == MatchType.EXACT.value)
    homes: dict[str, set[tuple[str, str]]] = {}
    names = exact.select("campaign", "ad_group").iter_rows()
    for stems, home in zip(fold(exact["keyword"]), names, strict=True):
        homes.setdefault(stems, set()).add(home)
    return homes

"""Everything that is known of a term where it is served, side by side: ``collect_facts``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Protocol

import numpy as np
import polars as pl

from admatch.arrays import Floats
from admatch.catalog.records import Catalog
from admatch.decisions.goals import Goals, portfolios_of, with_goals
from admatch.decisions.guard_rails import FRESH_DAYS, GuardRails
from admatch.decisions.levels import PooledLevel, pooled_levels
from admatch.decisions.phrases import PhraseCandidates, phrase_candidates
from admatch.decisions.places import destinations, exact_keywords
from admatch.decisions.protection import asin_in, ordered_anywhere, own_asins, protected
from admatch.decisions.targets import (
    advertised,
    bids,
    campaign_kinds,
    ended,
    keywords,
    main_targets,
)
from admatch.decisions.words import stems
from admatch.errors import Problem
from admatch.impact.beta import Beta
from admatch.impact.changes import ChangeSet
from admatch.impact.columns import KEY
from admatch.impact.evidence import elsewhere
from admatch.impact.what_if import WhatIf
from admatch.match.records import Matches
from admatch.messages import Message
from admatch.reports.account.records import Account, MatchType
from admatch.reports.records import Granularity, SearchTermReport, TermKind

_UNSEEN = {"product_id": pl.String, "title": pl.String, "product_probability": pl.Float64}


class FittedModel(Protocol):
    """What decisions need of a model: one just fitted, or what was saved of it."""

    @property
    def basis(self) -> str:
        """What the prior conversion rates rest on."""
        ...

    @property
    def seed(self) -> int:
        """The seed of the fit."""
        ...

    @property
    def notes(self) -> Sequence[Problem | str]:
        """What was corrected in the report, left out of the model, or assumed."""
        ...

    @property
    def posteriors(self) -> pl.DataFrame:
        """One row per ``KEY``, as ``ImpactModel.posteriors`` has them."""
        ...

    def what_if(self, changes: ChangeSet) -> WhatIf:
        """Return the account before and after ``changes``."""
        ...


@dataclass(frozen=True, slots=True)
class Evidence:
    """``rows`` in the model's order, the active ``keywords``, the ``catalog``, and what to know.

    ``shown`` are the products that each ad group advertises, ``facts`` what the rows were before
    they had goals.
    """

    rows: pl.DataFrame
    keywords: pl.DataFrame
    catalog: Catalog | None
    shown: pl.DataFrame
    facts: "TermFacts"
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True)
class TermFacts:
    """What is known of each term where it is served, whatever the goals are.

    It is the dearer part of the evidence: whoever decides for many goals collects it once.
    """

    rows: pl.DataFrame
    keywords: pl.DataFrame
    catalog: Catalog | None
    account: Account | None
    shown: pl.DataFrame
    portfolios: pl.DataFrame
    _phrases: dict[tuple[float, int], PhraseCandidates] = field(default_factory=dict, repr=False)

    @cached_property
    def levels(self) -> dict[str, PooledLevel]:
        """What targetings, ad groups, campaigns and products say, terms pooled."""
        return pooled_levels(self.rows)

    def phrases(self, guard_rails: GuardRails) -> PhraseCandidates:
        """Return the phrases that the guard-rails let be negated; those of the last are kept."""
        key = (guard_rails.stranger, guard_rails.phrase_terms)
        if key not in self._phrases:
            self._phrases.clear()
            running = self.keywords["keyword"]
            self._phrases[key] = phrase_candidates(self.rows, running, self.catalog, guard_rails)
        return self._phrases[key]

    def evidence(self, goals: Goals) -> Evidence:
        """Return the facts with what clicks are worth at some goals."""
        rows, notes = with_goals(
            self.rows, goals, self.catalog, self.account, self.portfolios, self.shown
        )
        return Evidence(_economics(rows), self.keywords, self.catalog, self.shown, self, notes)


def collect_facts(
    report: SearchTermReport,
    matches: Matches | None,
    model: FittedModel,
    *,
    account: Account | None,
    catalog: Catalog | None,
    protect: Sequence[str],
) -> TermFacts:
    """Return one row for each of the model's posteriors, with all that does not depend on goals."""
    rows = _expected(_seen(report, matches, model.posteriors))
    rows = rows.with_columns(
        ordered=ordered_anywhere(rows),
        protected=protected(rows, catalog, protect),
        own_asin=(rows["term_kind"] == TermKind.ASIN.value)
        & rows.select(asin_in("search_term"))
        .to_series()
        .is_in(own_asins(catalog, account).implode())
        .fill_null(False),
        odd=_odd(report, rows),
        ended=ended(rows, account),
    )
    products = None if catalog is None else catalog.frame.select("product_id", "sku")
    shown, portfolios = advertised(account, products), portfolios_of(report.frame, account)
    running = keywords(report, account)
    rows = _with_advertised(_with_keywords(rows, running), shown, matches)
    places = destinations(rows, running, shown, campaign_kinds(account))
    rows = _joined(rows, places, ("currency", "product_id"))
    rows = _with_exact_bids(_with_bids(rows, bids(account)), bids(account))
    rows = _with_other_places(rows).sort("row")
    return TermFacts(rows, running, catalog, account, shown, portfolios)


def _seen(
    report: SearchTermReport, matches: Matches | None, posteriors: pl.DataFrame
) -> pl.DataFrame:
    """Return the posteriors, numbered, with what served each and what its term retrieves."""
    rows = posteriors.drop("row") if "row" in posteriors.columns else posteriors
    rows = rows.with_row_index("row").with_columns(
        pl.col("clicks", "orders", "spend", "sales", "impressions").fill_null(0),
        folded=stems(rows["search_term"]),
    )
    rows = _joined(rows, main_targets(report), KEY)
    rows = _joined(rows, _fresh_clicks(report), KEY).with_columns(pl.col("fresh").fill_null(0))
    return _joined(rows, _retrieved(matches), ("search_term",))


def _joined(rows: pl.DataFrame, more: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    return rows.join(more, on=list(key), how="left", nulls_equal=True, maintain_order="left")


def _fresh_clicks(report: SearchTermReport) -> pl.DataFrame:
    """Return the clicks of the last days by term; only a daily report has them (guard-rail 6)."""
    frame, period = report.frame, report.period
    if report.granularity is not Granularity.DAILY or period is None:
        return frame.head(0).select(*KEY, pl.col("clicks").alias("fresh"))
    first: date = period[1] - timedelta(days=FRESH_DAYS - 1)
    late = frame.filter(pl.col("end_date") >= first)
    return late.group_by(KEY, maintain_order=True).agg(
        pl.col("clicks").fill_null(0).sum().alias("fresh")
    )


def _retrieved(matches: Matches | None) -> pl.DataFrame:
    """Return for every term its probability of being about a product, the best, the runner-up."""
    if matches is None:
        schema = {"search_term": pl.String, "probability": pl.Float64, "outcome": pl.String}
        schema["about"] = pl.Float64
        runner = {f"runner_up_{name}": dtype for name, dtype in _UNSEEN.items()}
        return pl.DataFrame(schema=schema | _UNSEEN | runner)
    near = pl.col("^related_probability$")  # of something of the same kind, where matches have it
    retrieved = matches.terms.select(
        "search_term",
        "probability",
        "outcome",
        about=pl.max_horizontal("probability", near),
    )
    for rank, prefix in ((1, ""), (2, "runner_up_")):
        best = matches.products.filter(pl.col("rank") == rank).select(
            "search_term",
            pl.col("product_id").alias(f"{prefix}product_id"),
            pl.col("title").alias(f"{prefix}title"),
            pl.col("probability").alias(f"{prefix}product_probability"),
        )
        retrieved = retrieved.join(best, on="search_term", how="left", maintain_order="left")
    return retrieved


def _odd(report: SearchTermReport, rows: pl.DataFrame) -> pl.Series:
    """Return whether the report's own figures of a term contradict each other."""
    frame = report.frame
    negative = pl.any_horizontal(
        (pl.col(name) < 0).fill_null(False) for name in ("clicks", "spend", "sales", "orders")
    )
    bad = frame.filter(negative).select(KEY).unique().with_columns(bad=pl.lit(True))
    marked = _joined(rows.select(*KEY, "orders", "clicks"), bad, KEY)
    more = pl.col("orders") > pl.col("clicks")
    return marked.select((pl.col("bad").fill_null(False) | more).alias("odd")).to_series()


def _expected(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with what is expected of their clicks in the coming period.

    ``rate`` and its interval are the model's posterior, which is worth ``weight`` clicks.
    ``settled_rate`` is that after mature clicks alone, worth ``settled_weight``: guard-rail 6
    leaves out the clicks of the last days.
    """
    rows = rows.with_columns(
        order_value=pl.col("order_value").fill_nan(None),
        cpc=pl.col("cpc").fill_nan(None).fill_null(0.0),
        expected_clicks=pl.col("expected_clicks").cast(pl.Float64).fill_null(0.0),
        converted=pl.min_horizontal("orders", "clicks").cast(pl.Float64),
        known_clicks=pl.col("clicks") * pl.col("maturity").fill_null(1.0),
    )
    rows = rows.with_columns(
        rate=pl.col("cvr"),
        rate_low=pl.col("cvr_low"),
        rate_high=pl.col("cvr_high"),
        weight=pl.col("strength")
        + pl.max_horizontal("known_clicks", "converted")
        + pl.Series(_clicks_elsewhere(rows)),
        cost=pl.col("expected_clicks") * pl.col("cpc"),
    )
    return _settled(rows).drop("known_clicks")


def _economics(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with what their clicks are worth at their targets, and whether they pay."""
    worth = pl.col("order_value") * pl.col("target_acos")
    rows = rows.with_columns(
        sales_limit=pl.col("expected_clicks") * worth.fill_null(0.0),
        break_even=pl.when(worth > 0).then(pl.col("cpc") / worth).otherwise(None),
    )
    settled = Beta(rows["settled_a"].to_numpy(), rows["settled_b"].to_numpy())
    limit = rows["break_even"].fill_null(np.nan).to_numpy()
    rows = rows.drop("settled_a", "settled_b")
    return rows.with_columns(chance=pl.Series(settled.above(limit)).fill_nan(None))


def _clicks_elsewhere(rows: pl.DataFrame) -> Floats:
    known = rows.with_columns(mature_clicks=pl.max_horizontal("known_clicks", "converted"))
    return elsewhere(known, rows["strength"].to_numpy())[1]


def _settled(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with their posterior after ``mature_clicks``, without the last days."""
    mature = pl.min_horizontal("known_clicks", pl.col("clicks") - pl.col("fresh")).clip(0)
    rows = rows.with_columns(mature_clicks=pl.max_horizontal(mature.cast(pl.Float64), "converted"))
    orders, clicks, prior, strength = (
        rows[name].to_numpy() for name in ("converted", "mature_clicks", "prior_cvr", "strength")
    )
    more_orders, more_clicks = elsewhere(rows, strength)
    settled = Beta.after(orders + more_orders, clicks + more_clicks, prior, strength)
    return rows.with_columns(
        settled_a=pl.Series(settled.a),
        settled_b=pl.Series(settled.b),
        settled_rate=pl.Series(settled.mean),
        settled_weight=pl.Series(settled.a + settled.b),
    )


def _with_keywords(rows: pl.DataFrame, running: pl.DataFrame) -> pl.DataFrame:
    rows = _joined(rows, exact_keywords(running), ("folded",))
    shown = pl.concat_str(pl.col("match_type"), pl.lit(" '"), pl.col("keyword"), pl.lit("'"))
    here = running.group_by("campaign", "ad_group", "stem", maintain_order=True).agg(
        shown.unique(maintain_order=True).alias("conflicts"),
        (pl.col("match_type") == "exact").any().alias("exact_here"),
    )
    key = ["campaign", "ad_group", "folded"]
    rows = _joined(rows, here.rename({"stem": "folded"}), key)
    return rows.with_columns(
        pl.col("conflicts").fill_null([]), pl.col("exact_here").fill_null(False)
    )


def _with_advertised(
    rows: pl.DataFrame, shown: pl.DataFrame, matches: Matches | None
) -> pl.DataFrame:
    """Return the rows with ``advertised_here`` (null where unknown) and the best product here."""
    groups = shown.select("campaign", "ad_group").unique().with_columns(known=pl.lit(True))
    rows = _joined(rows, groups, ("campaign", "ad_group"))
    here = shown.with_columns(here=pl.lit(True))
    rows = _joined(rows, here, ("campaign", "ad_group", "product_id"))
    rows = rows.with_columns(
        advertised_here=pl.when("known").then(pl.col("here").fill_null(False)).otherwise(None)
    ).drop("known", "here")
    if matches is None or shown.is_empty():
        return rows.with_columns(best_here=pl.lit(None, pl.Float64))
    elsewhere = rows.filter(~pl.col("advertised_here")).select(
        "row", "campaign", "ad_group", "search_term"
    )
    retrieved = matches.products.select("search_term", "product_id", "probability")
    inside = elsewhere.join(retrieved, on="search_term").join(
        shown, on=["campaign", "ad_group", "product_id"]
    )
    best = inside.group_by("row").agg(pl.col("probability").max().alias("best_here"))
    return _joined(rows, best, ("row",))


def _with_bids(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    key = ["campaign", "ad_group", "lower", "match_type"]
    rows = rows.with_columns(lower=pl.col("targeting").str.to_lowercase())
    return _joined(rows, known.rename({"targeting": "lower"}), key).drop("lower")


def _with_exact_bids(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with ``exact_bid``: that of the exact keyword that a term has elsewhere."""
    exact = known.filter(pl.col("match_type") == MatchType.EXACT.value).select(
        exact_campaign="campaign",
        exact_ad_group="ad_group",
        folded=stems(known.filter(pl.col("match_type") == MatchType.EXACT.value)["targeting"]),
        exact_bid="bid",
    )
    key = ["exact_campaign", "exact_ad_group", "folded"]
    return _joined(rows, exact.unique(key, keep="first", maintain_order=True), key)


def _with_other_places(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the other ad groups that serve the same term."""
    name = pl.concat_str("campaign", pl.lit(" › "), pl.col("ad_group").fill_null(""))
    rows = rows.with_columns(place=name, term=pl.col("search_term").str.to_lowercase())
    all_places = rows.group_by("term").agg(pl.col("place").unique().sort().alias("places"))
    several = all_places.filter(pl.col("places").list.len() > 1)
    rows = _joined(rows, several, ("term",)).with_columns(pl.col("places").fill_null([]))
    others = pl.col("places").list.set_difference(pl.concat_list("place")).list.sort()
    return rows.with_columns(other_ad_groups=others).drop("place", "term", "places")

"""Runs of words that only waste money: ``wasteful_phrases`` (guard-rail 4)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl

from admatch.catalog.records import Catalog
from admatch.decisions.guard_rails import GuardRails
from admatch.decisions.words import phrases_in
from admatch.impact.beta import Beta
from admatch.reports.records import TermKind


@dataclass(frozen=True, slots=True)
class PhraseCandidates:
    """Phrases that might be negated, whatever the goals are, and the rows that each would block.

    ``pooled`` has a line a phrase, ``members`` its rows: row, phrase.
    """

    members: pl.DataFrame
    pooled: pl.DataFrame


def phrase_candidates(
    rows: pl.DataFrame, keywords: pl.Series, catalog: Catalog | None, guard_rails: GuardRails
) -> PhraseCandidates:
    """Return the phrases of enough terms that no rule forbids.

    A phrase is refused if any term that contains it has an order in any ad group, is protected or
    may be about a product, or if an active keyword or an own title contains it.
    """
    typed = rows.filter(pl.col("term_kind") == TermKind.KEYWORD.value)
    typed = typed.with_columns(blocked=_blocked(guard_rails))
    runs = phrases_in(typed["search_term"])
    members = runs.with_columns(row=typed["row"].gather(runs["text"])).join(
        typed.select("row", *_POOLED), on="row", maintain_order="left"
    )
    pooled = members.group_by("phrase", maintain_order=True).agg(
        pl.col("written").mode().sort().first(),
        pl.col("words").first(),
        pl.col("folded").n_unique().alias("terms"),
        pl.col("blocked").any(),
        pl.col("clicks", "cost").sum(),
        (pl.col("prior_cvr") * pl.col("cost")).sum().alias("prior"),
        pl.col("strength").first(),
        pl.col("mature_clicks").sum(),
    )
    pooled = pooled.filter(~pl.col("blocked") & (pl.col("terms") >= guard_rails.phrase_terms))
    own = pl.concat([keywords, _titles(catalog)])
    pooled = pooled.join(
        phrases_in(own).select("phrase").unique(), on="phrase", how="anti", maintain_order="left"
    )
    empty = pl.col("phrase").str.split(" ").list.eval(pl.element().is_in(_empty_words())).list.all()
    pooled = pooled.filter(~empty & (pl.col("phrase").str.len_chars() > 2))
    inside = members.select("row", "phrase").join(
        pooled.select("phrase"), on="phrase", how="semi", maintain_order="left"
    )
    return PhraseCandidates(inside, pooled)


def _blocked(guard_rails: GuardRails) -> pl.Expr:
    """Return whether a term must not be in a negative phrase."""
    return (
        (pl.col("ordered") > 0)
        | pl.col("protected").is_not_null()
        | (pl.col("about").fill_null(1.0) > guard_rails.stranger)
        | pl.col("odd")
    )


def wasteful_phrases(
    candidates: PhraseCandidates, rows: pl.DataFrame, guard_rails: GuardRails
) -> pl.DataFrame:
    """Return one line for each row (``row``) that a negative phrase would block, with the phrase.

    ``rows`` say what the clicks of each are worth at its goals (``sales_limit``). Columns: row,
    phrase (as a shopper wrote it), stem, terms (distinct ones that contain it), pooled_clicks,
    chance (that their clicks pay, all pooled), rate (of those clicks), weight (the clicks that it
    is worth).
    """
    members = candidates.members
    limits = members.join(rows.select("row", "sales_limit"), on="row", maintain_order="left")
    limits = limits.group_by("phrase", maintain_order=True).agg(pl.col("sales_limit").sum())
    pooled = candidates.pooled.join(limits, on="phrase", how="left", maintain_order="left")
    pooled = _with_chance(pooled).filter(pl.col("chance") < guard_rails.certainty)
    return _best(members, pooled)


_POOLED = ("folded", "blocked", "clicks", "cost", "prior_cvr", "strength", "mature_clicks")


def _with_chance(pooled: pl.DataFrame) -> pl.DataFrame:
    """Return the phrases with the chance that their pooled clicks pay.

    All terms of a phrase are assumed to convert alike: one prior, worth ``strength`` clicks, meets
    the clicks of all of them. None of those clicks brought an order.
    """
    cost = np.maximum(pooled["cost"].to_numpy(), 1e-9)
    prior = pooled["prior"].to_numpy() / cost
    strength, clicks = pooled["strength"].to_numpy(), pooled["mature_clicks"].to_numpy()
    posterior = Beta.after(np.zeros_like(clicks), clicks, prior, strength)
    limit = pooled["sales_limit"].to_numpy()
    rate = np.divide(cost, limit, out=np.ones_like(cost), where=limit > 0)
    return pooled.with_columns(
        chance=pl.Series(posterior.above(rate)),
        rate=pl.Series(posterior.mean),
        weight=pl.Series(posterior.a + posterior.b),
    )


def _best(members: pl.DataFrame, pooled: pl.DataFrame) -> pl.DataFrame:
    """Return for every row the phrase that covers most terms, and among equals the longest."""
    shown = pooled.select(
        *("phrase", "written", "words", "terms", "chance", "rate", "weight"),
        pl.col("clicks").alias("pooled_clicks"),
    )
    phrases = members.select("row", "phrase").join(shown, on="phrase")
    order = ["row", "terms", "words", "phrase"]
    phrases = phrases.sort(order, descending=[False, True, True, False])
    return phrases.unique("row", keep="first", maintain_order=True).select(
        "row",
        pl.col("written").alias("phrase"),
        pl.col("phrase").alias("stem"),
        "terms",
        "pooled_clicks",
        "chance",
        "rate",
        "weight",
    )


@cache
def _empty_words() -> list[str]:
    text = files(__package__).joinpath("empty_words.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)["words"])


def _titles(catalog: Catalog | None) -> pl.Series:
    return pl.Series([], dtype=pl.String) if catalog is None else catalog.frame["title"]

"""Keywords that stand in each other's way, are blocked, or never serve: ``hygiene``.

They are told and not changed: which of several keywords is meant to serve, and whether one is new,
no file says.
"""

import json
from enum import StrEnum

import polars as pl

from admatch.decisions.targets import advertised, negatives
from admatch.decisions.words import LONGEST_PHRASE, phrases_in, plain, stems
from admatch.messages import Message, as_json, say
from admatch.reports.account.records import Account, Entity, MatchType

_FEWEST_DAYS = 14  # without an impression, before a keyword counts as one that never serves
_CAMPAIGN_SERVES = 1_000  # impressions of its campaign, before silence is the keyword's own
_NAMED = 5  # other places beside a keyword
_PLACE = ("campaign", "ad_group")
_FIGURES = ("impressions", "clicks", "spend", "orders", "sales")
_IDENTITY = ("ad_product", *_PLACE, "target_id", "keyword", "match_type")
_POSITIVE = (MatchType.EXACT, MatchType.PHRASE, MatchType.BROAD)


class Issue(StrEnum):
    """What is wrong with a keyword."""

    DUPLICATE = "duplicate"
    COMPETING = "competing"
    BLOCKED = "blocked"
    NEVER_SERVES = "never-serves"


SCHEMA: dict[str, pl.DataType] = {
    "issue": pl.String(),  # an Issue
    **dict.fromkeys(("campaign", "ad_group", "keyword", "match_type", "target_id"), pl.String()),
    "bid": pl.Float64(),
    "impressions": pl.Int64(),
    "clicks": pl.Int64(),
    "spend": pl.Float64(),
    "orders": pl.Int64(),
    "sales": pl.Float64(),
    "others": pl.List(pl.String()),  # places of the same keyword, or the negative that blocks it
    "what": pl.String(),
    "what_message": pl.String(),  # the same as JSON (``messages.as_json``)
}


def hygiene(account: Account | None, products: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return a line for each enabled keyword and what is wrong with it (``SCHEMA``).

    Duplicates have the same text and match type in one ad group, competing ones in several ad
    groups that advertise the same product. Blocked ones cannot serve because of a negative. Those
    that never serve have no impression in a campaign that has many; none is told where the file
    covers less than two weeks. ``products`` (product_id, sku) name what SKUs stand for.
    """
    if account is None:
        return pl.DataFrame(schema=SCHEMA)
    running = _enabled(account).with_row_index("number")
    blocked = _blocked(running, negatives(account))
    free = running.join(blocked, on="number", how="anti", maintain_order="left")
    parts = [
        _duplicates(running),
        _competing(free, advertised(account, products)),
        _lines(blocked.join(running, on="number", maintain_order="left"), Issue.BLOCKED),
        _silent(free, account),
    ]
    return pl.concat(parts)


def _enabled(account: Account) -> pl.DataFrame:
    """Return the enabled keywords of enabled ad groups and campaigns, their days added up."""
    rows = account.only(Entity.KEYWORD).filter(
        pl.col("operation").is_null(), pl.col("match_type").is_in([*_POSITIVE])
    )
    rows = rows.drop_nulls([*_PLACE, "keyword"])
    figures = (
        pl.when(pl.col(one).is_not_null().any()).then(pl.col(one).sum()).alias(one)
        for one in _FIGURES
    )
    known = rows.group_by(_IDENTITY, maintain_order=True).agg(
        pl.col("state", "bid").last(), *figures
    )
    for entity, key in ((Entity.CAMPAIGN, ["campaign"]), (Entity.AD_GROUP, [*_PLACE])):
        states = account.only(entity).group_by(key, maintain_order=True).agg(pl.col("state").last())
        known = known.join(states.filter(~_is_enabled()), on=key, how="anti", maintain_order="left")
    enabled = known.filter(_is_enabled())
    return enabled.with_columns(text=plain(enabled["keyword"]))


def _is_enabled() -> pl.Expr:
    return pl.col("state").str.to_lowercase() == "enabled"


def _duplicates(running: pl.DataFrame) -> pl.DataFrame:
    """Return keywords that an ad group has more than once, by different IDs."""
    key = ["ad_product", *_PLACE, "text", "match_type"]
    found = running.drop_nulls("target_id").filter(pl.len().over(key) > 1)
    best = _best().over(key)
    found = found.with_columns(n=pl.len().over(key) - 1, best=best, others=pl.lit([]))
    return _lines(found, Issue.DUPLICATE)


def _best() -> pl.Expr:
    """Return the ID of the keyword that sold most, then that was clicked and shown most."""
    order = [pl.col(one).fill_null(0) for one in ("orders", "clicks", "impressions")]
    return pl.col("target_id").sort_by(order, descending=True, maintain_order=True).first()


def _competing(running: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """Return keywords that run in other ad groups, too, which advertise the same product."""
    key = ["ad_product", "text", "match_type"]
    several = running.filter(pl.struct(_PLACE).n_unique().over(key) > 1)
    right = several.select(
        *key, *(pl.col(one).alias(f"other_{one}") for one in _PLACE), other_orders="orders"
    )
    pairs = several.join(right, on=key, nulls_equal=True, maintain_order="left")
    here = (pl.col("campaign") == pl.col("other_campaign")) & (
        pl.col("ad_group") == pl.col("other_ad_group")
    )
    pairs = pairs.filter(~here)
    others = [f"other_{one}" for one in _PLACE]
    same = _sharing(pairs.select(*_PLACE, *others).unique(maintain_order=True), shown)
    pairs = pairs.join(same, on=[*_PLACE, *others], maintain_order="left")
    place = pl.concat_str("other_campaign", pl.lit(" › "), "other_ad_group")
    sums = pairs.group_by("number", maintain_order=True).agg(
        n=place.n_unique(),
        others=place.unique(maintain_order=True).head(_NAMED),
        product=pl.col("product_id").first(),
        other_orders=pl.col("other_orders").fill_null(0).max(),
    )
    return _lines(sums.join(running, on="number", maintain_order="left"), Issue.COMPETING)


def _sharing(places: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of ad groups that advertise the same product, with the first of them."""
    others = [f"other_{one}" for one in _PLACE]
    there = shown.rename(dict(zip(_PLACE, others, strict=True)))
    both = places.join(shown, on=[*_PLACE]).join(there, on=[*others, "product_id"])
    return both.group_by(*_PLACE, *others).agg(pl.col("product_id").min())


def _blocked(running: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """Return number and negative of the exact and phrase keywords that cannot serve."""
    keywords = running.select("number", *_PLACE, "keyword", "match_type")
    keywords = keywords.filter(pl.col("match_type") != MatchType.BROAD.value)
    keywords = keywords.with_columns(folded=stems(keywords["keyword"]))
    exact = keywords.filter(pl.col("match_type") == MatchType.EXACT.value)
    negative = standing.rename({"ad_group": "at_ad_group"})
    by_exact = negative.filter(pl.col("match_type") == MatchType.NEGATIVE_EXACT.value)
    by_phrase = negative.filter(pl.col("match_type") == MatchType.NEGATIVE_PHRASE.value)
    runs = phrases_in(keywords["keyword"], LONGEST_PHRASE)
    inside = keywords[runs["text"].to_list()].with_columns(folded=runs["phrase"])
    hits = [
        one.select("number", *_PLACE, "folded").join(
            negatives_.select("campaign", "at_ad_group", "folded", "text"),
            on=["campaign", "folded"],
            maintain_order="left",
        )
        for one, negatives_ in ((exact, by_exact), (inside, by_phrase))
    ]
    here = pl.col("at_ad_group").is_null() | (pl.col("at_ad_group") == pl.col("ad_group"))
    found = pl.concat(hits).filter(here)
    return found.group_by("number", maintain_order=True).agg(
        others=pl.col("text").unique(maintain_order=True).head(_NAMED)
    )


def _silent(running: pl.DataFrame, account: Account) -> pl.DataFrame:
    """Return keywords without an impression in campaigns that are shown often."""
    days = _days(account)
    shown = account.targets.group_by("campaign").agg(pl.col("impressions").sum().alias("seen"))
    serving = shown.filter(pl.col("seen") >= _CAMPAIGN_SERVES).select("campaign")
    found = running.filter(pl.col("impressions") == 0)
    found = found.join(serving, on="campaign", how="semi", maintain_order="left")
    if days is not None and days < _FEWEST_DAYS:
        found = found.clear()
    return _lines(
        found.with_columns(days=pl.lit(days, pl.Int64), others=pl.lit([])), Issue.NEVER_SERVES
    )


def _days(account: Account) -> int | None:
    period = account.period
    return None if period is None else (period[1] - period[0]).days + 1


def _lines(found: pl.DataFrame, issue: Issue) -> pl.DataFrame:
    """Return found keywords with a sentence each, in the columns of ``SCHEMA``."""
    said = [_said(row, issue) for row in found.iter_rows(named=True)]
    lines = found.with_columns(
        pl.Series("issue", [issue.value] * len(said), dtype=pl.String),
        pl.Series("what", [str(one) for one in said], dtype=pl.String),
        pl.Series("what_message", [json.dumps(as_json(one)) for one in said], dtype=pl.String),
    )
    return lines.select(*SCHEMA).cast(pl.Schema(SCHEMA))


def _said(row: dict[str, object], issue: Issue) -> Message:
    text, kind = str(row["keyword"]), str(row["match_type"])
    if issue is Issue.DUPLICATE:
        best, more = str(row["best"]), _whole(row["n"])
        if best == row["target_id"]:
            return say("decisions.hygiene.duplicate_best", text=text, kind=kind, n=more)
        return say("decisions.hygiene.duplicate", text=text, kind=kind, id=best)
    first = str(next(iter(row["others"] or ()), ""))  # type: ignore[call-overload]
    if issue is Issue.BLOCKED:
        return say("decisions.hygiene.blocked", text=text, kind=kind, negative=first)
    if issue is Issue.COMPETING:
        return say(
            "decisions.hygiene.competing", text=text, kind=kind, n=_whole(row["n"]), place=first,
            product=str(row["product"]), own=_whole(row["orders"]),
            most=_whole(row["other_orders"]),
        )  # fmt: skip
    if row["days"] is None:
        return say("decisions.hygiene.never", text=text, kind=kind)
    return say("decisions.hygiene.never_in_days", text=text, kind=kind, n=_whole(row["days"]))


def _whole(count: object) -> int:
    return count if isinstance(count, int) else 0

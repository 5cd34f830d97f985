"""One plain sentence for every decision, and what to see to before it is uploaded."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

import polars as pl

from admatch.decisions.actions import NEGATIONS, NEW_KEYWORDS, OF_CAMPAIGNS, Action
from admatch.display.money import money, percent
from admatch.impact.wording import placement_name
from admatch.messages import Message, say
from admatch.reports.account.records import Placement

Row: TypeAlias = dict[str, Any]


def reasons(rows: pl.DataFrame) -> list[Message]:
    """Return the reason of each decided row: what was seen, and what follows from it."""
    columns = [name for name in _COLUMNS if name in rows.columns]
    return [_reason(row) for row in rows.select(columns).iter_rows(named=True)]


def warnings(rows: pl.DataFrame) -> list[Message | None]:
    """Return what a person has to see to before a row's change is uploaded, or None."""
    known = {
        "conflict": say("decisions.warning.conflict"),
        "isolate": say("decisions.warning.isolate"),
        "new": say("decisions.warning.new_campaign"),
    }
    negated = pl.col("action").is_in([one.value for one in NEGATIONS])
    which = (
        pl.when(negated & (pl.col("conflicts").list.len() > 0))
        .then(pl.lit("conflict"))
        .when(pl.col("action") == Action.ISOLATE.value)
        .then(pl.lit("isolate"))
        .when(pl.col("new_sku").is_not_null())
        .then(pl.lit("new"))
    )
    return [known.get(one) for one in rows.select(which).to_series()]


_LEAST_CHANCE = 0.01
_CENT = 0.005  # less is no amount
_NEW_KEYWORDS = {one.value for one in NEW_KEYWORDS}
_OF_CAMPAIGNS = {one.value for one in OF_CAMPAIGNS}
_UNCHANGED = (Action.WATCH.value, Action.KEEP.value)
_NAMED = 3  # terms that a sentence names
_LEVEL = ("seen", "orders", "acos", "above")
_COLUMNS = (
    *("action", "why", "currency", "clicks", "orders", "spend", "ordered", "protected", "level"),
    *(f"{level}_{name}" for level in ("targeting", "group") for name in _LEVEL),
    *("probability", "product_probability", "title", "runner_up_title", "chance", "clicks_needed"),
    *("spend_freed", "sales_at_risk", "sales_at_risk_high", "phrase", "phrase_terms"),
    *("phrase_chance", "pooled_clicks", "acos_before", "acos_before_low", "acos_before_high"),
    *("exact_campaign", "exact_ad_group", "to_campaign", "to_ad_group", "targeting", "factor"),
    *("sold_orders", "sold_spend", "sold_sales", "sold_in", "blocked_terms"),
    *("term_kind", "other_ad_groups", "mature_clicks"),
    *("bid", "new_bid", "bid_low", "bid_high", "lowest_bid"),
    *("setting", "new_setting", "lever_clicks", "lever_orders", "lever_acos", "lever_above"),
    *("new_sku", "lever_share", "sales_change", "gain", "whole_gain", "whole_rows"),
)


def _reason(row: Row) -> Message:
    seen = _seen(row["clicks"], row["orders"])
    if row["action"] == Action.ARCHIVE_NEGATIVE.value:
        seen = say("decisions.reason.negative_in_force")
    elif row["action"] in _OF_CAMPAIGNS:
        seen = say("decisions.reason.whole_campaign")
    why = _SENTENCES[row["action"]](row)
    if row["factor"] is not None and row["action"] in _UNCHANGED:
        why = _covered(row, why)
    return say("decisions.reason.line", seen=seen, why=_with_share(row, why))


def _with_share(row: Row, why: Message) -> Message:
    """Return what is said of a row that loses by itself, as its share of a change that gains."""
    part, whole = row.get("gain"), row.get("whole_gain")
    if part is None or whole is None or not part < -_CENT < _CENT < whole:
        return why
    known = {"why": why, "n": row["whole_rows"], "whole": _money(whole, row)}
    known["part"] = _money(part, row)
    if row["action"] in _NEW_KEYWORDS:
        return say("decisions.reason.share_keyword", **known)
    return say("decisions.reason.share", **known)


def _covered(row: Row, why: Message) -> Message:
    """Return what is said of a row that its targeting's change takes care of."""
    targeting = row["targeting"] or ""
    if row["factor"] == 0:
        return say("decisions.reason.covered_by_pause", why=why, targeting=targeting)
    change = f"{row['factor'] - 1:+.0%}".replace("-", "−").replace("%", "\u00a0%")
    return say("decisions.reason.covered", why=why, targeting=targeting, change=change)


# A large account has hundreds of thousands of rows, and few different parts of sentences.
@lru_cache(maxsize=2**12)
def _seen(clicks: int, orders: int) -> Message:
    return say(
        "decisions.reason.seen",
        clicks=say("decisions.reason.clicks", n=clicks),
        orders=say("decisions.reason.orders", n=orders),
    )


def _money(amount: float | None, row: Row) -> str:
    if amount is None:
        return say("decisions.reason.unknown_amount")
    return money(amount, row["currency"])


def _saving(row: Row) -> Message:
    return say(
        "decisions.reason.saving",
        freed=_money(row["spend_freed"], row),
        risk=_money(row["sales_at_risk_high"], row),
    )


def _acos(row: Row) -> Message:
    if row["acos_before"] is None:
        return say("decisions.reason.acos_unknown")
    low, mean, high = (_rounded(row[f"acos_before{end}"]) for end in ("_low", "", "_high"))
    return _acos_of(mean, low, high)


@lru_cache(maxsize=2**16)
def _acos_of(mean: float, low: float, high: float) -> Message:
    mean_, low_, high_ = (_percent(share) for share in (mean, low, high))
    return say("decisions.reason.acos", mean=mean_, low=low_, high=high_)


def _rounded(share: float | None) -> float:
    """Return a share in whole per cent; infinite where it is not worth a figure."""
    return round(share, 2) if share is not None and share < 10 else math.inf


@lru_cache(maxsize=2**12)
def _percent(share: float) -> str:
    return percent(share, 0)


def _chance(share: float) -> str:
    """Return a probability in whole per cent; nothing is ever quite certain."""
    if share < _LEAST_CHANCE:
        return say("decisions.reason.hardly", least=_percent(_LEAST_CHANCE))
    if share > 1 - _LEAST_CHANCE:
        return say("decisions.reason.almost", most=_percent(1 - _LEAST_CHANCE))
    return _percent(round(share, 2))


def _p(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _negate(row: Row) -> Message:
    what = say("decisions.reason.pays", chance=_chance(row["chance"]))
    if row["why"] == "none":
        what = say("decisions.reason.none", p=_p(row["probability"]), pays=what)
    return say("decisions.reason.negate", what=what, saving=_saving(row))


def _negate_phrase(row: Row) -> Message:
    return say(
        "decisions.reason.phrase",
        phrase=row["phrase"],
        terms=row["phrase_terms"],
        clicks=row["pooled_clicks"],
        chance=_chance(row["phrase_chance"]),
        saving=_saving(row),
    )


def _destination(row: Row) -> Message:
    if not row["to_ad_group"]:
        return say("decisions.reason.give_somewhere")
    if row.get("new_sku") is not None:
        return say(
            "decisions.reason.give_new",
            ad_group=row["to_ad_group"], campaign=row["to_campaign"] or "", sku=row["new_sku"],
        )  # fmt: skip
    return say(
        "decisions.reason.give", ad_group=row["to_ad_group"], campaign=row["to_campaign"] or ""
    )


def _harvest(row: Row) -> Message:
    return say("decisions.reason.harvest", acos=_acos(row), give=_destination(row))


def _isolate(row: Row) -> Message:
    return say(
        "decisions.reason.isolate",
        ad_group=row["exact_ad_group"] or "",
        campaign=row["exact_campaign"] or "",
    )


def _move(row: Row) -> Message:
    return say(
        "decisions.reason.move",
        title=row["title"] or "",
        p=_p(row["product_probability"]),
        give=_destination(row),
    )


def _bid(row: Row) -> Message:
    share = percent(abs(1 - row["factor"]), 0)
    if row["why"] == "level":
        return _with_bids(row, _level(row, share))
    acos, targeting = _acos(row), row["targeting"] or ""
    if row["factor"] < 1:
        return say("decisions.reason.bid_down", acos=acos, targeting=targeting, share=share)
    return say("decisions.reason.bid_up", acos=acos, targeting=targeting, share=share)


def _level(row: Row, share: str) -> Message:
    """Return why the bid of a whole targeting changes: by its own clicks, or its ad group's."""
    level = row["level"] if row["level"] == "group" else "targeting"
    evidence = say(
        "decisions.reason.evidence",
        clicks=say("decisions.reason.clicks", n=row[f"{level}_seen"]),
        orders=say("decisions.reason.orders", n=row[f"{level}_orders"] or 0),
        acos=_percent(row[f"{level}_acos"]),
        chance=_chance(row[f"{level}_above"]),
    )
    targeting = row["targeting"] or ""
    if row["factor"] == 0:
        lowest = _money(row["lowest_bid"], row)
        return say("decisions.reason.pause", evidence=evidence, targeting=targeting, lowest=lowest)
    if row["factor"] > 1:
        return say("decisions.reason.level_up", evidence=evidence, targeting=targeting, share=share)
    if level == "group":
        return say(
            "decisions.reason.group_down", evidence=evidence, targeting=targeting, share=share
        )
    return say("decisions.reason.level_down", evidence=evidence, targeting=targeting, share=share)


def _with_bids(row: Row, reason: Message) -> Message:
    """Return the reason with the new bid, and what bids the clicks are worth at the target."""
    if row["new_bid"] is None or row["bid_low"] is None:
        return reason
    names = ("bid", "new_bid", "bid_low", "bid_high")
    old, new, low, high = (_money(row[name], row) for name in names)
    return say("decisions.reason.to_bid", reason=reason, old=old, new=new, low=low, high=high)


def _archive(row: Row) -> Message:
    if row["why"] == "own":
        p = _p(row["product_probability"])
        return say("decisions.reason.archive_own", title=row["title"] or "", p=p)
    terms = ", ".join(f"'{one}'" for one in row["blocked_terms"][:_NAMED])
    spend, sales = row["sold_spend"] or 0.0, row["sold_sales"] or 0.0
    return say(
        "decisions.reason.archive_sold",
        terms=terms,
        orders=say("decisions.reason.orders", n=row["sold_orders"]),
        acos=percent(spend / sales if sales > 0 else None, 0),
        ad_group=row["sold_in"] or "",
    )


def _percentage(row: Row) -> Message:
    evidence = say(
        "decisions.reason.placement",
        placement=placement_name(Placement(row["targeting"])),
        clicks=say("decisions.reason.clicks", n=row["lever_clicks"]),
        orders=say("decisions.reason.orders", n=row["lever_orders"]),
        acos=_percent(row["lever_acos"]),
        chance=_chance(row["lever_above"]),
    )
    old, new = (percent(row[name] / 100, 0) for name in ("setting", "new_setting"))
    if row["action"] == Action.PLACEMENT_UP.value:
        return say("decisions.reason.placement_up", evidence=evidence, old=old, new=new)
    return say("decisions.reason.placement_down", evidence=evidence, old=old, new=new)


def _budget(row: Row) -> Message:
    return say(
        "decisions.reason.budget_up",
        share=_percent(row["lever_share"]),
        clicks=say("decisions.reason.clicks", n=row["lever_clicks"]),
        orders=say("decisions.reason.orders", n=row["lever_orders"]),
        acos=_percent(row["lever_acos"]),
        chance=_chance(row["lever_above"]),
        old=_money(row["setting"], row),
        new=_money(row["new_setting"], row),
        spend=_money(-row["spend_freed"], row),
        sales=_money(row["sales_change"], row),
    )


def _listing(row: Row) -> Message:
    p = _p(row["product_probability"])
    return say("decisions.reason.listing", title=row["title"] or "", p=p)


def _keep(row: Row) -> Message:
    why = row["why"]
    if why == "small":
        return say("decisions.reason.keep_small", acos=_acos(row))
    if why == "protected":
        return _protected(row["protected"])
    if why == "below":
        return say("decisions.reason.keep_below", acos=_acos(row))
    if why == "target":
        targeting = row["targeting"] or ""
        return say("decisions.reason.keep_above", acos=_acos(row), targeting=targeting)
    return say("decisions.reason.keep_spans", acos=_acos(row))


def _protected(by: str | None) -> Message:
    if by == "brand":
        return say("decisions.reason.own_brand")
    if by == "own product":
        return say("decisions.reason.own_name")
    if by == "protect":
        return say("decisions.reason.protected_word")
    return say("decisions.reason.protected")


def _watch(row: Row) -> Message:
    why, needed = row["why"], row["clicks_needed"]
    if (plain := _ruled_out(why)) is not None:
        return plain
    if why == "elsewhere":
        orders = say("decisions.reason.orders", n=row["ordered"])
        return say("decisions.reason.elsewhere", orders=orders, acos=_acos(row))
    reason = say("decisions.reason.thin", acos=_acos(row))
    if why == "strong":
        p = _p(row["product_probability"])
        reason = say("decisions.reason.strong", title=row["title"] or "", p=p)
    return say("decisions.reason.until", reason=reason, n=needed) if needed else reason


def _ruled_out(why: str) -> Message | None:
    """Return why a row is watched whatever its figures, or None."""
    if why == "odd":
        return say("decisions.reason.odd")
    if why == "ended":
        return say("decisions.reason.ended")
    if why == "recent":
        return say("decisions.reason.recent")
    if why == "flip":
        return say("decisions.reason.flip")
    if why == "rejected":
        return say("decisions.reason.rejected")
    if why == "unknown":
        return say("decisions.reason.unknown")
    if why == "price_cut":
        return say("decisions.reason.price_cut")
    if why == "small":
        return say("decisions.reason.small")
    return say("decisions.reason.cap") if why == "cap" else None


def _not_applicable(row: Row) -> Message:
    if row["why"] == "own":
        return say("decisions.reason.own_page")
    if row["term_kind"] == "star":
        return say("decisions.reason.no_keyword_for_page")
    if row["term_kind"] == "category":
        return say("decisions.reason.no_keyword_for_category")
    return say("decisions.reason.no_keyword_for_nothing")


_SENTENCES: dict[str, Callable[[Row], Message]] = {
    Action.NEGATE_EXACT.value: _negate,
    Action.NEGATE_PRODUCT.value: _negate,
    Action.NEGATE_PHRASE.value: _negate_phrase,
    Action.HARVEST_EXACT.value: _harvest,
    Action.ISOLATE.value: _isolate,
    Action.MOVE.value: _move,
    Action.BID_DOWN.value: _bid,
    Action.BID_UP.value: _bid,
    Action.PAUSE.value: lambda row: _level(row, ""),
    Action.ARCHIVE_NEGATIVE.value: _archive,
    Action.PLACEMENT_DOWN.value: _percentage,
    Action.PLACEMENT_UP.value: _percentage,
    Action.BUDGET_UP.value: _budget,
    Action.FIX_LISTING.value: _listing,
    Action.KEEP.value: _keep,
    Action.WATCH.value: _watch,
    Action.NOT_APPLICABLE.value: _not_applicable,
}

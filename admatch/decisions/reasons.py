"""One plain sentence for every decision: ``reasons``."""

from typing import Any

import polars as pl

from admatch.decisions.actions import Action

_KINDS = {"star": "a product page without a term", "category": "a category", "empty": "no term"}
_PROTECTED = {
    "brand": "it names a brand of yours",
    "own product": "it names a product of yours",
    "protect": "it is one of the words that you protect",
}


def reasons(rows: pl.DataFrame) -> pl.Series:
    """Return the sentence of each decided row."""
    wanted = [name for name in _COLUMNS if name in rows.columns]
    return pl.Series(
        "reason", [_sentence(row) for row in rows.select(wanted).iter_rows(named=True)], pl.String
    )


_COLUMNS = (
    *("action", "why", "currency", "clicks", "orders", "spend", "ordered", "protected"),
    *("probability", "product_probability", "title", "runner_up_title", "chance", "clicks_needed"),
    *("spend_freed", "sales_at_risk", "sales_at_risk_high", "phrase", "phrase_terms"),
    *("phrase_chance", "pooled_clicks", "acos_before", "acos_before_low", "acos_before_high"),
    *("exact_campaign", "exact_ad_group", "to_campaign", "to_ad_group", "targeting", "factor"),
    *("term_kind", "other_ad_groups", "mature_clicks", "target_acos", "bid"),
)


def _sentence(row: dict[str, Any]) -> str:
    told = _TELLERS[row["action"]](row)
    return f"{_seen(row)}; {told}."


def _seen(row: dict[str, Any]) -> str:
    clicks, orders = row["clicks"], row["orders"]
    return (
        f"{clicks:,} {'click' if clicks == 1 else 'clicks'}, "
        f"{orders:,} {'order' if orders == 1 else 'orders'}"
    )


def _money(amount: float | None, row: dict[str, Any]) -> str:
    return (
        "an unknown amount" if amount is None else f"{amount:,.2f} {row['currency'] or ''}".strip()
    )


def _saving(row: dict[str, Any]) -> str:
    return (
        f"saves about {_money(row['spend_freed'], row)} in as long a period again, "
        f"at most {_money(row['sales_at_risk_high'], row)} of sales at risk"
    )


def _acos(row: dict[str, Any]) -> str:
    if row["acos_before"] is None:
        return "ACOS is not known"
    low, mean, high = (_percent(row[f"acos_before{end}"]) for end in ("_low", "", "_high"))
    return f"ACOS is expected at {mean} (80 %: {low} to {high})"


def _percent(share: float | None) -> str:
    return f"{share:.0%}" if share is not None and share < 10 else "over 1,000%"


def _pays(row: dict[str, Any]) -> str:
    return f"the chance that it pays at the target is {row['chance']:.0%}"


def _negate(row: dict[str, Any]) -> str:
    if row["why"] == "none":
        what = f"no product of yours fits (p = {row['probability']:.2f}) and {_pays(row)}"
    else:
        what = _pays(row)
    return f"{what}; {_saving(row)}"


def _negate_phrase(row: dict[str, Any]) -> str:
    return (
        f"'{row['phrase']}' is in {row['phrase_terms']} terms with {row['pooled_clicks']:,} clicks "
        f"and no order, none about a product of yours, and the chance that they pay is "
        f"{row['phrase_chance']:.0%}; for this term it {_saving(row)}"
    )


def _harvest(row: dict[str, Any]) -> str:
    where = (
        f"give it an exact keyword in '{row['to_ad_group']}' of '{row['to_campaign']}'"
        if row["to_ad_group"]
        else "give it an exact keyword in a manual ad group that advertises the product"
    )
    return f"{_acos(row)} and it has no exact keyword yet; {where}"


def _isolate(row: dict[str, Any]) -> str:
    return (
        f"it has an exact keyword in '{row['exact_ad_group']}' of '{row['exact_campaign']}'; "
        "exclude it here so that its clicks go there, once that keyword is seen to be live"
    )


def _move(row: dict[str, Any]) -> str:
    return (
        f"'{row['title']}' fits far better (p = {row['product_probability']:.2f}) than what this "
        f"ad group shows; give it an exact keyword in '{row['to_ad_group']}' of "
        f"'{row['to_campaign']}'"
    )


def _bid(row: dict[str, Any]) -> str:
    way = "lower" if row["factor"] < 1 else "raise"
    side = "above" if row["factor"] < 1 else "below"
    return (
        f"{_acos(row)}, {side} the target, and so are all terms of '{row['targeting']}' together; "
        f"{way} its bid by {abs(1 - row['factor']):.0%}"
    )


def _listing(row: dict[str, Any]) -> str:
    return (
        f"the term fits '{row['title']}' (p = {row['product_probability']:.2f}), yet terms for "
        "that product sell far less than expected; look at its price, pictures, stock and reviews"
    )


def _keep(row: dict[str, Any]) -> str:
    why = row["why"]
    if why == "protected":
        return f"{_PROTECTED.get(row['protected'] or '', 'it is protected')}, so it stays"
    if why == "below":
        return f"{_acos(row)}, below the target; its target's other terms speak against more"
    if why == "target":
        return f"{_acos(row)}, above the target, but '{row['targeting']}' as a whole is not"
    return f"{_acos(row)}, which spans the target"


def _watch(row: dict[str, Any]) -> str:
    needed = row["clicks_needed"]
    more = f"; about {needed:,} more clicks would decide" if needed else ""
    told = {
        "odd": "its figures contradict each other (more orders than clicks, or a negative amount), "
        "so nothing is decided; download the report again",
        "recent": "an earlier run changed it within the cooldown",
        "flip": "an earlier run did the opposite of what its figures suggest now, so it is left",
        "rejected": "somebody rejected what its figures suggest, and little has come since",
        "untold": "what a click costs or an order brings is not known, so nothing can be decided",
        "elsewhere": f"the term has {row['ordered']:,} orders in other ad groups, so it is not "
        f"negated here; {_acos(row)}",
        "strong": f"'{row['title']}' fits well (p = {_share(row['product_probability'])}), too few "
        f"clicks to give it up{more}",
        "cap": "it would be negated, but this run's sales at risk have reached their cap; "
        "make the others first",
    }
    return told.get(row["why"], f"too little is known: {_acos(row)}{more}")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _not_applicable(row: dict[str, Any]) -> str:
    if row["why"] == "own":
        return "this is the page of a product of yours"
    return f"{_KINDS.get(row['term_kind'], 'no term')}, which no keyword can exclude"


_TELLERS = {
    Action.NEGATE_EXACT.value: _negate,
    Action.NEGATE_PRODUCT.value: _negate,
    Action.NEGATE_PHRASE.value: _negate_phrase,
    Action.HARVEST_EXACT.value: _harvest,
    Action.ISOLATE.value: _isolate,
    Action.MOVE.value: _move,
    Action.BID_DOWN.value: _bid,
    Action.BID_UP.value: _bid,
    Action.FIX_LISTING.value: _listing,
    Action.KEEP.value: _keep,
    Action.WATCH.value: _watch,
    Action.NOT_APPLICABLE.value: _not_applicable,
}

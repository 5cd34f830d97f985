"""Which decisions would take back what an earlier run did: flip-flops, which are refused."""

import polars as pl

from admatch.decisions.actions import NEGATIONS, NEW_KEYWORDS, Action
from admatch.impact.changes import Change, ChangeSet, Operation
from admatch.reports.account.records import NEGATIVES, Entity


def without_contrary(rows: pl.DataFrame, earlier: ChangeSet | None) -> pl.DataFrame:
    """Return decided rows with those watched that are the opposite of an earlier change.

    A bid that was lowered is not raised, nor the other way round; a term that was negated in an ad
    group gets no keyword there; what got a keyword is not negated where that keyword is.
    """
    if not earlier:
        return rows
    done = pl.DataFrame(
        [line for change in earlier for line in _opposites(change)],
        schema={
            "campaign": pl.String,
            "ad_group": pl.String,
            "text": pl.String,
            "action": pl.String,
        },
        orient="row",
    ).unique()
    named = rows.select(
        "action",
        campaign=_at("campaign"),
        ad_group=_at("ad_group"),
        text=pl.when(pl.col("action").is_in([Action.BID_UP.value, Action.BID_DOWN.value]))
        .then("targeting")
        .otherwise("search_term")
        .str.to_lowercase(),
    ).with_row_index("place")
    key = ["campaign", "ad_group", "text", "action"]
    places = named.join(done, on=key, how="semi", nulls_equal=True)["place"]
    flip = pl.int_range(pl.len()).is_in(places.implode())
    return rows.with_columns(
        action=pl.when(flip).then(pl.lit(Action.WATCH.value)).otherwise("action"),
        why=pl.when(flip).then(pl.lit("flip")).otherwise("why"),
        factor=pl.when(flip).then(None).otherwise("factor"),
    )


def _at(name: str) -> pl.Expr:
    """Return where a row's change is made: a new keyword in its destination, others at home."""
    new = pl.col("action").is_in([one.value for one in NEW_KEYWORDS])
    return pl.when(new).then(f"to_{name}").otherwise(name)


def _opposites(change: Change) -> list[tuple[str, str | None, str, str]]:
    """Return place, text and action of what would take the change back."""
    place = change.place.campaign, change.place.ad_group
    if change.operation == Operation.UPDATE:
        if change.before is None or change.bid is None:
            return []
        raised = change.bid > change.before
        action = Action.BID_DOWN if raised else Action.BID_UP
        return [(*place, change.text.lower(), action.value)]
    if change.operation != Operation.CREATE:
        return []
    if change.entity in NEGATIVES:
        actions: tuple[Action, ...] = NEW_KEYWORDS
    elif change.entity == Entity.KEYWORD:
        actions = (*NEGATIONS, Action.ISOLATE)
    else:
        return []
    return [(*place, change.text.lower(), action.value) for action in actions]

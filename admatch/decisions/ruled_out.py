"""What earlier runs and people rule out: changes too recent, opposite ones, rejected ones."""

import polars as pl

from admatch.decisions.actions import LEVERS, NEGATIONS, NEW_KEYWORDS, Action
from admatch.impact.changes import Change, ChangeSet, Operation
from admatch.reports.account.records import NEGATIVES, Entity

# A change by its place, its text and its action; the columns of a table of rejected changes.
REJECTED = {"campaign": pl.String, "ad_group": pl.String, "text": pl.String, "action": pl.String}


def recently_changed(rows: pl.DataFrame, recent: ChangeSet | None) -> pl.Series:
    """Return whether each row's term, or the target that serves it, was changed in its ad group.

    ``recent`` are changes that are too recent for their effect to be seen (guard-rail 8).
    """
    if not recent:
        return pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)
    changed = pl.DataFrame(
        [(one.place.campaign, one.place.ad_group, one.text.lower()) for one in recent],
        schema={name: REJECTED[name] for name in ("campaign", "ad_group", "text")},
        orient="row",
    ).unique()
    named = rows.select("row", "campaign", "ad_group", "search_term", "targeting")
    touched = [
        named.with_columns(text=pl.col(column).str.to_lowercase()).join(
            changed, on=changed.columns, how="semi"
        )["row"]
        for column in ("search_term", "targeting")
    ]
    return rows["row"].is_in(pl.concat(touched).unique().implode())


def without_contrary(rows: pl.DataFrame, earlier: ChangeSet | None) -> pl.DataFrame:
    """Return decided rows, with those watched that would take back an earlier change.

    A bid that was lowered is not raised, nor the other way round; a term that was negated in an ad
    group gets no keyword there; what got a keyword is not negated where that keyword is.
    """
    if not earlier:
        return rows
    opposites = pl.DataFrame(
        [line for change in earlier for line in _opposites(change)], schema=REJECTED, orient="row"
    ).unique()
    bid = pl.col("action").is_in([one.value for one in LEVERS])
    named = rows.select(
        "action",
        campaign=_at("campaign"),
        ad_group=_at("ad_group"),
        text=pl.when(bid).then("targeting").otherwise("search_term").str.to_lowercase(),
    )
    return _watched(rows, named, opposites, "flip")


def without_rejected(rows: pl.DataFrame, rejected: pl.DataFrame | None) -> pl.DataFrame:
    """Return decided rows, with those watched whose very change is ``rejected``.

    ``rejected`` has the columns of ``REJECTED``.
    """
    if rejected is None or rejected.is_empty():
        return rows
    named = rows.select("campaign", "ad_group", "action", text=subject())
    return _watched(rows, named, rejected, "rejected")


def subject() -> pl.Expr:
    """Return what a decided row's change is about: its term, its phrase, or its target."""
    return (
        pl.when(pl.col("action") == Action.NEGATE_PHRASE.value)
        .then("phrase")
        .when(pl.col("action").is_in([one.value for one in LEVERS]))
        .then("targeting")
        .otherwise("search_term")
        .str.to_lowercase()
    )


def _watched(
    rows: pl.DataFrame, named: pl.DataFrame, ruled_out: pl.DataFrame, why: str
) -> pl.DataFrame:
    """Return the rows, with those watched whose change (in ``named``) is ruled out."""
    numbered = named.with_row_index("number")
    matching = numbered.join(ruled_out, on=list(REJECTED), how="semi", nulls_equal=True)
    out = pl.int_range(pl.len()).is_in(matching["number"].implode())
    return rows.with_columns(
        action=pl.when(out).then(pl.lit(Action.WATCH.value)).otherwise("action"),
        why=pl.when(out).then(pl.lit(why)).otherwise("why"),
        factor=pl.when(out).then(None).otherwise("factor"),
    )


def _at(name: str) -> pl.Expr:
    """Return where a row's change is made: a new keyword in its destination, others at home."""
    new = pl.col("action").is_in([one.value for one in NEW_KEYWORDS])
    return pl.when(new).then(f"to_{name}").otherwise(name)


def _opposites(change: Change) -> list[tuple[str, str | None, str, str]]:
    """Return place, text and action of each change that would take this one back."""
    place = change.place.campaign, change.place.ad_group
    if change.setting is not None:
        return []  # not a term's: campaign_lines rules them out
    if change.operation == Operation.UPDATE:
        if change.before is None or change.bid is None:
            return []
        raised = change.bid > change.before
        action = Action.BID_DOWN if raised else Action.BID_UP
        return [(*place, change.text.lower(), action.value)]
    if change.operation == Operation.ARCHIVE and change.entity in NEGATIVES:
        return [(*place, change.text.lower(), action.value) for action in NEGATIONS]
    if change.operation != Operation.CREATE:
        return []
    if change.entity in NEGATIVES:
        actions: tuple[Action, ...] = NEW_KEYWORDS
    elif change.entity == Entity.KEYWORD:
        actions = (*NEGATIONS, Action.ISOLATE)
    else:
        return []
    return [(*place, change.text.lower(), action.value) for action in actions]

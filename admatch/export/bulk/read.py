"""A bulk sheet of changes → ``ChangeSet``: ``read_changes``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from admatch.errors import InputError
from admatch.impact.changes import Change, ChangeSet, Operation, Place
from admatch.reports.account.reader import read_account
from admatch.reports.account.records import NEGATIVES, TARGETS, Account, Entity, MatchType


def read_changes(path: Path | str, account: Account | None = None) -> ChangeSet:
    """Return the changes of keywords and targets that a bulk sheet (XLSX or CSV) asks for.

    Bulk sheets name places by ID: ``account`` tells the names that go with them. Raises
    ``InputError`` where the file asks for no such change, or a place has no name.
    """
    path = Path(path)
    frame = read_account(path).frame
    kinds = [one.value for one in (*TARGETS, *NEGATIVES)]
    rows = frame.filter(pl.col("operation").is_not_null(), pl.col("entity").is_in(kinds))
    if rows.is_empty():
        raise InputError(
            f"{path.name}: no row asks to create, update or archive a keyword or target; "
            "name a bulk sheet with its 'Operation' filled"
        )
    campaigns, ad_groups, targets = _names(account)
    return ChangeSet(
        tuple(_change(row, path, campaigns, ad_groups, targets) for row in rows.to_dicts())
    )


def _names(
    account: Account | None,
) -> tuple[dict[str, str], dict[str, str], dict[str, Mapping[str, Any]]]:
    """Return the names of campaigns and ad groups by ID, and the targets by ID."""
    if account is None:
        return {}, {}, {}
    frame = account.frame
    campaigns = dict(frame.select("campaign_id", "campaign").drop_nulls().unique().iter_rows())
    ad_groups = dict(frame.select("ad_group_id", "ad_group").drop_nulls().unique().iter_rows())
    held = account.only(*TARGETS, *NEGATIVES).drop_nulls("target_id")
    return campaigns, ad_groups, {row["target_id"]: row for row in held.to_dicts()}


def _change(
    row: Mapping[str, Any],
    path: Path,
    campaigns: Mapping[str, str],
    ad_groups: Mapping[str, str],
    targets: Mapping[str, Mapping[str, Any]],
) -> Change:
    before = targets.get(row["target_id"] or "", {})
    text = row["keyword"] or row["expression"] or before.get("keyword") or before.get("expression")
    match_type = row["match_type"] or before.get("match_type")
    if not text:
        raise InputError(
            f"{path.name}, row {row['row']}: neither a keyword nor a target, and its ID is not "
            "known; give the account's bulk download as well"
        )
    return Change(
        operation=Operation(row["operation"]),
        entity=Entity(row["entity"]),
        place=_place(row, path, campaigns, ad_groups),
        text=text,
        match_type=MatchType(match_type) if match_type in list(MatchType) else None,
        bid=row["bid"],
        target_id=row["target_id"],
        before=before.get("bid"),
        state=row["state"],
    )


def _place(
    row: Mapping[str, Any], path: Path, campaigns: Mapping[str, str], ad_groups: Mapping[str, str]
) -> Place:
    campaign = row["campaign"] or campaigns.get(row["campaign_id"] or "")
    ad_group = row["ad_group"] or ad_groups.get(row["ad_group_id"] or "")
    if campaign is None or (row["ad_group_id"] and ad_group is None):
        raise InputError(
            f"{path.name}, row {row['row']}: no name is known for its campaign or ad group; give "
            "the account's bulk download as well"
        )
    return Place(campaign, ad_group, row["campaign_id"], row["ad_group_id"])

"""A bulk sheet of changes → ``ChangeSet``: ``read_changes``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from admatch.errors import InputError
from admatch.impact.changes import STRUCTURE, Change, ChangeSet, Operation, Place
from admatch.messages import say
from admatch.reports.account.reader import read_account
from admatch.reports.account.records import NEGATIVES, TARGETS, Account, Entity, MatchType

_SETTINGS = {Entity.CAMPAIGN: "daily_budget", Entity.BIDDING_ADJUSTMENT: "percentage"}


def read_changes(path: Path | str, account: Account | None = None) -> ChangeSet:
    """Return the changes in a bulk sheet (XLSX or CSV): keywords, targets, campaigns' settings.

    Bulk sheets identify places by ID: ``account`` has the names that belong to them. Raises
    ``InputError`` where the file has no such change, or a place has no name.
    """
    path = Path(path)
    frame = read_account(path).frame
    kinds = [one.value for one in (*TARGETS, *NEGATIVES)]
    of_campaign = pl.any_horizontal(
        (pl.col("entity") == entity.value) & pl.col(column).is_not_null()
        for entity, column in _SETTINGS.items()
    )
    created = pl.col("entity").is_in([one.value for one in STRUCTURE])
    created &= pl.col("operation") == Operation.CREATE.value
    wanted = pl.col("entity").is_in(kinds) | of_campaign | created
    rows = frame.filter(pl.col("operation").is_not_null(), wanted)
    if rows.is_empty():
        raise InputError(say("export.sheet.no_change", file=path.name))
    campaigns, ad_groups, targets = _names(account)
    settings = _settings(account)
    return ChangeSet(
        tuple(
            _change(row, path, campaigns, ad_groups, targets, settings) for row in rows.to_dicts()
        )
    )


def _settings(account: Account | None) -> dict[tuple[str, str | None, str | None], float]:
    """Return what settings are now, by entity, campaign ID and placement."""
    if account is None:
        return {}
    return {
        (row["entity"], row["campaign_id"], row["placement"]): row[column]
        for entity, column in _SETTINGS.items()
        for row in account.only(entity).drop_nulls(column).to_dicts()
    }


def _names(
    account: Account | None,
) -> tuple[dict[str, str], dict[str, str], dict[str, Mapping[str, Any]]]:
    """Return the names of campaigns and ad groups by ID, and the targets by ID."""
    if account is None:
        return {}, {}, {}
    frame = account.frame
    campaigns = _by_id(frame, "campaign_id", "campaign")
    ad_groups = _by_id(frame, "ad_group_id", "ad_group")
    targets = account.only(*TARGETS, *NEGATIVES).drop_nulls("target_id")
    return campaigns, ad_groups, {row["target_id"]: row for row in targets.to_dicts()}


def _by_id(frame: pl.DataFrame, known_by: str, name: str) -> dict[str, str]:
    return dict(frame.select(known_by, name).drop_nulls().unique(maintain_order=True).iter_rows())


def _change(
    row: Mapping[str, Any],
    path: Path,
    campaigns: Mapping[str, str],
    ad_groups: Mapping[str, str],
    targets: Mapping[str, Mapping[str, Any]],
    settings: Mapping[tuple[str, str | None, str | None], float],
) -> Change:
    entity = Entity(row["entity"])
    if entity in STRUCTURE and row["operation"] == Operation.CREATE:
        return _new_place(row, entity, _place(row, path, campaigns, ad_groups))
    if entity in _SETTINGS:
        place = _place(row, path, campaigns, {})
        text = row["placement"] if entity == Entity.BIDDING_ADJUSTMENT else place.campaign
        setting = row[_SETTINGS[entity]]
        now = settings.get((entity.value, row["campaign_id"], row["placement"]))
        return Change(
            Operation(row["operation"]), entity, place, text or "", before=now, setting=setting
        )
    before = targets.get(row["target_id"] or "", {})
    text = row["keyword"] or row["expression"] or before.get("keyword") or before.get("expression")
    match_type = row["match_type"] or before.get("match_type")
    if not text:
        raise InputError(say("export.sheet.no_text", file=path.name, row=str(row["row"])))
    return Change(
        operation=Operation(row["operation"]),
        entity=entity,
        place=_place(row, path, campaigns, ad_groups),
        text=text,
        match_type=MatchType(match_type) if match_type in list(MatchType) else None,
        bid=row["bid"],
        target_id=row["target_id"],
        before=before.get("bid"),
        state=row["state"],
    )


def _new_place(row: Mapping[str, Any], entity: Entity, place: Place) -> Change:
    if entity == Entity.CAMPAIGN:
        return Change.new_campaign(place.campaign, row["daily_budget"] or 0.0)
    if entity == Entity.AD_GROUP:
        return Change.new_ad_group(place, row["default_bid"] or 0.0)
    return Change.product_ad(row["sku"] or row["asin"] or "", place)


def _place(
    row: Mapping[str, Any], path: Path, campaigns: Mapping[str, str], ad_groups: Mapping[str, str]
) -> Place:
    ids = [row["campaign_id"], row["ad_group_id"]]
    names = [
        row[name] or known.get(own or "") or _temporary(own)
        for name, known, own in zip(
            ("campaign", "ad_group"), (campaigns, ad_groups), ids, strict=True
        )
    ]
    campaign, ad_group = names
    if campaign is None or (row["ad_group_id"] and ad_group is None):
        raise InputError(say("export.sheet.no_name", file=path.name, row=str(row["row"])))
    return Place(campaign, ad_group, *(None if _temporary(own) else own for own in ids))


def _temporary(own: str | None) -> str | None:
    """Return the name that a sheet gives as the ID of what it makes, or None for a real ID."""
    return own if own and not own.isdigit() else None

"""The campaigns that a bulk file makes, to be looked at before its upload: ``campaign_plan``."""

from collections.abc import Iterable
from typing import Any

import polars as pl

from admatch.decisions.actions import Action
from admatch.export.bulk.records import Entry
from admatch.impact.changes import Change, Operation
from admatch.reports.account.records import Entity


def campaign_plan(written: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return the campaigns with new ad groups, as their rows in the file have them.

    Each has its ``ad_groups``, and these their ads and keywords. ``budget``, a day, is null where
    the campaign exists; a keyword's ``bid`` is null where it takes its ad group's.
    """
    campaigns: dict[str, dict[str, Any]] = {}
    groups: dict[tuple[str, str | None], dict[str, Any]] = {}
    for change in (one.change for one in written):
        if change.operation != Operation.CREATE:
            continue
        place = change.place.campaign, change.place.ad_group
        if change.entity == Entity.CAMPAIGN:
            _campaign(campaigns, change)["budget"] = change.setting
        elif change.entity == Entity.AD_GROUP:
            groups[place] = {"ad_group": place[1], "bid": change.bid, "skus": [], "keywords": []}
            _campaign(campaigns, change)["ad_groups"].append(groups[place])
        elif change.entity == Entity.PRODUCT_AD and place in groups:
            groups[place]["skus"].append(change.text)
        elif change.entity == Entity.KEYWORD and place in groups:
            groups[place]["keywords"].append({"text": change.text, "bid": change.bid})
    return list(campaigns.values())


def without_place(rows: pl.DataFrame) -> int:
    """Return how many keywords would pay but have no ad group, in rows that were saved."""
    lacking = pl.col("to_campaign").is_null() & pl.col("unwritable")
    new = pl.col("action") == Action.HARVEST_EXACT.value
    return int(rows.filter(new & lacking)["unit"].n_unique())


def _campaign(known: dict[str, dict[str, Any]], change: Change) -> dict[str, Any]:
    name = change.place.campaign
    return known.setdefault(name, {"campaign": name, "budget": None, "ad_groups": []})

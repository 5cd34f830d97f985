"""The IDs of an account's entities, by kind of entity."""

from pathlib import Path

import polars as pl

from admatch.errors import Problem
from admatch.reports.account.records import NEGATIVES, TARGETS, Entity
from admatch.reports.identifiers import clean_ids
from admatch.reports.rows import Columns


def find_ids(path: Path, columns: Columns, entity: pl.Series) -> tuple[pl.DataFrame, list[Problem]]:
    """Return portfolio_id, campaign_id, ad_group_id, ad_id and target_id as text.

    Bulk files of before 2022 have one record ID per row: that of the row's own entity.
    """
    ids = {
        "portfolio_id": columns.get("portfolio_id"),
        "campaign_id": columns.get("campaign_id"),
        "ad_group_id": columns.get("ad_group_id"),
        "ad_id": columns.get("ad_id"),
        "target_id": columns.get("keyword_id"),
    }
    ids["target_id"] = _filled(ids["target_id"], columns.get("product_target_id"))
    if "record_id" in columns.headers:
        record = columns.cells["record_id"]
        for name, levels in _LEVELS.items():
            own = record.set((~entity.is_in([one.value for one in levels])).fill_null(True), None)
            ids[name] = _filled(ids[name], own)
    return clean_ids(path, ids, columns.rows)


_LEVELS = {
    "campaign_id": (Entity.CAMPAIGN,),
    "ad_group_id": (Entity.AD_GROUP,),
    "ad_id": (Entity.PRODUCT_AD,),
    "target_id": (*TARGETS, *NEGATIVES),
}


def _filled(first: pl.Series, second: pl.Series) -> pl.Series:
    return first.zip_with(first.is_not_null(), second)

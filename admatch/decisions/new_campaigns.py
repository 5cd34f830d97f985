"""Campaigns and ad groups for new exact keywords that have nowhere to go: ``with_new_places``."""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import polars as pl

from admatch.catalog.records import Catalog
from admatch.decisions.actions import Action
from admatch.errors import InputError, shorten
from admatch.messages import say
from admatch.reports.account.records import Account, Entity

_LONGEST, _SHORT = 128, 40  # letters of a campaign's name (Amazon's limits page), of a title in it
_SYMBOLS = set(" -$\"'&()*+,./:;=?@[]_`~{}|")  # the same page; letters and digits are taken as well
_CLICKS = 10  # of its dearest keyword that a day's budget pays at least
_FIELDS = ("product", "asin", "sku")
PLACE_SCHEMA: dict[str, pl.DataType] = {
    "new_campaign": pl.Boolean(),  # whether the campaign has to be made, not only its ad group
    "new_sku": pl.String(),  # advertised by the new ad group; null where the place exists
    "new_budget": pl.Float64(),
    "new_default_bid": pl.Float64(),
}


class Structure(StrEnum):
    """How new campaigns are laid out."""

    CAMPAIGN_A_PRODUCT = "campaign-a-product"
    AD_GROUP_A_PRODUCT = "ad-group-a-product"


_USUAL = {
    Structure.CAMPAIGN_A_PRODUCT: ("SP | {product} | Exact", "Exact"),
    Structure.AD_GROUP_A_PRODUCT: ("SP | Exact", "{product}"),
}


@dataclass(frozen=True, slots=True)
class NewCampaigns:
    """How the campaigns of new exact keywords are laid out and named.

    ``campaign`` and ``ad_group`` are patterns with ``{product}`` (a short title, or else the ASIN),
    ``{asin}`` and ``{sku}``; the structure's own by default. Raises ``InputError`` for another
    field, and where products would share a place that is meant for one.

    >>> am.NewCampaigns("campaign-a-product", campaign="Exact {sku}").ad_group
    'Exact'
    """

    structure: Structure | str = Structure.CAMPAIGN_A_PRODUCT
    campaign: str = ""
    ad_group: str = ""

    def __post_init__(self) -> None:
        if self.structure not in list(Structure):
            names = ", ".join(Structure)
            raise InputError(
                say("decisions.new_campaigns.structure", found=self.structure, names=names)
            )
        object.__setattr__(self, "structure", Structure(self.structure))
        usuals = _USUAL[Structure(self.structure)]
        for name, usual in zip(("campaign", "ad_group"), usuals, strict=True):
            object.__setattr__(self, name, getattr(self, name).strip() or usual)
        own = _fields(self.campaign)
        whole = self.structure is Structure.CAMPAIGN_A_PRODUCT
        if whole != bool(own) or not (whole or _fields(self.ad_group)):
            names = ", ".join(f"{{{one}}}" for one in _FIELDS)
            raise InputError(say("decisions.new_campaigns.pattern", fields=names))


def _fields(pattern: str) -> set[str]:
    """Return the fields of a pattern; raises ``InputError`` for unknown ones."""
    try:
        found = {name for _, name, *_ in string.Formatter().parse(pattern) if name is not None}
    except ValueError:
        found = {pattern}
    if unknown := sorted(found - set(_FIELDS)):
        names = ", ".join(f"{{{one}}}" for one in _FIELDS)
        raise InputError(
            say("decisions.new_campaigns.field", found=shorten(unknown[0]), fields=names)
        )
    return found


def with_new_places(
    rows: pl.DataFrame,
    wanted: NewCampaigns | None,
    account: Account | None,
    catalog: Catalog | None,
    days: int,
) -> pl.DataFrame:
    """Return decided rows, harvests without a destination with a new one (``PLACE_SCHEMA``).

    It advertises the product of the ad group where the term sold: the one that the term is about if
    it is shown there, or the only one that is. Without that product's SKU nothing is made.
    """
    rows = rows.with_columns(pl.lit(None, kind).alias(name) for name, kind in PLACE_SCHEMA.items())
    if wanted is None or account is None:
        return rows
    lacking = (pl.col("action") == Action.HARVEST_EXACT.value) & pl.col("to_campaign").is_null()
    sold = rows.filter(lacking).select(
        "row", "campaign", "ad_group", "product_id", "cost", "cpc", "factor"
    )
    sold = sold.join(_products(sold, account), on="row").drop_nulls("new_sku")
    if sold.is_empty():
        return rows
    named = sold.join(_names(sold, wanted, account, catalog), on=["asin", "new_sku"])
    named = named.with_columns(bid=pl.col("cpc") * pl.col("factor"))
    of, group = "to_campaign", ["to_campaign", "to_ad_group"]
    daily = (2 * pl.col("cost").sum() / days).over(of)
    budget = pl.max_horizontal(daily, _CLICKS * pl.col("bid").max().over(of)).ceil()
    placed = named.with_columns(
        new_budget=budget, new_default_bid=pl.col("bid").min().over(group)
    ).select("row", *group, *PLACE_SCHEMA)
    return _filled(rows, placed)


def _filled(rows: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    names = [name for name in placed.columns if name != "row"]
    joined = rows.join(placed, on="row", how="left", suffix="_made", maintain_order="left")
    return joined.with_columns(pl.coalesce(name, f"{name}_made") for name in names).drop(
        f"{name}_made" for name in names
    )


def _products(sold: pl.DataFrame, account: Account) -> pl.DataFrame:
    """Return the product that each row's ad group should be made for: row, asin, new_sku."""
    state = pl.col("state").fill_null("enabled")
    ads = account.only(Entity.PRODUCT_AD).filter(state == "enabled", pl.col("operation").is_null())
    ads = ads.select("campaign", "ad_group", asin=pl.coalesce("asin", "sku"), new_sku="sku")
    ads = ads.unique(maintain_order=True)
    pairs = sold.select("row", "campaign", "ad_group", "product_id").join(
        ads, on=["campaign", "ad_group"], maintain_order="left"
    )
    meant = (pl.col("asin") == pl.col("product_id")) | (pl.col("new_sku") == pl.col("product_id"))
    only = pl.len().over("row") == 1
    fits = pairs.filter(meant.fill_null(False) | only)
    return fits.unique("row", keep="first", maintain_order=True).select("row", "asin", "new_sku")


def _names(
    sold: pl.DataFrame, wanted: NewCampaigns, account: Account, catalog: Catalog | None
) -> pl.DataFrame:
    """Return the names of each product's new place: asin, new_sku, to_campaign, to_ad_group."""
    campaigns = account.only(Entity.CAMPAIGN).filter(pl.col("campaign").is_not_null())
    kinds = dict(campaigns.select("campaign", "targeting_type").iter_rows())
    states = dict(campaigns.select("campaign", "state").iter_rows())
    groups = set(account.only(Entity.AD_GROUP).select("campaign", "ad_group").iter_rows())
    taken, lines = set(groups), list[dict[str, Any]]()
    for asin, sku in sold.select("asin", "new_sku").unique(maintain_order=True).iter_rows():
        product = {"product": _title(catalog, asin, sku), "asin": asin, "sku": sku}
        campaign = _named(wanted.campaign, product)
        open_ = kinds.get(campaign) != "auto" and states.get(campaign) in (None, "enabled")
        shared = wanted.structure is Structure.AD_GROUP_A_PRODUCT
        if campaign in kinds and not (shared and open_):
            campaign = _another(campaign, kinds)
        ad_group = _named(wanted.ad_group, product)
        if (campaign, ad_group) in taken:
            ad_group = _named(f"{wanted.ad_group} {asin}", product)
        taken.add((campaign, ad_group))
        if not shared:
            kinds[campaign] = "manual"
        names = {"to_campaign": campaign, "to_ad_group": ad_group}
        new = campaign not in campaigns["campaign"]
        lines.append({"asin": asin, "new_sku": sku, "new_campaign": new} | names)
    return pl.DataFrame(lines)


def _another(name: str, taken: Mapping[str, Any]) -> str:
    numbers = (f"{name[: _LONGEST - 4]} {number}" for number in range(2, 1000))
    return next(one for one in numbers if one not in taken)


def _named(pattern: str, product: Mapping[str, str]) -> str:
    """Return a name that Amazon takes."""
    written = pattern.format(**product)
    letters = (one if one.isalnum() or one in _SYMBOLS else " " for one in written)
    return " ".join("".join(letters).split())[:_LONGEST].strip()


def _title(catalog: Catalog | None, asin: str, sku: str) -> str:
    """Return the first words of a product's title, or its ASIN."""
    known = next((one for one in (asin, sku) if catalog is not None and one in catalog), None)
    if catalog is None or known is None:
        return asin
    title = " ".join(catalog[known].title.split())
    if len(title) <= _SHORT:
        return title
    return title[: _SHORT + 1].rpartition(" ")[0].rstrip(" ,;:-|") or title[:_SHORT]

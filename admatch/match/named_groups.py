"""Ad groups and campaigns that are named after a product: ``named_products``."""

import re

import polars as pl

from admatch.match.labels import GROUP

_BETWEEN = re.compile(r"[\s_|/,;:()\[\]]+")  # what stands between the parts of a name
_LEAST = 6  # letters of an ID: a shorter one may be any word or number


def named_products(groups: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """Return the products that names of ad groups have, or else those of their campaigns.

    ``groups`` has ``GROUP``, as does the result beside product_id. ``products`` has product_id, sku
    and parent_id: the name of a parent stands for all its products. People name ad groups so, and
    so does Amazon ("Campaign with presets - B0…").
    """
    of = _by_name(products)
    rows = [
        (campaign, ad_group, product)
        for campaign, ad_group in groups.select(GROUP).unique(maintain_order=True).iter_rows()
        for product in _named(ad_group, of) or _named(campaign, of)
    ]
    return pl.DataFrame(rows, dict.fromkeys((*GROUP, "product_id"), pl.String), orient="row")


def _by_name(products: pl.DataFrame) -> dict[str, list[str]]:
    """Return the products of every ID that can be told from a word: it has a digit."""
    found: dict[str, list[str]] = {}
    for name in ("parent_id", "sku", "product_id"):
        for key, product in (
            products.select(key=name, product="product_id").drop_nulls().iter_rows()
        ):
            if len(key) >= _LEAST and any(letter.isdigit() for letter in key):
                found.setdefault(key.casefold(), []).append(product)
    return found


def _named(text: str | None, of: dict[str, list[str]]) -> list[str]:
    parts = (text or "").casefold()
    products = [one for part in (parts, *_BETWEEN.split(parts)) for one in of.get(part, ())]
    return list(dict.fromkeys(products))

"""Products whose variants stand in a JSON list of one cell → one row per variant."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from admatch.catalog.headers import HEADERS, plain_headers
from admatch.tables.json_text import load_json

_OF_A_VARIANT = (
    *("product_id", "sku", "price", "title", "color", "size", "material", "variant_image"),
    *("option1_value", "option2_value", "option3_value"),
)
_NO_TITLE = "Default Title"  # what Shopify calls the only variant of a product


def explode_variants(cells: pl.DataFrame) -> pl.DataFrame:
    """Return one row per variant, with its product's texts, from Shopify's ``products.json``.

    Rows whose cells hold no variants stay as they are.
    """
    if "variants" not in cells.columns:
        return cells.drop("option_names", strict=False)
    held = [_records(cell) for cell in cells["variants"]]
    rows = cells.drop("variants")
    if not any(held):
        return rows.drop("option_names", strict=False)
    every = [
        _row(at, product, variant)
        for at, (product, variants) in enumerate(zip(rows.iter_rows(named=True), held, strict=True))
        for variant in variants or [{}]
    ]
    names = list(dict.fromkeys(name for row in every for name in row))
    return pl.DataFrame(every, schema={n: rows.schema.get(n, pl.String) for n in names})


def _row(at: int, product: Mapping[str, Any], variant: Mapping[str, Any]) -> dict[str, Any]:
    """Return a variant's row: its own cells over those of its product."""
    own = _cells(variant)
    row = dict(product)
    names = row.pop("option_names", None)
    for number, name in enumerate(_texts(names)[:3], start=1):
        row[f"option{number}_name"] = name
    title = own.pop("title", None)
    if not any(name.startswith("option") for name in own) and title not in (None, _NO_TITLE):
        own["option1_value"] = _without(str(title), str(product.get("title") or ""))
    handle = product.get("handle") or product.get("product_id") or product.get("sku")
    return {**row, **own, "handle": handle or str(at + 1)}


def _without(title: str, product: str) -> str:
    """Return what a variant's title adds to its product's."""
    added = title.removeprefix(product).strip(" -–—/|,:") if product else title
    return added or title


def _cells(variant: Mapping[str, Any]) -> dict[str, str]:
    """Return the known cells of a variant, by their names."""
    flat = dict(_flat(variant))
    header = list(flat)
    found = {
        name: flat[header[columns[0]]]
        for name, columns in HEADERS.ranked(plain_headers(header)).items()
    }
    if "image1" in found:
        found["variant_image"] = found["image1"]
    chosen = [*_options(variant.get("options")), *_options(variant.get("selectedOptions"))]
    chosen += _options(variant.get("attributes"))
    for number, (name, value) in enumerate(chosen[:3], start=1):
        found |= {f"option{number}_value": value}
        found |= {f"option{number}_name": name} if name else {}
    kept = (*_OF_A_VARIANT, *(f"option{number}_name" for number in (1, 2, 3)))
    return {name: text for name, text in found.items() if name in kept and text}


def _flat(record: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    cells: list[tuple[str, str]] = []
    for name, value in record.items():
        if isinstance(value, dict):
            cells += _flat(value, f"{above}{name}.")
        elif value is not None and not isinstance(value, list):
            cells.append((f"{above}{name}", str(value)))
    return cells


def _options(value: object) -> list[tuple[str | None, str]]:
    """Return pairs of name and value from what a variant lists as its options."""
    pairs: list[tuple[str | None, str]] = []
    for one in value if isinstance(value, list) else []:
        if isinstance(one, str):
            pairs.append((None, one))
        elif isinstance(one, dict) and (text := one.get("value") or one.get("option")):
            pairs.append((str(one["name"]) if one.get("name") else None, str(text)))
    return pairs


def _texts(cell: str | None) -> list[str]:
    """Return the names in a JSON list of texts or of records with a name."""
    listed = _loaded(cell)
    named = [one.get("name") if isinstance(one, dict) else one for one in listed]
    return [str(one) for one in named if one]


def _records(cell: str | None) -> list[dict[str, Any]]:
    """Return the records in a JSON list, those of GraphQL without their ``node``."""
    listed = [one for one in _loaded(cell) if isinstance(one, dict)]
    inner = [one.get("node") for one in listed]
    return [
        node if isinstance(node, dict) else one for node, one in zip(inner, listed, strict=True)
    ]


def _loaded(cell: str | None) -> list[Any]:
    if not cell or not cell.lstrip().startswith("["):
        return []
    try:
        value = load_json(cell)
    except (ValueError, RecursionError):
        return []
    return value if isinstance(value, list) else []

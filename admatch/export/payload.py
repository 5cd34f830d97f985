"""The data of the page, as JSON that is safe inside a ``<script>`` element."""

import json
from typing import Any

import polars as pl

from admatch.catalog.records import Catalog
from admatch.display.money import money_format
from admatch.export.summary import Summary
from admatch.export.terms import AMOUNTS, term_lines
from admatch.match.records import Matches, Outcome
from admatch.progress import Progress

# A page of this many products opens at once and weighs about 10 MB with its pictures. Products that
# some term retrieves come first, so only those that attract nothing are ever left out.
PRODUCTS_SHOWN = 2000
_UNSAFE = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}


def page_data(
    matches: Matches, catalog: Catalog, summary: Summary, progress: Progress | None = None
) -> str:
    """Return the page's data as JSON: terms by column, the products they retrieve, pictures."""
    lines = term_lines(matches)
    shown = _shown_products(matches, catalog)
    numbers = {product_id: number for number, product_id in enumerate(shown)}
    campaigns = lines["campaigns"].explode().drop_nulls().unique(maintain_order=True).to_list()
    data = {
        "currencies": [_currency(code) for code in summary.currencies],
        "campaigns": campaigns,
        "terms": _terms(lines, matches, numbers, summary, campaigns),
        "products": _products(shown, matches, catalog),
        "productsInAll": len(catalog),
        "pictures": _pictures(shown, catalog, progress),
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE)


def _shown_products(matches: Matches, catalog: Catalog) -> list[str]:
    """Return product IDs: first what terms retrieve, by rank and spend, then the rest."""
    spend = matches.report.frame.group_by("search_term", maintain_order=True).agg(
        pl.col("spend").sum()
    )
    ranked = matches.products.join(spend, on="search_term", how="left", maintain_order="left")
    ranked = ranked.sort("rank", -pl.col("spend").fill_null(0.0), maintain_order=True)
    retrieved = ranked["product_id"].unique(maintain_order=True).to_list()
    known = set(retrieved)
    others = [name for name in catalog.frame["product_id"].to_list() if name not in known]
    return retrieved + others[: max(0, PRODUCTS_SHOWN - len(retrieved))]


def _currency(code: str | None) -> dict[str, Any]:
    form = money_format(code)
    return {"code": code or "", "prefix": form.prefix, "decimals": form.decimals}


def _terms(
    lines: pl.DataFrame,
    matches: Matches,
    numbers: dict[str, int],
    summary: Summary,
    campaigns: list[str],
) -> dict[str, list[Any]]:
    retrieved = _retrieved(matches, numbers)
    campaign = {name: number for number, name in enumerate(campaigns)}
    outcomes = [outcome.value for outcome in Outcome]
    return {
        "term": lines["search_term"].to_list(),
        "kind": lines["term_kind"].to_list(),
        "currency": [summary.currencies.index(code) for code in lines["currency"]],
        "outcome": [outcomes.index(outcome) for outcome in lines["outcome"]],
        "probability": _rounded(lines["probability"], 4),
        "path": lines["semantic_id"].to_list(),
        **{name: _rounded(lines[name], 2) for name in AMOUNTS},
        "campaigns": [[campaign[name] for name in names] for names in lines["campaigns"].to_list()],
        "found": [retrieved.get(term, []) for term in lines["search_term"]],
    }


def _retrieved(matches: Matches, numbers: dict[str, int]) -> dict[str, list[tuple[int, float]]]:
    """Return, by search term, the retrieved products' numbers and probabilities, best first."""
    retrieved: dict[str, list[tuple[int, float]]] = {}
    ranked = matches.products.sort("search_term", "rank")
    columns = ranked.select("search_term", "product_id", "probability")
    for term, product_id, probability in columns.iter_rows():
        retrieved.setdefault(term, []).append((numbers[product_id], round(probability, 4)))
    return retrieved


def _products(shown: list[str], matches: Matches, catalog: Catalog) -> list[dict[str, Any]]:
    distinct = matches.products.unique("product_id", keep="first", maintain_order=True)
    retrieved = {name: (title, path) for name, title, path in _named(distinct)}
    return [_product(name, retrieved.get(name), catalog) for name in shown]


def _named(products: pl.DataFrame) -> list[tuple[str, str, str]]:
    return products.select("product_id", "title", "semantic_id").rows()


def _product(
    product_id: str, retrieved: tuple[str, str] | None, catalog: Catalog
) -> dict[str, Any]:
    product = catalog[product_id]
    known = {
        "id": product_id,
        "title": retrieved[0] if retrieved else product.title,
        "path": retrieved[1] if retrieved else None,
        "brand": product.brand,
        "price": product.price,
        "currency": product.currency and _currency(product.currency),
    }
    return {name: value for name, value in known.items() if value is not None}


def _pictures(shown: list[str], catalog: Catalog, progress: Progress | None) -> dict[int, str]:
    pictures = {}
    for number, product_id in enumerate(shown[:PRODUCTS_SHOWN]):
        if picture := catalog.picture(product_id):
            pictures[number] = picture
        if progress:
            progress("pictures", number + 1, min(len(shown), PRODUCTS_SHOWN))
    return pictures


def _rounded(column: pl.Series, decimals: int) -> list[Any]:
    if column.dtype.is_float():
        return column.fill_nan(None).round(decimals).to_list()
    return column.to_list()

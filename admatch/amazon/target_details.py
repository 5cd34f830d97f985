"""What a target of API version 1 aims at ↔ the predicates that version 3 writes for it."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

Predicate: TypeAlias = dict[str, str]

# Amazon's pages call the first two SEARCH_… or KEYWORDS_…: both are read, the later is written.
_THEMES = {
    "SEARCH_CLOSE_MATCH": "QUERY_HIGH_REL_MATCHES",
    "KEYWORDS_CLOSE_MATCH": "QUERY_HIGH_REL_MATCHES",
    "SEARCH_LOOSE_MATCH": "QUERY_BROAD_REL_MATCHES",
    "KEYWORDS_LOOSE_MATCH": "QUERY_BROAD_REL_MATCHES",
    "PRODUCT_SUBSTITUTES": "ASIN_SUBSTITUTE_RELATED",
    "PRODUCT_COMPLEMENTS": "ASIN_ACCESSORY_RELATED",
}
_KEYWORD_GROUP = "KEYWORD_GROUP_SAME_AS"
# Groups that both versions name; any other keeps its name of version 1.
_GROUPS = {
    "KEYWORDS_RELATED_TO_YOUR_BRAND": "brand",
    "KEYWORDS_RELATED_TO_GIFTS": "gift",
    "KEYWORDS_RELATED_TO_YOUR_PRODUCT_CATEGORY": "category",
}
_PRODUCTS = {"PRODUCT_EXACT": "ASIN_SAME_AS", "PRODUCT_SIMILAR": "ASIN_EXPANDED_FROM"}
_REFINEMENTS = {
    "productCategoryId": "ASIN_CATEGORY_SAME_AS",
    "productBrandId": "ASIN_BRAND_SAME_AS",
    "productPriceLessThan": "ASIN_PRICE_LESS_THAN",
    "productPriceGreaterThan": "ASIN_PRICE_GREATER_THAN",
    "productRatingLessThan": "ASIN_REVIEW_RATING_LESS_THAN",
    "productRatingGreaterThan": "ASIN_REVIEW_RATING_GREATER_THAN",
    "productPrimeShippingEligible": "ASIN_IS_PRIME_SHIPPING_ELIGIBLE",
    "productAgeRangeId": "ASIN_AGE_RANGE_SAME_AS",
    "productGenreId": "ASIN_GENRE_SAME_AS",
}
# Two bounds of version 1 that are one predicate of version 3.
_BOUNDS = (
    ("productPriceGreaterThan", "productPriceLessThan", "ASIN_PRICE_BETWEEN"),
    ("productRatingGreaterThan", "productRatingLessThan", "ASIN_REVIEW_RATING_BETWEEN"),
)


def read_details(target_type: str, details: Mapping[str, Any]) -> list[Predicate] | None:
    """Return the predicates of a target's ``targetDetails``; None for a type that is not known."""
    if target_type in ("THEME", "AUTO"):  # AUTO is the older name
        return [_theme(str(_inner(details, "themeTarget").get("matchType")))]
    if target_type == "PRODUCT":
        return [_product(_inner(details, "productTarget"))]
    if target_type == "PRODUCT_CATEGORY":
        key = "productCategoryRefinement"
        return list(_category(_inner(_inner(_inner(details, "productCategoryTarget"), key), key)))
    return None


def write_details(predicate: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """Return the type and the ``targetDetails`` of a target that one predicate describes."""
    kind, value = predicate["type"], predicate["value"]
    if kind in _PRODUCTS.values():
        product = {
            "matchType": _word(_PRODUCTS, kind),
            "product": {"productId": value},
            "productIdType": "ASIN",
        }
        return "PRODUCT", {"productTarget": product}
    if kind == _KEYWORD_GROUP:
        known = value in _GROUPS.values()
        word = _word(_GROUPS, value) if known else value.upper().replace("-", "_")
        return "THEME", {"themeTarget": {"matchType": word}}
    key = "productCategoryRefinement"
    refinement = {key: {_word(_REFINEMENTS, kind): value}}
    return "PRODUCT_CATEGORY", {"productCategoryTarget": {key: refinement}}


def _theme(word: str) -> Predicate:
    if word in _THEMES:
        return {"type": _THEMES[word]}
    group = _GROUPS.get(word) or word.lower().replace("_", "-")
    return {"type": _KEYWORD_GROUP, "value": group}


def _product(target: Mapping[str, Any]) -> Predicate:
    word, id_type = str(target.get("matchType")), target.get("productIdType", "ASIN")
    kind = _PRODUCTS.get(word, word)
    # A SKU is no ASIN: the text says which it is.
    kind = kind if id_type == "ASIN" else f"{id_type}_{word}"
    return {"type": kind, "value": str(_inner(target, "product").get("productId"))}


def _category(refinement: Mapping[str, Any]) -> Iterator[Predicate]:
    """Yield the predicates of a refined category; a field that is not known keeps its name."""
    given = {name: _text(value) for name, value in refinement.items() if value is not None}
    kinds = dict(_REFINEMENTS)
    for above, below, between in _BOUNDS:
        if above in given and below in given:
            given[above] = f"{given[above]}-{given.pop(below)}"
            kinds[above] = between
    known = [name for name in kinds if name in given]
    unknown = [name for name in given if name not in kinds and not name.endswith("Resolved")]
    for name in (*known, *unknown):
        yield {"type": kinds.get(name, name), "value": given[name]}


def _inner(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the object under a name; an empty one where there is none."""
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    """Return a value of a refinement as version 3 writes it: 50 for 50.0, true for True."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _word(table: Mapping[str, str], known: str) -> str:
    return next(word for word, one in table.items() if one == known)

"""Product targets: the text of bulk files ↔ the predicates of the API."""

import re
from collections.abc import Mapping, Sequence

_GROUPS = {
    "QUERY_HIGH_REL_MATCHES": "close-match",
    "QUERY_BROAD_REL_MATCHES": "loose-match",
    "ASIN_SUBSTITUTE_RELATED": "substitutes",
    "ASIN_ACCESSORY_RELATED": "complements",
}
_NAMED = {
    "ASIN_SAME_AS": "asin",
    "ASIN_EXPANDED_FROM": "asin-expanded",
    "ASIN_CATEGORY_SAME_AS": "category",
    "ASIN_BRAND_SAME_AS": "brand",
    "KEYWORD_GROUP_SAME_AS": "keyword-group",
}
_COMPARED = {
    "ASIN_PRICE_LESS_THAN": "price<",
    "ASIN_PRICE_GREATER_THAN": "price>",
    "ASIN_PRICE_BETWEEN": "price=",
    "ASIN_REVIEW_RATING_LESS_THAN": "rating<",
    "ASIN_REVIEW_RATING_GREATER_THAN": "rating>",
    "ASIN_REVIEW_RATING_BETWEEN": "rating=",
}
_ONE = re.compile(r'([a-z-]+)="([^"]*)"')
_KINDS = re.compile(r'([^\s"=<>]+)(?:="[^"]*"|[<>=]\S*|(?=\s|$))')


def expression_text(predicates: Sequence[Mapping[str, str]]) -> str:
    """Return the predicates as bulk files write them: ``asin="B0…"``, ``close-match``."""
    return " ".join(_text(one["type"], one.get("value") or "") for one in predicates)


def predicates(text: str) -> list[dict[str, str]] | None:
    """Return the predicates of an expression that names one thing; None for any other.

    Bulk files write refined categories in more than one form, so these are not guessed at.
    """
    match = _ONE.fullmatch(text.strip())
    if not match:
        return None
    kinds = {word: kind for kind, word in _NAMED.items()}
    return [{"type": kinds[match[1]], "value": match[2]}] if match[1] in kinds else None


def is_known_expression(text: str) -> bool:
    """Return whether an expression names only kinds that are known here."""
    known = {
        *_GROUPS.values(),
        *_NAMED.values(),
        *(one.rstrip("<>=") for one in _COMPARED.values()),
    }
    return all(one in known for one in _KINDS.findall(text))


def _text(kind: str, value: str) -> str:
    if kind in _GROUPS:
        return _GROUPS[kind]
    if kind in _COMPARED:
        return _COMPARED[kind] + value
    return f'{_NAMED.get(kind, kind.lower().replace("_", "-"))}="{value}"'

"""Fields of a request that are missing or wrong, as one sentence: ``invalid_request``."""

from collections.abc import Mapping, Sequence
from typing import Any

from admatch.errors import shorten
from admatch.messages import Message, say

# Kinds of pydantic's errors whose sentence needs no value.
_PLAIN = {
    "missing": say("web.field.missing"),
    "extra_forbidden": say("web.field.unknown"),
    "json_invalid": say("web.field.json"),
    "string_pattern_mismatch": say("web.field.form"),
    "finite_number": say("web.field.number"),
    "float_parsing": say("web.field.number"),
    "float_type": say("web.field.number"),
    "int_from_float": say("web.field.whole_number"),
    "int_parsing": say("web.field.whole_number"),
    "int_parsing_size": say("web.field.whole_number"),
    "int_type": say("web.field.whole_number"),
    "bool_parsing": say("web.field.truth"),
    "bool_type": say("web.field.truth"),
    "string_type": say("web.field.text"),
    "string_unicode": say("web.field.text"),
    "list_type": say("web.field.list"),
    "dict_type": say("web.field.object"),
    "model_attributes_type": say("web.field.object"),
    "model_type": say("web.field.object"),
}


def invalid_request(errors: Sequence[Mapping[str, Any]]) -> Message:
    """Return what is wrong with a request: the first field, and how many more are wrong."""
    first = errors[0] if errors else {}
    parts = [str(part) for part in first.get("loc", ()) if part not in ("body", "query")]
    field, what = shorten(".".join(parts)) or "body", _what(first)
    if len(errors) > 1:
        return say("web.field.several", field=field, what=what, n=len(errors) - 1)
    return say("web.field.one", field=field, what=what)


def _what(error: Mapping[str, Any]) -> Message:
    """Return what is wrong with one field."""
    kind, limits = str(error.get("type", "")), error.get("ctx", {})
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        return _bound(kind, limits)
    if kind in ("string_too_long", "too_long"):
        return say("web.field.too_long", most=int(limits["max_length"]))
    if kind in ("string_too_short", "too_short"):
        return say("web.field.too_short", least=int(limits["min_length"]))
    if kind in ("enum", "literal_error"):
        return say("web.field.choice", choices=str(limits["expected"]))
    return say("web.field.other", what=shorten(str(error.get("msg", "")), 200))


def _bound(kind: str, limits: Mapping[str, Any]) -> Message:
    if kind == "greater_than":
        return say("web.field.above", bound=f"{limits['gt']:g}")
    if kind == "greater_than_equal":
        return say("web.field.at_least", bound=f"{limits['ge']:g}")
    if kind == "less_than":
        return say("web.field.below", bound=f"{limits['lt']:g}")
    return say("web.field.at_most", bound=f"{limits['le']:g}")

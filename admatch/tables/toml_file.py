"""A job's TOML file, parts of which several verbs read: its entries, checked."""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeAlias

from admatch.errors import InputError, shorten
from admatch.messages import Message, say

Kinds: TypeAlias = tuple[type, ...]  # what an entry may be


def parsed(path: Path) -> dict[str, Any]:
    """Return a job file's entries; raises ``InputError`` where it cannot be read as TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        why = str(error.strerror)
        raise InputError(say("tables.toml.unreadable", file=path.name, why=why)) from None
    # a whole number of 5,000 digits is no TOMLDecodeError, but an error of Python's own
    except (ValueError, RecursionError) as error:
        raise InputError(say("tables.toml.broken", file=path.name, why=str(error))) from None


def check_entries(entries: Mapping[str, Any], known: Mapping[str, Kinds], where: str) -> None:
    """Raise ``InputError`` for entries that are not known, or of another kind than they must be."""
    for name, value in entries.items():
        if name not in known:
            remedy = _remedy(name, known)
            raise InputError(
                say("tables.toml.unknown", where=where, name=shorten(name), remedy=remedy)
            )
        kinds = known[name]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise InputError(
                say(
                    "tables.toml.wrong_kind",
                    where=where,
                    name=name,
                    kind=_kind(kinds[-1]),
                    value=shorten(repr(value)),
                )
            )


def _remedy(name: str, known: Mapping[str, Kinds]) -> Message:
    near = get_close_matches(name, known, 1)
    if near:
        return say("tables.toml.did_you_mean", name=near[0])
    return say("tables.toml.choose", names=", ".join(known))


def _kind(kind: type) -> Message:
    return {
        str: say("tables.toml.text"),
        int: say("tables.toml.whole_number"),
        float: say("tables.toml.number"),
        bool: say("tables.toml.boolean"),
        list: say("tables.toml.list"),
        dict: say("tables.toml.table"),
    }[kind]

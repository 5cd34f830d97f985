"""A job's TOML file, which several verbs read a part of each: its entries, checked."""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeAlias

from admatch.errors import InputError, shorten

Kinds: TypeAlias = tuple[type, ...]  # what an entry may be
_WORDS = {str: "a text in quotes", int: "a whole number", float: "a number", bool: "true or false",
          list: "a list in brackets", dict: "a table"}  # fmt: skip


def parsed(path: Path) -> dict[str, Any]:
    """Return a job file's entries; raises InputError where it cannot be read as TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path.name}: {error.strerror}; name the job's TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: this is no TOML ({error}); mend that line") from None


def check_entries(told: Mapping[str, Any], known: Mapping[str, Kinds], where: str) -> None:
    """Raise InputError for entries that nobody knows, or of another kind than they have to be."""
    for name, value in told.items():
        if name not in known:
            near = get_close_matches(name, known, 1)
            remedy = f"did you mean {near[0]}?" if near else f"choose of {', '.join(known)}"
            raise InputError(f"{where}: '{shorten(name)}' is not known; {remedy}")
        wanted = known[name]
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            raise InputError(
                f"{where}: {name} is {_WORDS[wanted[-1]]}, not {shorten(repr(value))}; correct it"
            )

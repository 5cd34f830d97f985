"""What a simulation assumes: ``Assumptions``, read from TOML."""

import math
import tomllib
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, Self, TypeAlias

from admatch.errors import InputError, shorten
from admatch.messages import say

Table: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The tables of ``assumptions.toml``, which explains each figure."""

    terms: Table
    traffic: Table
    relevance: Table
    conversion: Table
    click: Table
    cost: Table
    order: Table
    lag: Table
    season: Table
    placement: Table

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Return admatch's own assumptions, with the entries of a file instead of some.

        Raises ``InputError`` where the file is not TOML, or has an unknown entry or type.
        """
        text = files(__package__).joinpath("assumptions.toml").read_text("utf-8")
        tables: Table = tomllib.loads(text)
        if path is not None:
            _replace(tables, _read(path), path.name)
        return cls(**{field.name: tables[field.name] for field in fields(cls)})

    def arrived(self, days: int) -> float:
        """Return the share of all attributed orders that is known ``days`` after the click."""
        return self._bought(min(days, self.lag["window"])) / self._bought(self.lag["window"])

    def _bought(self, days: int) -> float:
        if days < 0:
            return 0.0
        same_day: float = self.lag["same_day"]
        return same_day + (1 - same_day) * (1 - (1 - float(self.lag["daily"])) ** days)


def _read(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = say("simulate.assumptions.unreadable", file=path.name, why=str(error))
        raise InputError(message) from None


def _replace(tables: Table, own: Table, file: str) -> None:
    for table, entries in own.items():
        for name, value in entries.items() if isinstance(entries, dict) else ():
            known = tables.get(table, {}).get(name)
            if known is None or not _alike(value, known):
                raise InputError(
                    say(
                        "simulate.assumptions.unknown",
                        file=file,
                        table=table,
                        name=name,
                        value=shorten(repr(value)),
                    )
                )
            tables[table][name] = value


def _alike(value: object, known: object) -> bool:
    if isinstance(known, list):
        if not isinstance(value, list) or (len(value) != len(known) and len(known) < 8):
            return False
        return all(_alike(one, known[0]) for one in value)
    if isinstance(known, float | int):
        number = isinstance(value, float | int) and not isinstance(value, bool)
        return number and math.isfinite(value) and value >= 0  # type: ignore[arg-type, operator]
    return isinstance(value, type(known))

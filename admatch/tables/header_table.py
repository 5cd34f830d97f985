"""``HeaderTable``: which column of a file is which, by the spellings in a TOML file."""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from admatch.errors import InputError, listed, shorten
from admatch.messages import say
from admatch.tables.raw import RawTable

_LONGEST = 1_000  # letters of a header; longer cells are none
_HEADER_LINES = 30  # titles and date ranges above the header take a few lines at most
CURRENCY_CODES = (
    "aed aud brl cad chf cny czk dkk egp eur gbp hkd idr ils inr jpy krw mxn myr nok nzd php pln "
    "ron rub sar sek sgd thb try twd usd vnd zar"
)
_UNIT = re.compile(
    r"\((?:#|[$€£¥₹₺₽₩]|[a-z]{1,2}\$|kr|zł|rs\.?|" + CURRENCY_CODES.replace(" ", "|") + r")\)"
)
_BLANKS = re.compile(r"[\s_\-‐‑‒–—\u200b\ufeff]+")
_DAYS = re.compile(r"(?<!\d)(?:1|3|7|14|30)(?!\d)")
_ANY_DAYS = "{n}"
# the console's own windows (seller 7, vendor 14) come first where a file has several
_DAYS_BY_PREFERENCE = (7, 14, 30, 3, 1, None)


@dataclass(frozen=True, slots=True)
class Recognition:
    """Which columns of one header were recognised.

    ``columns`` gives the index of each canonical name's column; ``normalised`` the headers (by
    canonical name) that match only without case, blanks and currency signs; ``days`` the
    attribution window that a header names. ``spare`` are known headers of a column for which a
    better one was taken, ``unknown`` those in no table, ``missing`` the required names not found.
    """

    header: tuple[str, ...]
    columns: dict[str, int]
    normalised: dict[str, str]
    days: dict[str, int]
    spare: tuple[str, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def named(self) -> dict[str, str]:
        """The file's own header of each recognised column, by canonical name."""
        return {name: self.header[index].strip() for name, index in self.columns.items()}


class _Match(NamedTuple):
    """A column that has a known name; of several for one name the smallest is taken."""

    preference: int  # among attribution windows
    rank: int  # index in the list of spellings: earlier ones are preferred
    column: int
    inexact: bool
    name: str

    @property
    def days(self) -> int | None:
        return _DAYS_BY_PREFERENCE[self.preference]


class HeaderTable:
    """Canonical column names and every spelling that files give them.

    ``{n}`` in a spelling stands for an attribution window of 1, 3, 7, 14 or 30 days; where a file
    has a column for several windows, 7 days are taken before 14 before the others.
    """

    def __init__(self, columns: Mapping[str, Sequence[str]], required: Sequence[str] = ()) -> None:
        self.columns = {name: tuple(spellings) for name, spellings in columns.items()}
        self.required = tuple(required)
        self._exact = self._index(str.strip)
        self._normalised = self._index(normalise)

    @classmethod
    def load(cls, *paths: Path) -> "HeaderTable":
        """Return the table in TOML files: ``required = […]``, ``[columns] title = ["Titel", …]``.

        Later files add names and spellings to the earlier ones. Raises ``InputError``.
        """
        columns: dict[str, list[str]] = {}
        required: list[str] = []
        for path in paths:
            try:
                content = tomllib.loads(path.read_text("utf-8"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                raise InputError(
                    say("tables.headers.broken_table", file=str(path), why=str(error))
                ) from None
            for name, spellings in content.get("columns", {}).items():
                columns.setdefault(name, []).extend(spellings)
            required += content.get("required", [])
        return cls(columns, required)

    def recognise(
        self, header: Sequence[str], overrides: Mapping[str, str] | None = None
    ) -> Recognition:
        """Return which column of ``header`` is which; ``overrides`` maps canonical name to header.

        Raises ``InputError`` for an override whose name or header does not exist.
        """
        forced = self._forced(header, overrides or {})
        best: dict[str, _Match] = {}
        spare = []
        for match in sorted(self._matches(header)):
            if match.column in forced.values():
                continue
            if match.name in best or match.name in forced:
                spare.append(header[match.column])
            else:
                best[match.name] = match
        columns = {name: match.column for name, match in best.items()} | forced
        known = {match.column for match in self._matches(header)} | set(forced.values())
        return Recognition(
            header=tuple(header),
            columns=columns,
            normalised={name: header[one.column] for name, one in best.items() if one.inexact},
            days={name: match.days for name, match in best.items() if match.days is not None},
            spare=tuple(spare),
            unknown=tuple(
                cell for at, cell in enumerate(header) if at not in known and cell.strip()
            ),
            missing=tuple(name for name in self.required if name not in columns),
        )

    def ranked(self, header: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Return the columns of ``header`` that each known name may mean, the best one first."""
        found: dict[str, tuple[int, ...]] = {}
        for match in sorted(self._matches(header)):
            found[match.name] = (*found.get(match.name, ()), match.column)
        return found

    def locate(
        self, table: RawTable, overrides: Mapping[str, str] | None = None
    ) -> tuple[RawTable, Recognition]:
        """Return ``table`` with its header set to the line that has the most known columns.

        Headers named in ``overrides`` count before all others; of equal lines the first is taken.
        """
        named = {normalise(header) for header in (overrides or {}).values()}
        known = [
            (
                len(named & set(map(normalise, line))),
                len({one.name for one in self._matches(line)}),
            )
            for line in table.head(_HEADER_LINES)
        ]
        located = table.with_header_at(known.index(max(known)) if known else 0)
        return located, self.recognise(located.header, overrides)

    def _matches(self, header: Sequence[str]) -> list[_Match]:
        matches = []
        for at, cell in enumerate(header):
            if len(cell) > _LONGEST:
                continue
            for inexact, index, key in (
                (False, self._exact, cell.strip()),
                (True, self._normalised, normalise(cell)),
            ):
                if (hit := _look_up(index, key)) is not None:
                    days, name, rank = hit
                    preference = _DAYS_BY_PREFERENCE.index(days)
                    matches.append(_Match(preference, rank, at, inexact, name))
                    break
        return matches

    def _index(self, key: Callable[[str], str]) -> dict[str, tuple[str, int]]:
        index: dict[str, tuple[str, int]] = {}
        for name, spellings in self.columns.items():
            ranks: dict[str, int] = {}
            for rank, spelling in enumerate(spellings):
                # "Title" and "title" are one: of both the first column counts
                same = ranks.setdefault(normalise(spelling), rank)
                taken = index.setdefault(key(spelling), (name, same))
                if taken[0] != name:
                    raise InputError(
                        say(
                            "tables.headers.two_names",
                            spelling=spelling,
                            one=taken[0],
                            other=name,
                        )
                    )
        return index

    def _forced(self, header: Sequence[str], overrides: Mapping[str, str]) -> dict[str, int]:
        forced = {}
        stripped = [cell.strip() for cell in header]
        loose = [normalise(cell) for cell in header]
        for name, given in overrides.items():
            if name not in self.columns:
                names = ", ".join(self.columns)
                raise InputError(
                    say("tables.headers.no_such_column", name=shorten(name), names=names)
                )
            if given.strip() in stripped:
                forced[name] = stripped.index(given.strip())
            elif normalise(given) in loose:
                forced[name] = loose.index(normalise(given))
            else:
                raise InputError(
                    say("tables.headers.no_such_header", header=shorten(given), name=name,
                        headers=listed(header))
                )  # fmt: skip
        return forced


@lru_cache(maxsize=5_000)  # the same headers are looked up in many lists
def normalise(header: str) -> str:
    """Return ``header`` without what varies: case, width, blanks, dashes, currency signs."""
    plain = unicodedata.normalize("NFKC", header[:_LONGEST]).casefold()
    return _BLANKS.sub("", _UNIT.sub("", plain))


def _look_up(index: Mapping[str, tuple[str, int]], key: str) -> tuple[int | None, str, int] | None:
    """Return attribution window, canonical name and rank of a header, by itself or with {n}."""
    if key in index:
        return None, *index[key]
    window = _DAYS.search(key)
    if window is None:
        return None
    spelling = key[: window.start()] + _ANY_DAYS + key[window.end() :]
    return (int(window[0]), *index[spelling]) if spelling in index else None

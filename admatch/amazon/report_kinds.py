"""Which reports Amazon makes: ``ReportKind``, and the ``Span`` of days that one request takes."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from admatch.errors import InputError, shorten


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both ends among them."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"

    def months(self) -> Iterator["Span"]:
        """Yield the days month by month: a request takes 31 days, and files never overlap."""
        start = self.first
        while start <= self.last:
            following = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
            yield Span(start, min(following - timedelta(days=1), self.last))
            start = following


@dataclass(frozen=True, slots=True)
class ReportKind:
    """One kind of report; ``history`` is for how many days Amazon keeps it."""

    name: str
    type: str
    product: str
    group: str
    history: int
    columns: tuple[str, ...]

    def kept(self, span: Span, as_of: date) -> Span | None:
        """Return the days that Amazon has on ``as_of``, from the first of a month where it can.

        None where it has none.
        """
        first = max(span.first.replace(day=1), as_of - timedelta(days=self.history))
        last = min(span.last, as_of - timedelta(days=1))
        return Span(first, last) if first <= last else None

    def configuration(self) -> dict[str, Any]:
        """Return what is asked of Amazon, a row a day."""
        return {
            "adProduct": self.product,
            "groupBy": [self.group],
            "columns": list(self.columns),
            "reportTypeId": self.type,
            "timeUnit": "DAILY",
            "format": "GZIP_JSON",
        }


def find_report_kinds(names: list[str] | None) -> tuple[ReportKind, ...]:
    """Return the kinds with these names, all without any; raises ``InputError`` for others."""
    known = {one.name: one for one in report_kinds()}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise InputError(
            f"'{shorten(unknown[0])}' is no report that is fetched; choose of {', '.join(known)}"
        )
    return tuple(known[name] for name in names) if names else report_kinds()


@cache
def report_kinds() -> tuple[ReportKind, ...]:
    """Return every kind of report."""
    text = files(__package__).joinpath("report_kinds.toml").read_text(encoding="utf-8")
    return tuple(
        ReportKind(
            name=name,
            type=told["type"],
            product=told["product"],
            group=told["group"],
            history=told["history"],
            columns=tuple(told["columns"]),
        )
        for name, told in tomllib.loads(text).items()
    )

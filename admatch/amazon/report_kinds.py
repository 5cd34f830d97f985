"""The reports that Amazon makes: ``ReportKind``, and the ``Span`` of days of one request."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from admatch.errors import InputError, shorten
from admatch.messages import say


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of days, both ends included."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"

    def months(self) -> Iterator["Span"]:
        """Yield the span by month: a request covers at most 31 days, and files never overlap."""
        start = self.first
        while start <= self.last:
            following = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
            yield Span(start, min(following - timedelta(days=1), self.last))
            start = following


@dataclass(frozen=True, slots=True)
class ReportKind:
    """One kind of report; ``history`` is the number of days that Amazon keeps it.

    API version 3 makes it of a type, with groups and columns, version 1 of fields.
    """

    name: str
    type: str
    product: str
    groups: tuple[str, ...]
    history: int
    columns: tuple[str, ...]
    fields: tuple[str, ...]

    def available(self, span: Span, as_of: date) -> Span | None:
        """Return the days of a span that Amazon has on ``as_of``; None where it has none.

        They begin on the first of a month where Amazon still has it.
        """
        first = max(span.first.replace(day=1), as_of - timedelta(days=self.history))
        last = min(span.last, as_of - timedelta(days=1))
        return Span(first, last) if first <= last else None

    def configuration(self) -> dict[str, Any]:
        """Return the configuration that a request of version 3 names: one row a day."""
        return {
            "adProduct": self.product,
            "groupBy": list(self.groups),
            "columns": list(self.columns),
            "reportTypeId": self.type,
            "timeUnit": "DAILY",
            "format": "GZIP_JSON",
        }


def find_report_kinds(names: list[str] | None) -> tuple[ReportKind, ...]:
    """Return the kinds with these names, or all; raises ``InputError`` for an unknown name."""
    known = {one.name: one for one in report_kinds()}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise InputError(
            say("amazon.report.unknown", name=shorten(unknown[0]), known=", ".join(known))
        )
    return tuple(known[name] for name in names) if names else report_kinds()


@cache
def report_kinds() -> tuple[ReportKind, ...]:
    """Return every kind of report."""
    text = files(__package__).joinpath("report_kinds.toml").read_text(encoding="utf-8")
    return tuple(
        ReportKind(
            name=name,
            type=entry["type"],
            product=entry["product"],
            groups=tuple([group] if isinstance(group := entry["group"], str) else group),
            history=entry["history"],
            columns=tuple(entry["columns"]),
            fields=tuple(entry["fields"]),
        )
        for name, entry in tomllib.loads(text).items()
    )

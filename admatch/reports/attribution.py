"""Sponsored Brands count purchases after clicks alone and after views too: which are taken."""

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from admatch.errors import InputError, Problem, shorten
from admatch.messages import say
from admatch.tables.header_table import Recognition

_COUNTED = ("sales", "orders", "units")


class Attribution(StrEnum):
    """What purchases follow: clicks alone, or views of the ad too."""

    CLICKS = "clicks"
    VIEWS = "views"

    @classmethod
    def of(cls, value: str | None) -> "Attribution | None":
        """Return the attribution that ``value`` names; raises ``InputError`` for another word."""
        if value is None:
            return None
        if value not in list(cls):
            raise InputError(say("reports.attribution.unknown", value=shorten(value)))
        return cls(value)


def with_attribution(found: Recognition, wanted: Attribution | None) -> Recognition:
    """Return which columns hold sales, orders and units as ``wanted``.

    By default those without a further word are taken. A column that is not taken keeps a name of
    its own: sales_clicks or sales_views.
    """
    columns, days = dict(found.columns), dict(found.days)
    for name in _COUNTED:
        other = f"{name}_{wanted}" if wanted is not None else f"{name}_clicks"
        if other not in columns or (wanted is None and name in columns):
            continue
        rest = f"{name}_{_opposite(wanted)}"
        for held in (columns, days):
            _swap(held, name, other, rest)
    return replace(found, columns=columns, days=days)


def attribution_notices(path: Path, found: Recognition) -> Iterator[Problem]:
    """Yield a problem that names the columns taken where the file has both kinds."""
    for kind in Attribution:
        others = [name for name in _COUNTED if f"{name}_{kind}" in found.columns]
        both = [name for name in others if name in found.columns]
        if both:
            named = found.named
            what = say(
                "reports.attribution.taken",
                taken=", ".join(f"'{shorten(named[name])}'" for name in both),
                other=", ".join(f"'{shorten(named[f'{name}_{kind}'])}'" for name in both),
            )
            yield Problem(path, what, say("reports.attribution.choose", value=kind.value))


def _opposite(wanted: Attribution | None) -> Attribution:
    return Attribution.CLICKS if wanted is Attribution.VIEWS else Attribution.VIEWS


def _swap(held: dict[str, int], name: str, other: str, rest: str) -> None:
    if name in held:
        held[rest] = held.pop(name)
    if other in held:
        held[name] = held.pop(other)

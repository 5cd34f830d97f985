"""What a job file lets admatch do at Amazon: ``AmazonJob`` and its ``Allowance``."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from admatch.amazon.versions import ApiVersion
from admatch.errors import InputError, shorten
from admatch.messages import say
from admatch.tables.toml_file import Kinds, check_entries, parsed


class Kind(StrEnum):
    """Kinds of change that a job allows one by one."""

    NEGATIVE_KEYWORD = "negative-keyword"
    NEGATIVE_PRODUCT = "negative-product"
    KEYWORD = "keyword"
    PRODUCT_TARGET = "product-target"
    BID_UP = "bid-up"
    BID_DOWN = "bid-down"
    PAUSE = "pause"  # or its end
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be applied: in which profiles, which kinds, and how much at most.

    ``most_money`` bounds, in the account's currency, the cost of one more click on everything that
    is new or dearer: the bids of new keywords and targets, and the amounts by which bids rise.
    """

    profiles: frozenset[str]
    kinds: frozenset[Kind]
    most_changes: int
    most_money: float


@dataclass(frozen=True, slots=True)
class AmazonJob:
    """The table [amazon] of a job: where, with which version of the API, what may be changed."""

    region: str
    profile: str
    credentials: Path | None = None
    allow: Allowance | None = None
    api: ApiVersion = ApiVersion.V3


_LIST, _TEXT = (list,), (str,)
_ALLOW: dict[str, Kinds] = {
    "profiles": _LIST,
    "kinds": _LIST,
    "most_changes": (int,),
    "most_money": (int, float),
}
_AMAZON: dict[str, Kinds] = {
    "region": _TEXT,
    "profile": _TEXT,
    "credentials": _TEXT,
    "api": _TEXT,
    "allow": (dict,),
}


def read_amazon_job(path: Path) -> AmazonJob:
    """Return the table [amazon] of a job file; its other tables are not read.

    Raises ``InputError`` naming the entry that is missing, unknown or of another kind.
    """
    table = parsed(path).get("amazon")
    if not isinstance(table, dict):
        raise InputError(say("amazon.job.no_table", file=path.name))
    return amazon_job(table, path.parent, f"{path.name}, [amazon]")


def amazon_job(table: Mapping[str, Any], folder: Path, where: str) -> AmazonJob:
    """Return what a table says; its relative path begins in ``folder``. Raises as above."""
    _check(table, _AMAZON, ("region", "profile"), where)
    allow = table.get("allow")
    credentials = table.get("credentials")
    return AmazonJob(
        region=table["region"],
        profile=table["profile"],
        credentials=folder / credentials if credentials else None,
        allow=None if allow is None else _allowance(allow, f"{where}, allow"),
        api=_version(table.get("api", ApiVersion.V3), where),
    )


def _version(word: str, where: str) -> ApiVersion:
    if word not in list(ApiVersion):
        known = ", ".join(ApiVersion)
        raise InputError(say("amazon.job.api", where=where, value=shorten(word), known=known))
    return ApiVersion(word)


def _allowance(table: Mapping[str, Any], where: str) -> Allowance:
    _check(table, _ALLOW, tuple(_ALLOW), where)
    unknown = [kind for kind in table["kinds"] if kind not in list(Kind)]
    if unknown:
        kind, known = shorten(str(unknown[0])), ", ".join(Kind)
        raise InputError(say("amazon.job.unknown_kind", where=where, kind=kind, known=known))
    if not all(isinstance(one, str) for one in table["profiles"]):
        raise InputError(say("amazon.job.profiles", where=where))
    for name in ("most_changes", "most_money"):
        # TOML has nan and inf. Nothing is greater than nan, so as a limit it would allow all.
        if not (math.isfinite(table[name]) and table[name] >= 0):
            raise InputError(
                say("amazon.job.limit", where=where, name=name, value=str(table[name]))
            )
    return Allowance(
        profiles=frozenset(table["profiles"]),
        kinds=frozenset(map(Kind, table["kinds"])),
        most_changes=table["most_changes"],
        most_money=float(table["most_money"]),
    )


def _check(
    table: Mapping[str, Any], known: Mapping[str, Kinds], needed: tuple[str, ...], where: str
) -> None:
    for name in needed:
        if name not in table:
            raise InputError(say("amazon.job.missing", where=where, name=name))
    check_entries(table, known, where)

"""A job's TOML file → ``Job``; every mistake is told in a sentence that names the entry."""

import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from admatch.amazon.job import amazon_job
from admatch.errors import InputError, shorten
from admatch.jobs.messages import check_outputs
from admatch.jobs.records import AccountJob, Job, JobOutputs, folder_name
from admatch.pipeline.options import AnalysisOptions
from admatch.pipeline.records import GuardRails
from admatch.tables.toml_file import Kinds, check_entries, parsed

_NUMBER: Kinds = (int, float)
_TOP: dict[str, Kinds] = {
    **dict.fromkeys(("name", "workspace", "out"), (str,)),
    **dict.fromkeys(("defaults", "amazon"), (dict,)),
    "account": (list,),
}
_ACCOUNT: dict[str, Kinds] = {
    **dict.fromkeys(("name", "catalog", "account", "bulk_file", "currency"), (str,)),
    **dict.fromkeys(("marketplace", "encoder"), (str,)),
    **dict.fromkeys(("reports", "protect", "verdicts"), (list, str)),
    **dict.fromkeys(("target_acos", "margin", "rho", "holdout"), _NUMBER),
    **dict.fromkeys(("window_days", "most_changes", "cooldown_days", "seed"), (int,)),
    **dict.fromkeys(("guard_rails", "outputs", "amazon"), (dict,)),
}
_OWN = ("name", "amazon")  # no defaults
_NEEDED = ("name", "reports", "catalog", "target_acos")
_MOST_HELD = 0.5  # with more the changes would be the exception
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")  # it names a folder


def read_job(path: Path) -> Job:
    """Return what a job file asks for.

    Raises ``InputError`` naming the entry that is missing, unknown, of another kind or out of
    range. Entries of [defaults] hold for every [[account]] that does not say otherwise, those of
    [amazon] for every account that has a table ``amazon`` of its own, be it empty.
    """
    told = parsed(path)
    check_entries(told, _TOP, path.name)
    usual = told.get("defaults", {})
    check_entries(usual, _ACCOUNT, f"{path.name}, [defaults]")
    for name in _OWN:
        if name in usual:
            raise InputError(f"{path.name}, [defaults]: {name} is one account's; move it there")
    listed = told.get("account")
    if not listed:
        raise InputError(f"{path.name}: there is no account; write a table [[account]]")
    folder = path.resolve().parent
    accounts = tuple(
        _account(one, usual, told.get("amazon", {}), folder, f"{path.name}, account {number}")
        for number, one in enumerate(listed, start=1)
    )
    _check_names(accounts, path)
    return Job(
        name=_named(told.get("name", path.stem), path.name),
        folder=folder,
        workspace=folder / told.get("workspace", "workspace"),
        out=folder / told.get("out", "out"),
        accounts=accounts,
    )


def _account(
    told: object, usual: Mapping[str, Any], amazon: Mapping[str, Any], folder: Path, where: str
) -> AccountJob:
    if not isinstance(told, dict):
        raise InputError(f"{where}: this is no table; write [[account]] above its entries")
    if isinstance(told.get("name"), str):
        where = f"{where} ('{shorten(told['name'])}')"
    check_entries(told, _ACCOUNT, where)
    both = {**usual, **told}
    for table in ("guard_rails", "outputs"):
        both[table] = {**usual.get(table, {}), **told.get(table, {})}
    if "amazon" in told:
        both["amazon"] = amazon_job({**amazon, **told["amazon"]}, folder, f"{where}, amazon")
        both.setdefault("reports", ())
    for name in _NEEDED:
        if name not in both:
            raise InputError(f"{where}: {name} is missing; write it")
    _check_ranges(both, where)
    if "bulk_file" in both:  # as an earlier admatch called it
        both.setdefault("account", both.pop("bulk_file"))
    outputs = _dataclass_of(JobOutputs, both.pop("outputs"), f"{where}, outputs")
    check_outputs(outputs, f"{where}, outputs")
    for name in ("reports", "protect", "verdicts"):
        both[name] = _texts(both.get(name, ()), name, where)
    _named(both["name"], where)
    return AccountJob(**_parted(both, where), outputs=outputs)


def _parted(entries: dict[str, Any], where: str) -> dict[str, Any]:
    """Return the entries of an account, those of the analysis as its ``options``."""
    rails = _dataclass_of(GuardRails, entries.pop("guard_rails"), f"{where}, guard_rails")
    own = {one.name for one in fields(AccountJob)}
    given = {name: value for name, value in entries.items() if name not in own}
    try:
        options = AnalysisOptions(**given, guard_rails=rails)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    return {name: entries[name] for name in own if name in entries} | {"options": options}


def _check_ranges(entries: Mapping[str, Any], where: str) -> None:
    if not 0 <= entries.get("holdout", 0) <= _MOST_HELD:
        raise InputError(
            f"{where}: holdout is the share of changes left undone, from 0 to {_MOST_HELD}, not "
            f"{entries['holdout']}"
        )
    if entries.get("cooldown_days", 0) < 0:
        raise InputError(f"{where}: cooldown_days is at least 0, not {entries['cooldown_days']}")


def _dataclass_of(kind: Any, told: Mapping[str, Any], where: str) -> Any:  # noqa: ANN401
    """Return a record of entries that are its fields, of the kind of their defaults."""
    usual = kind()
    known = {one.name: type(getattr(usual, one.name)) for one in fields(kind)}
    check_entries(
        told, {name: _NUMBER if of is float else (of,) for name, of in known.items()}, where
    )
    try:
        return kind(**told)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _texts(told: object, name: str, where: str) -> tuple[str, ...]:
    listed = [told] if isinstance(told, str) else list(told)  # type: ignore[call-overload]
    if not all(isinstance(one, str) and one for one in listed):
        raise InputError(f'{where}: {name} are texts; write {name} = ["…"]')
    if name == "reports" and told == []:
        raise InputError(f"{where}: reports are empty; name a file, a folder or a glob")
    return tuple(listed)


def _named(name: str, where: str) -> str:
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{where}: '{shorten(name)}' cannot be a name; use up to 64 letters, digits, blanks "
            "and ._-"
        )
    return name


def _check_names(accounts: tuple[AccountJob, ...], path: Path) -> None:
    seen: set[str] = set()
    for one in accounts:
        if folder_name(one.name) in seen:
            raise InputError(
                f"{path.name}: two accounts are called '{one.name}', or so much like it that their "
                "folders would be the same; rename one"
            )
        seen.add(folder_name(one.name))

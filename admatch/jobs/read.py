"""A job's TOML file → ``Job``: ``read_job``. Every error names the entry that is wrong."""

import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from admatch.amazon.job import amazon_job
from admatch.errors import InputError, shorten
from admatch.jobs.messages import check_outputs
from admatch.jobs.records import AccountJob, Job, JobOutputs, folder_name
from admatch.messages import say
from admatch.pipeline.options import AnalysisOptions, NewCampaigns
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
    **dict.fromkeys(("marketplace", "encoder", "attribution", "preset"), (str,)),
    **dict.fromkeys(("reports", "protect", "verdicts"), (list, str)),
    **dict.fromkeys(("target_acos", "margin", "rho", "holdout"), _NUMBER),
    **dict.fromkeys(("window_days", "most_changes", "cooldown_days", "seed"), (int,)),
    **dict.fromkeys(("guard_rails", "outputs", "amazon", "targets", "margins"), (dict,)),
    "new_campaigns": (dict,),
}
_OWN = ("name", "amazon")  # these have no defaults
_NEEDED = ("name", "reports", "catalog", "target_acos")
_MOST_HELD = 0.5  # with more, changes would be the exception
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")  # it becomes the name of a folder


def read_job(path: Path) -> Job:
    """Return the job that a file describes.

    Raises ``InputError`` naming the entry that is missing, unknown, of another kind or out of
    range. Entries of [defaults] hold for every [[account]] that does not set its own, those of
    [amazon] for every account that has a table ``amazon``, even an empty one.
    """
    entries = parsed(path)
    check_entries(entries, _TOP, path.name)
    defaults = entries.get("defaults", {})
    where = say("jobs.where.part", where=path.name, part="[defaults]")
    check_entries(defaults, _ACCOUNT, where)
    for name in _OWN:
        if name in defaults:
            raise InputError(say("jobs.file.own_entry", where=where, name=name))
    listed = entries.get("account")
    if not listed:
        raise InputError(say("jobs.file.no_account", file=path.name))
    folder = path.resolve().parent
    accounts = tuple(
        _account(
            one,
            defaults,
            entries.get("amazon", {}),
            folder,
            say("jobs.where.account", file=path.name, number=number),
        )
        for number, one in enumerate(listed, start=1)
    )
    _check_names(accounts, path)
    return Job(
        name=_named(entries.get("name", path.stem), path.name),
        folder=folder,
        workspace=folder / entries.get("workspace", "workspace"),
        out=folder / entries.get("out", "out"),
        accounts=accounts,
    )


def _account(
    own: object, defaults: Mapping[str, Any], amazon: Mapping[str, Any], folder: Path, where: str
) -> AccountJob:
    if not isinstance(own, dict):
        raise InputError(say("jobs.file.no_table", where=where))
    if isinstance(own.get("name"), str):
        where = say("jobs.where.named", where=where, name=shorten(own["name"]))
    check_entries(own, _ACCOUNT, where)
    both = {**defaults, **own}
    for table in ("guard_rails", "outputs", "targets", "margins"):
        both[table] = {**defaults.get(table, {}), **own.get(table, {})}
    if "amazon" in own:
        inside = say("jobs.where.part", where=where, part="amazon")
        both["amazon"] = amazon_job({**amazon, **own["amazon"]}, folder, inside)
        both.setdefault("reports", ())
    for name in _NEEDED:
        if name not in both:
            raise InputError(say("jobs.file.missing", where=where, name=name))
    _check_ranges(both, where)
    for table in ("targets", "margins"):
        inside = say("jobs.where.part", where=where, part=table)
        check_entries(both[table], dict.fromkeys(both[table], _NUMBER), inside)
    if "bulk_file" in both:  # its name in earlier versions
        both.setdefault("account", both.pop("bulk_file"))
    inside = say("jobs.where.part", where=where, part="outputs")
    outputs = _dataclass_of(JobOutputs, both.pop("outputs"), inside)
    check_outputs(outputs, inside)
    for name in ("reports", "protect", "verdicts"):
        both[name] = _texts(both.get(name, ()), name, where)
    _named(both["name"], where)
    return AccountJob(**_parted(both, where), outputs=outputs)


def _parted(entries: dict[str, Any], where: str) -> dict[str, Any]:
    """Return the entries of an account, with those of the analysis as its ``options``."""
    inside = say("jobs.where.part", where=where, part="guard_rails")
    figures = entries.pop("guard_rails")
    preset = {"preset": entries.pop("preset")} if "preset" in entries else {}
    rails = _dataclass_of(GuardRails, figures | preset, inside)
    own = {one.name for one in fields(AccountJob)}
    given = {name: value for name, value in entries.items() if name not in own}
    if "new_campaigns" in given:  # even an empty table asks for them
        inside = say("jobs.where.part", where=where, part="new_campaigns")
        given["new_campaigns"] = _dataclass_of(NewCampaigns, given["new_campaigns"], inside)
    try:
        options = AnalysisOptions(**given, guard_rails=rails)
    except InputError as error:
        raise InputError(say("jobs.where.problem", where=where, what=error.message)) from None
    return {name: entries[name] for name in own if name in entries} | {"options": options}


def _check_ranges(entries: Mapping[str, Any], where: str) -> None:
    if not 0 <= entries.get("holdout", 0) <= _MOST_HELD:
        raise InputError(
            say(
                "jobs.file.holdout",
                where=where,
                most=str(_MOST_HELD),
                value=str(entries["holdout"]),
            )
        )
    if entries.get("cooldown_days", 0) < 0:
        value = str(entries["cooldown_days"])
        raise InputError(say("jobs.file.cooldown", where=where, value=value))


def _dataclass_of(kind: Any, entries: Mapping[str, Any], where: str) -> Any:  # noqa: ANN401
    """Return a record whose fields are ``entries``, each of the type of the field's default."""
    standard = kind()
    known = {one.name: type(getattr(standard, one.name)) for one in fields(kind)}
    check_entries(entries, {name: _kinds(of) for name, of in known.items()}, where)
    try:
        return kind(**entries)
    except InputError as error:
        raise InputError(say("jobs.where.problem", where=where, what=error.message)) from None


def _kinds(of: type) -> Kinds:
    if of is float:
        return _NUMBER
    return (str,) if issubclass(of, str) else (of,)


def _texts(value: object, name: str, where: str) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]
    if not all(isinstance(one, str) and one for one in listed):
        raise InputError(say("jobs.file.texts", where=where, name=name))
    if name == "reports" and value == []:
        raise InputError(say("jobs.file.no_reports", where=where))
    return tuple(listed)


def _named(name: str, where: str) -> str:
    if not _NAME.fullmatch(name):
        raise InputError(say("jobs.file.name", where=where, name=shorten(name)))
    return name


def _check_names(accounts: tuple[AccountJob, ...], path: Path) -> None:
    seen: set[str] = set()
    for one in accounts:
        if folder_name(one.name) in seen:
            raise InputError(say("jobs.file.same_name", file=path.name, name=one.name))
        seen.add(folder_name(one.name))

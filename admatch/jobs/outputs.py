"""A night's files, written whole or not at all: ``write_night``."""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from admatch.jobs.records import AccountJob
from admatch.messages import Message, say
from admatch.pipeline.analyse import Analysis
from admatch.pipeline.records import spreadsheet_safe
from admatch.pipeline.results import Holdout, Written, write_analysis
from admatch.tables.atomic import replacing

ALERTS: dict[str, type[pl.DataType]] = {
    **dict.fromkeys(("day", "kind", "currency", "campaign", "ad_group", "search_term"), pl.String),
    **dict.fromkeys(("was", "now"), pl.Float64),
    "text": pl.String,
}


@dataclass(frozen=True, slots=True)
class NightFiles:
    """The digests of a night's files by name, and what was written for upload."""

    digests: dict[str, str]
    written: Written


def write_night(
    analysis: Analysis,
    job: AccountJob,
    folder: Path,
    sources: Sequence[Path],
    alerts: Sequence[Mapping[str, Any]],
    message: Mapping[str, Any],
) -> NightFiles:
    """Write the outputs of a job into ``folder``, replacing earlier ones.

    ``alerts`` become a table if there are any, ``message`` is the post for a chat. The journals of
    applied changes stay.
    """
    holdout = Holdout(job.name, job.holdout, analysis.history.released)
    with replacing(folder) as draft:
        written = write_analysis(
            analysis, draft, job.outputs.files,
            holdout=holdout, withheld=_drifted(analysis), sources=sources,
        )  # fmt: skip
        _write_alerts(alerts, draft)
        (draft / "message.json").write_text(
            json.dumps(message, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        paths = sorted(path for path in draft.rglob("*") if path.is_file())
        digests = {path.relative_to(draft).as_posix(): _hash(path) for path in paths}
        _keep_journals(folder, draft)
    return NightFiles(digests, written)


def _write_alerts(alerts: Sequence[Mapping[str, Any]], folder: Path) -> None:
    if alerts:
        rows = [{name: one[name] for name in ALERTS} for one in alerts]
        table = spreadsheet_safe(pl.DataFrame(rows, schema=ALERTS))
        table.write_csv(folder / "alerts.csv", include_bom=True)


def is_whole(folder: Path, files: dict[str, str]) -> bool:
    """Return whether all files of a night exist as they were written."""
    return all(
        (folder / name).is_file() and _hash(folder / name) == digest
        for name, digest in files.items()
    )


def _drifted(analysis: Analysis) -> tuple[Message, ...]:
    """Return why nothing may be uploaded if earlier changes did not have their expected effect."""
    least, outcomes = analysis.options.guard_rails.coverage, analysis.learned.outcomes
    if not analysis.learned.drifted(least):
        return ()
    inside = sum(one.as_expected for one in outcomes)
    message = say(
        "pipeline.upload.drifted", n=len(outcomes), inside=inside, coverage=f"{least:.0%}"
    )
    return (message,)


def _keep_journals(folder: Path, draft: Path) -> None:
    """Link the journals beside manifests into the folder that replaces this one.

    They are linked because another process may be writing to them. What a killed run left beside
    the folder may hold the journals; it is removed afterwards, as only one run writes here.
    """
    left = [one for one in folder.parent.glob(f".*.{folder.name}") if one != draft]
    for old in (folder, *left):
        for journal in old.rglob("*.jsonl"):
            there = draft / journal.relative_to(old)
            if there.parent.is_dir() and not there.exists():
                os.link(journal, there)
    for old in left:
        shutil.rmtree(old, ignore_errors=True)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""A night's files, written whole or not at all: ``write_night``."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from admatch.apps.currencies import marketplace_of
from admatch.apps.jobs.records import Ask
from admatch.catalog.records import Catalog
from admatch.decisions.backtest import Backtest
from admatch.decisions.recommendations import Recommendations
from admatch.export.bulk.marketplace import find_marketplace
from admatch.export.bulk.records import BulkExport
from admatch.export.bulk.write import write_bulksheet
from admatch.export.recommendations import (
    write_recommendations_csv,
    write_recommendations_html,
    write_recommendations_parquet,
)
from admatch.impact.model import ImpactModel
from admatch.match.records import Matches
from admatch.reports.account.records import Account
from admatch.tables.atomic import replacing


@dataclass(frozen=True, slots=True)
class Decided:
    """What a night came to, before anything is written."""

    advice: Recommendations
    matches: Matches
    model: ImpactModel
    tested: Backtest | None
    catalog: Catalog


@dataclass(frozen=True, slots=True)
class Written:
    """The digests of a night's files by name, what is to be uploaded, and why it may not be."""

    files: dict[str, str]
    upload: BulkExport | None
    withheld: tuple[str, ...]


def write_night(
    decided: Decided,
    account: Account | None,
    ask: Ask,
    folder: Path,
    sources: Sequence[Path],
) -> Written:
    """Write what the job asks for into ``folder``, in the place of what is there."""
    advice = decided.advice
    with replacing(folder) as draft:
        draft.mkdir(parents=True)
        upload, withheld = _upload(advice, account, ask, draft, sources)
        write_recommendations_parquet(advice, draft / "recommendations.parquet")
        if ask.outputs.csv:
            write_recommendations_csv(advice, draft / "recommendations.csv")
        if ask.outputs.html:
            effect = decided.model.what_if(advice.best(), rho=advice.rho, margin=advice.margin)
            write_recommendations_html(
                advice, decided.matches.report, decided.catalog, draft / "recommendations.html",
                effect=effect, backtest=decided.tested,
            )  # fmt: skip
        files = {path.name: _hash(path) for path in sorted(draft.iterdir())}
    return Written(files, upload, withheld)


def is_whole(folder: Path, files: dict[str, str]) -> bool:
    """Return whether all files of a night are there as they were written."""
    return all(
        (folder / name).is_file() and _hash(folder / name) == digest
        for name, digest in files.items()
    )


def _upload(
    advice: Recommendations,
    account: Account | None,
    ask: Ask,
    draft: Path,
    sources: Sequence[Path],
) -> tuple[BulkExport | None, tuple[str, ...]]:
    """Write the chosen set for upload, or return why that may not be."""
    if not ask.outputs.bulk:
        return None, ()
    if account is None:
        return None, ("the job names no bulk_file, so no file for upload can be written",)
    if advice.refusals:
        return None, advice.refusals
    code = ask.marketplace or marketplace_of(advice.totals["currency"].to_list())
    if code is None:
        return None, ("its currency does not tell the marketplace; write marketplace = …",)
    own = find_marketplace(code)
    done = write_bulksheet(
        advice.best(own.currency), account, draft / "changes.xlsx", marketplace=own.code,
        sources=sources, settings=dict(advice.settings),
    )  # fmt: skip
    return done, ()


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

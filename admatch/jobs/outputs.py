"""A night's files, written whole or not at all: ``write_night``."""

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from admatch.catalog.records import Catalog
from admatch.decisions.bids import bid_changes, bid_table
from admatch.decisions.holdout import part
from admatch.decisions.outcomes import drifted, reaches
from admatch.decisions.recommendations import Recommendations
from admatch.export.bulk.directory import Directory
from admatch.export.bulk.marketplace import Marketplace, find_marketplace, marketplace_of
from admatch.export.bulk.records import BulkExport, Entry
from admatch.export.bulk.validate import validate
from admatch.export.bulk.write import write_bulksheet
from admatch.export.recommendations import (
    write_recommendations_csv,
    write_recommendations_html,
    write_recommendations_parquet,
)
from admatch.export.table import spreadsheet_safe
from admatch.impact.changes import ChangeSet
from admatch.impact.model import ImpactModel
from admatch.jobs.change_history import ChangeHistory
from admatch.jobs.learned import Learned
from admatch.jobs.records import AccountJob
from admatch.jobs.store.fits import Fit
from admatch.match.records import Matches
from admatch.reports.account.records import Account
from admatch.tables.atomic import replacing


@dataclass(frozen=True, slots=True)
class Decided:
    """What a night came to, before anything is written."""

    advice: Recommendations
    matches: Matches
    model: ImpactModel
    fit: Fit
    catalog: Catalog
    past: ChangeHistory
    learned: Learned


@dataclass(frozen=True, slots=True)
class Written:
    """The digests of a night's files by name, what is to be uploaded, and why it may not be.

    ``held`` are changes left undone on purpose.
    """

    files: dict[str, str]
    upload: BulkExport | None
    bids: BulkExport | None
    held: tuple[Entry, ...]
    withheld: tuple[str, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every change that was written, new bids last."""
        return tuple(one for done in (self.upload, self.bids) if done for one in done.written)


def write_night(
    decided: Decided,
    account: Account | None,
    ask: AccountJob,
    folder: Path,
    sources: Sequence[Path],
) -> Written:
    """Write what the job asks for into ``folder``, in the place of what is there.

    The journals of what was applied stay.
    """
    advice = decided.advice
    with replacing(folder) as draft:
        draft.mkdir(parents=True)
        market, withheld = _market(decided, account, ask)
        upload = bids = None
        left: tuple[Entry, ...] = ()
        if account is not None and market is not None:
            files = _Files(decided, account, ask, market, sources)
            upload = files.write(advice.best(market.currency), draft / "changes.xlsx")
            if ask.outputs.bids:
                bids = files.write(files.bids(draft / "bids"), draft / "bids" / "bids.xlsx")
            left = tuple(files.left)
        advice = _with_held(advice, left)
        write_recommendations_parquet(advice, draft / "recommendations.parquet")
        if ask.outputs.csv:
            write_recommendations_csv(advice, draft / "recommendations.csv")
        if ask.outputs.html:
            effect = decided.model.what_if(advice.best(), rho=advice.rho, margin=advice.margin)
            write_recommendations_html(
                advice, decided.matches.report, decided.catalog, draft / "recommendations.html",
                effect=effect, backtest=decided.fit.tested,
            )  # fmt: skip
        written = sorted(path for path in draft.rglob("*") if path.is_file())
        digests = {path.relative_to(draft).as_posix(): _hash(path) for path in written}
        _keep_journals(folder, draft)
    return Written(digests, upload, bids, left, withheld)


def _keep_journals(folder: Path, draft: Path) -> None:
    """Link the journals beside manifests into the folder that takes this one's place.

    A link, as somebody may be writing. What a kill left beside the folder is removed: it may hold
    the journals, and nobody else writes here.
    """
    left = [one for one in folder.parent.glob(f".*.{folder.name}") if one != draft]
    for old in (folder, *left):
        for journal in old.rglob("*.jsonl"):
            there = draft / journal.relative_to(old)
            if there.parent.is_dir() and not there.exists():
                os.link(journal, there)
    for old in left:
        shutil.rmtree(old, ignore_errors=True)


def is_whole(folder: Path, files: dict[str, str]) -> bool:
    """Return whether all files of a night are there as they were written."""
    return all(
        (folder / name).is_file() and _hash(folder / name) == digest
        for name, digest in files.items()
    )


def _market(
    decided: Decided, account: Account | None, ask: AccountJob
) -> tuple[Marketplace | None, tuple[str, ...]]:
    """Return the marketplace to write for, or None and why nothing may be written for upload."""
    advice = decided.advice
    if not ask.outputs.bulk:
        return None, ()
    if account is None:
        return None, ("the job names no bulk_file, so no file for upload can be written",)
    if advice.refusals:
        return None, advice.refusals
    outcomes = decided.learned.outcomes
    if drifted(outcomes, ask.guard_rails.coverage):
        inside = sum(one.as_expected for one in outcomes)
        told = (
            f"of {len(outcomes)} sets of changes that have matured {inside} did what was "
            f"expected, below {ask.guard_rails.coverage:.0%} and no accident; look at the outcomes "
            "in `admatch history`, or lower guard_rails.coverage"
        )
        return None, (told,)
    code = ask.marketplace or marketplace_of(advice.totals["currency"].to_list())
    if code is None:
        return None, ("its currency does not tell the marketplace; write marketplace = …",)
    return find_marketplace(code), ()


class _Files:
    """Writes files for upload, without the changes that are ``left`` undone on purpose."""

    def __init__(
        self,
        decided: Decided,
        account: Account,
        ask: AccountJob,
        market: Marketplace,
        sources: Sequence[Path],
    ) -> None:
        self.left: list[Entry] = []
        self._decided, self._account, self._ask = decided, account, ask
        self._market, self._sources = market, sources

    def write(self, changes: ChangeSet, path: Path) -> BulkExport:
        """Write changes for upload, and what takes them back."""
        released = self._decided.past.released
        made, left = part(changes, self._ask.name, self._ask.holdout, released)
        if left.changes:
            self.left += validate(left, Directory(self._account), self._market)[0]
        return write_bulksheet(
            made, self._account, path, marketplace=self._market.code, sources=self._sources,
            settings=dict(self._decided.advice.settings),
        )  # fmt: skip

    def bids(self, folder: Path) -> ChangeSet:
        """Write every bid with its reason into a folder of its own; return the new ones."""
        advice, past = self._decided.advice, self._decided.past
        table = bid_table(advice, self._account, self._ask.guard_rails.step)
        folder.mkdir()
        spreadsheet_safe(table).write_csv(folder / "bids.csv", include_bom=True)
        best = advice.best(self._market.currency)
        return bid_changes(table, best, past.cooling, past.earlier, past.rejected)


def _with_held(advice: Recommendations, left: Sequence[Entry]) -> Recommendations:
    """Return the advice with a word beside each row whose change is left undone."""
    if not left:
        return advice
    held = pl.col("chosen") & pl.any_horizontal(reaches(one.change) for one in left)
    told = pl.when(held).then(pl.lit(_HELD)).otherwise("warning").alias("warning")
    return replace(advice, frame=advice.frame.with_columns(told))


_HELD = "left undone on purpose, to see what changes do: in no file for upload"


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

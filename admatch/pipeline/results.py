"""An analysis → its files: tables and pages to read, workbooks to upload: ``write_analysis``."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from admatch.decisions.bids import bid_changes, bid_table
from admatch.decisions.holdout import Name, part
from admatch.decisions.outcomes import reaches
from admatch.decisions.recommendations import Recommendations
from admatch.export.bulk.directory import Directory
from admatch.export.bulk.marketplace import Marketplace
from admatch.export.bulk.records import BulkExport, Entry
from admatch.export.bulk.validate import validate
from admatch.export.bulk.write import write_bulksheet
from admatch.export.recommendations import (
    write_levels,
    write_recommendations_csv,
    write_recommendations_html,
    write_recommendations_parquet,
    write_recommendations_tsv,
)
from admatch.export.table import spreadsheet_safe
from admatch.impact.changes import ChangeSet
from admatch.messages import say
from admatch.pipeline.match_files import write_matches
from admatch.pipeline.moved import moved_lines
from admatch.pipeline.options import AnalysisOptions
from admatch.pipeline.writable import market_of
from admatch.progress import Progress, silent
from admatch.reports.account.records import Account
from admatch.tables.atomic import replacing

if TYPE_CHECKING:
    from admatch.pipeline.analyse import Analysis


@dataclass(frozen=True, slots=True)
class Outputs:
    """Which files are written: for upload (with its inverse), to read, to filter.

    ``bids`` is a table of every target's bid with a file of the new ones, ``matches`` what every
    term is about, ``sheets`` the decisions for Google Sheets.
    """

    bulk: bool = True
    csv: bool = True
    parquet: bool = True
    html: bool = True
    matches: bool = True
    bids: bool = False
    sheets: bool = False


@dataclass(frozen=True, slots=True)
class Holdout:
    """Changes that chance leaves undone: ``share`` of those of an account, the same every time."""

    account: str
    share: float = 0.0
    released: Collection[Name] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What was written for upload, what was left undone on purpose, and why nothing was written.

    ``later`` excludes terms where they sold, once the new campaigns that take them are live.
    """

    folder: Path
    upload: BulkExport | None = None
    bids: BulkExport | None = None
    later: BulkExport | None = None
    held: tuple[Entry, ...] = ()
    withheld: tuple[str, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every change that was written, new bids last."""
        return tuple(one for done in (self.upload, self.bids) if done for one in done.written)


def write_analysis(
    analysis: "Analysis",
    folder: Path,
    outputs: Outputs,
    *,
    holdout: Holdout | None = None,
    withheld: Sequence[str] = (),
    sources: Sequence[Path] = (),
    progress: Progress = silent,
) -> Written:
    """Write the files into ``folder``; ``withheld`` says why there is none for upload.

    ``withheld`` are further reasons against an upload, ``sources`` the files that its manifest
    names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    advice, done = analysis.advice, Written(folder)
    if outputs.bulk:  # first: it may say no
        done = _uploads(analysis, folder, outputs, holdout, withheld, sources)
    if done.held:
        advice = _with_held(advice, done.held)
    steps = _steps(analysis, advice, folder, outputs, progress)
    for number, step in enumerate(steps):
        progress("writing", number, len(steps))
        step()
    progress("writing", len(steps), len(steps))
    return done


@dataclass(frozen=True, slots=True)
class Upload:
    """Whether changes can be written for upload: the marketplace, or the reasons against it."""

    market: Marketplace | None
    withheld: tuple[str, ...] = field(default=())


def upload_to(
    advice: Recommendations,
    account: Account | None,
    options: AnalysisOptions,
    withheld: Sequence[str] = (),
) -> Upload:
    """Return the marketplace that decisions are written for, or why none may be written."""
    if account is None:
        return Upload(None, (say("pipeline.upload.no_account"),))
    against = (*advice.refusals, *withheld)
    if against:
        return Upload(None, against)
    market = market_of(advice.totals["currency"].to_list(), options)
    if market is None:
        return Upload(None, (say("pipeline.upload.no_marketplace"),))
    return Upload(market)


def write_upload(
    changes: ChangeSet,
    account: Account,
    market: Marketplace,
    path: Path,
    *,
    settings: "dict[str, str | float | int | None]",
    sources: Sequence[Path] = (),
) -> BulkExport:
    """Write changes for upload, their inverse, and the manifest of both."""
    return write_bulksheet(
        changes, account, path, marketplace=market.code, sources=sources, settings=settings
    )


def _uploads(
    analysis: "Analysis",
    folder: Path,
    outputs: Outputs,
    holdout: Holdout | None,
    withheld: Sequence[str],
    sources: Sequence[Path],
) -> Written:
    advice, account = analysis.advice, analysis.account
    found = upload_to(advice, account, analysis.options, withheld)
    if account is None or found.market is None:
        return Written(folder, withheld=found.withheld)
    market, left = found.market, list[Entry]()

    def written(changes: ChangeSet, path: Path) -> BulkExport:
        if holdout is not None:
            changes, apart = part(changes, holdout.account, holdout.share, holdout.released)
            if apart.changes:
                left.extend(validate(apart, Directory(account), market)[0])
        settings = dict(advice.settings)
        return write_upload(changes, account, market, path, settings=settings, sources=sources)

    best = advice.best(market.currency)
    upload, bids = written(best, folder / "changes.xlsx"), None
    if outputs.bids:
        bids = written(_new_bids(analysis, account, best, folder), folder / "bids" / "bids.xlsx")
    negatives = advice.negatives_for_later(market.currency)
    later = None
    if len(negatives):
        later = write_upload(
            negatives, account, market, folder / "later" / "negatives.xlsx",
            settings=dict(advice.settings), sources=sources,
        )  # fmt: skip
    return Written(folder, upload, bids, later, tuple(left))


def _new_bids(analysis: "Analysis", account: Account, best: ChangeSet, folder: Path) -> ChangeSet:
    """Write every bid with its reason into a folder of its own; return the new ones."""
    history = analysis.history
    table = bid_table(analysis.advice, account, analysis.options.guard_rails.step)
    (folder / "bids").mkdir(exist_ok=True)
    spreadsheet_safe(table).write_csv(folder / "bids" / "bids.csv", include_bom=True)
    return bid_changes(table, best, history.cooling, history.earlier, history.rejected)


def _steps(
    analysis: "Analysis",
    advice: Recommendations,
    folder: Path,
    outputs: Outputs,
    progress: Progress,
) -> list[Callable[[], None]]:
    matches, steps = analysis.matches, list[Callable[[], None]]()
    if outputs.parquet:
        steps.append(
            lambda: write_recommendations_parquet(advice, folder / "recommendations.parquet")
        )
    if outputs.csv:
        steps.append(lambda: write_recommendations_csv(advice, folder / "recommendations.csv"))
        steps.append(lambda: write_levels(advice, folder / "levels.csv"))
    if outputs.csv and analysis.account is not None:
        steps.append(lambda: _write_hygiene(analysis, folder / "hygiene.csv"))
    if outputs.csv and analysis.moved is not None and analysis.moved.height:
        lines = moved_lines(analysis.moved)
        steps.append(partial(_write_csv, lines, folder / "first_products.csv"))
    if outputs.sheets:
        steps.append(lambda: write_recommendations_tsv(advice, folder / "sheets.tsv"))
    if outputs.csv:
        steps += [partial(_write_csv, *one) for one in _of_insights(analysis, folder)]
    if outputs.html:
        steps.append(
            lambda: write_recommendations_html(
                advice,
                analysis.report,
                analysis.catalog,
                folder / "recommendations.html",
                effect=analysis.effect,
                backtest=analysis.backtest,
            )
        )
    if outputs.matches and matches is not None and matches.catalog is not None:
        notes = (*analysis.doubts, *([analysis.taught] if analysis.taught else []))
        note = ". ".join(notes) or None
        steps.append(lambda: write_matches(matches, folder, progress, note=note))
    return steps


def _of_insights(analysis: "Analysis", folder: Path) -> Iterator[tuple[pl.DataFrame, Path]]:
    """Yield the tables of Amazon's other reports that have rows, and their files."""
    market = analysis.market
    if market is not None and market.frame.height:
        yield market.frame, folder / "market.csv"
    if analysis.new_keywords.height:
        yield analysis.new_keywords, folder / "new_keywords.csv"
    if analysis.bought is not None:
        yield analysis.bought, folder / "bought.csv"


def _write_hygiene(analysis: "Analysis", path: Path) -> None:
    """Write the keywords that compete, are blocked or never serve, as UTF-8 with a BOM."""
    lines = analysis.hygiene.drop("what_message")
    _write_csv(lines.with_columns(pl.col("others").list.join("; ")), path)


def _write_csv(lines: pl.DataFrame, path: Path) -> None:
    with replacing(path) as unfinished:
        spreadsheet_safe(lines).write_csv(unfinished, include_bom=True)


def _with_held(advice: Recommendations, left: Sequence[Entry]) -> Recommendations:
    """Return the advice with a warning on each row whose change is left undone."""
    held = pl.col("chosen") & pl.any_horizontal(reaches(one.change) for one in left)
    word = pl.when(held).then(pl.lit(str(say("pipeline.upload.held")))).otherwise("warning")
    return replace(advice, frame=advice.frame.with_columns(word.alias("warning")))

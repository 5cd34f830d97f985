"""One account's night: read new files, analyse, write, record: ``run_account``."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from admatch import __version__
from admatch.catalog.reader import read_catalog
from admatch.errors import InputError
from admatch.jobs.applied import take_journals
from admatch.jobs.change_history import history_of
from admatch.jobs.fetched import fetch_night
from admatch.jobs.fitting import Fitting, find_fitting
from admatch.jobs.insights import digest_of, insights_until, parted
from admatch.jobs.outputs import NightFiles, is_whole, write_night
from admatch.jobs.records import AccountJob, Job, folder_name
from admatch.jobs.slack import slack_message
from admatch.jobs.sources import Source, find_source, find_sources
from admatch.jobs.store.cache import WorkspaceCache
from admatch.jobs.store.facts import add_report, facts_until, known_files, last_day, state_of
from admatch.jobs.store.fits import DatedFit, keep_fit
from admatch.jobs.store.judgements import add_judgements
from admatch.jobs.store.nights import Night, day_before, find_night, record_night
from admatch.jobs.store.proposals import note_seen
from admatch.jobs.verdicts import read_verdicts
from admatch.messages import say
from admatch.pipeline.analyse import Analysis, analyse
from admatch.pipeline.history import ChangeHistory
from admatch.pipeline.insight_notes import insight_notes
from admatch.pipeline.open_index import ProductSource
from admatch.progress import Progress, silent
from admatch.reports.account.reader import read_account
from admatch.reports.account.records import Account
from admatch.reports.insights.records import Insights
from admatch.reports.reader import read_report
from admatch.store.workspace import Row, Transaction, Workspace

if TYPE_CHECKING:
    from admatch.pipeline.models import Models

Summary: TypeAlias = dict[str, Any]
DONE, NOTHING_NEW, WOULD = "done", "nothing new", "would do"


@dataclass(frozen=True, slots=True)
class JobContext:
    """What all accounts of a job share on one day.

    ``models`` defaults to the models that ship with admatch.
    """

    job: Job
    as_of: date
    workspace: Workspace
    models: "Models | None"
    dry: bool
    progress: Progress = silent


@dataclass(frozen=True, slots=True)
class _Inputs:
    reports: list[Source]
    catalog: Source
    account: Source | None
    verdicts: list[Source]
    insights: list[Source]


@dataclass(frozen=True, slots=True)
class _Night:
    """What a night depends on; a night with the same id was done before."""

    id: str
    made_from: dict[str, Any]
    history: ChangeHistory
    fitting: Fitting
    before: Row | None
    last_day: date | None


def run_account(context: JobContext, job: AccountJob) -> Summary:
    """Return what was done for one account; raises ``InputError`` where that is impossible."""
    workspace = context.workspace
    folder = workspace.folder / "accounts" / folder_name(job.name)
    job, refused = _fetch(context, job, folder / "amazon")
    inputs = _find(context, job, folder / "fetched")
    summary = _read_new(workspace, job, inputs.reports) | {"not_given": refused}
    account = None
    if inputs.account is not None:
        account = read_account(inputs.account.path, currency=job.options.currency)
    beside = insights_until(inputs.insights, job.options.currency, context.as_of)
    with workspace.writing() as transaction:
        summary |= _take_in(transaction, job, inputs, account, context.as_of)
        night = _night(transaction, context, job, inputs, beside)
    before = night.before
    if before and is_whole(Path(before["folder"]), before["files"]):
        return summary | _as_before(before)
    cache = WorkspaceCache(workspace, job.name, folder, night.fitting.earlier)
    analysis = _analyse(context, job, inputs, account, night.history, beside, cache)
    fit = _dated(night.fitting, analysis)
    summary |= _decided(analysis, fit) | {"encoded": cache.encoded}
    alerts = [one.to_dict() for one in analysis.alerts(night.last_day)]
    summary["alerts"] = alerts
    if context.dry:
        return summary | {"state": WOULD}
    named = f"{context.as_of}-{night.id[:8]}"
    out = Path(before["folder"]) if before else context.job.folder_of(job.name) / named
    message = slack_message(job.name, str(context.as_of), summary)
    files = write_night(analysis, job, out, [inputs.catalog.path], alerts, message)
    summary |= _written(files)
    _record(context, job, night, out, summary, analysis, fit, files)
    return summary | {"state": DONE, "folder": str(out), "night": night.id}


def _fetch(context: JobContext, job: AccountJob, folder: Path) -> tuple[AccountJob, list[str]]:
    """Return the account with the files from Amazon, and a sentence for each one refused."""
    if job.amazon is None:
        return job, []
    with context.workspace.writing() as transaction:
        known = last_day(transaction, job.name)
    found = fetch_night(job.amazon, folder, context.as_of, known, context.progress)
    marketplace = job.options.marketplace or found.marketplace
    window = job.options.window_days or job.amazon.api.assumed_window
    return replace(
        job,
        reports=(*job.reports, *found.reports),
        account=job.account or found.account,
        options=replace(job.options, marketplace=marketplace, window_days=window),
    ), list(found.refused)


def _find(context: JobContext, account: AccountJob, fetched: Path) -> _Inputs:
    folder = context.job.folder
    with context.workspace.writing() as transaction:
        known = known_files(transaction, account.name)
    reports, insights = parted(find_sources(account.reports, folder, fetched), known)
    return _Inputs(
        reports,
        find_source(account.catalog, folder, fetched),
        None if account.account is None else find_source(account.account, folder, fetched),
        find_sources(account.verdicts, folder, fetched, may_lack=True),
        insights,
    )


def _read_new(workspace: Workspace, job: AccountJob, sources: list[Source]) -> Summary:
    """Read the new files; return how many there were, and what became of their rows."""
    with workspace.writing() as transaction:
        known = known_files(transaction, job.name)
    new = [one for one in sources if one.digest not in known]
    # every row, however many: only days show which rows of another file are the same
    chosen = job.options
    reports = [
        read_report(source.path, currency=chosen.currency, attribution=chosen.attribution)
        for source in new
    ]
    with workspace.writing() as transaction:
        added = [
            add_report(transaction, job.name, source.digest, source.name, report)
            for source, report in zip(new, reports, strict=True)
        ]
    return {
        "files_read": len(new),
        "rows_added": sum(one.rows for one in added),
        "rows_corrected": sum(one.corrected for one in added),
        "rows_left_out": sum(one.left_out for one in added),
        "problems": sum(len(report.problems) for report in reports),
    }


def _take_in(
    transaction: Transaction, job: AccountJob, inputs: _Inputs, account: Account | None, day: date
) -> Summary:
    """Store what became of earlier nights: changes applied, judged, seen in the account."""
    take_journals(transaction, job.name)
    for source in inputs.verdicts:
        add_judgements(transaction, job.name, read_verdicts(source.path))
    return {} if account is None else {"seen": note_seen(transaction, job.name, account, day)}


def _night(
    transaction: Transaction,
    context: JobContext,
    job: AccountJob,
    inputs: _Inputs,
    beside: Insights | None,
) -> _Night:
    history = history_of(transaction, job, context.as_of)
    fitting = find_fitting(
        transaction, job.name, context.as_of, inputs.catalog.digest, job.options.guard_rails
    )
    made_from = _made_from(transaction, context, job, inputs, history) | {"fit": fitting.id}
    if beside is not None:
        made_from["insights"] = digest_of(beside)
    night_id = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()
    before = find_night(transaction, night_id)
    last = day_before(transaction, job.name, before["as_of"] if before else context.as_of)
    return _Night(night_id, made_from, history, fitting, before, last)


def _made_from(
    transaction: Transaction,
    context: JobContext,
    job: AccountJob,
    inputs: _Inputs,
    history: ChangeHistory,
) -> dict[str, Any]:
    """Return everything that the night's outputs depend on, as JSON holds it."""
    outputs = asdict(job.outputs)
    for way in ("webhook", "email", "slack"):  # who receives the summary changes no output
        outputs.pop(way)
    return {
        "admatch": __version__,
        "name": job.name,
        "options": job.options.to_dict(),
        "outputs": outputs,
        "cooldown_days": job.cooldown_days,
        "holdout": job.holdout,
        "facts": state_of(transaction, job.name, context.as_of),
        "catalog": inputs.catalog.digest,
        "account": inputs.account.digest if inputs.account else None,
        "cooling": [str(change) for change in history.cooling],
        "earlier": [str(change) for change in history.earlier],
        "mature": [[one.night, str(one.seen_on)] for one in history.mature],
        "held": [[one.night, [str(change) for change in one.changes]] for one in history.held],
        "released": sorted(map(str, history.released)),
        "rejected": history.rejected.rows(),
    }


def _analyse(
    context: JobContext,
    job: AccountJob,
    inputs: _Inputs,
    account: Account | None,
    history: ChangeHistory,
    beside: Insights | None,
    cache: WorkspaceCache,
) -> Analysis:
    with context.workspace.writing() as transaction:
        report = facts_until(transaction, job.name, context.as_of)
    if not len(report):
        raise InputError(say("jobs.night.no_rows", day=str(context.as_of)))
    folder = context.workspace.folder / "accounts" / folder_name(job.name)
    source = ProductSource(
        catalog=read_catalog(inputs.catalog.path),
        image_cache=folder / "pictures",
        encoder=job.options.encoder,
    )
    return analyse(
        report, source, account, job.options,
        history=history, cache=cache, models=context.models, progress=context.progress,
        insights=beside,
    )  # fmt: skip


def _dated(fitting: Fitting, analysis: Analysis) -> DatedFit:
    """Return the fit that a night stores: an earlier one that still holds, or its own."""
    if fitting.earlier is not None:
        return fitting.earlier
    return DatedFit(fitting.id, fitting.kind, fitting.as_of, fitting.clicks, analysis.fit)


def _record(
    context: JobContext,
    job: AccountJob,
    night: _Night,
    out: Path,
    summary: Summary,
    analysis: Analysis,
    fit: DatedFit,
    files: NightFiles,
) -> None:
    """Store the night, its decisions and its fit, all or nothing."""
    as_of = night.before["as_of"] if night.before else context.as_of
    done = Night(night.id, job.name, context.job.name, as_of, out, night.made_from, summary)
    drifted = analysis.learned.drifted(job.options.guard_rails.coverage)
    with context.workspace.writing() as transaction:
        keep_fit(transaction, job.name, fit, as_of if drifted else None)
        record_night(
            transaction, done, analysis.advice.frame, files.written.entries, files.digests,
            files.written.held,
        )  # fmt: skip


def _as_before(night: Row) -> Summary:
    known = dict(night["summary"]) | {"folder": night["folder"], "night": night["id"]}
    known |= {"since": str(night["as_of"])}
    counted = ("files_read", "rows_added", "rows_corrected", "rows_left_out", "problems")
    for name in (*counted, "new_terms", "encoded", "seen", "not_given", "alerts"):
        known.pop(name, None)
    return known | {"state": NOTHING_NEW}


def _decided(analysis: Analysis, fit: DatedFit) -> Summary:
    advice, tested = analysis.advice, analysis.backtest
    first, last = analysis.report.period or (date.min, date.min)
    return {
        "rows": len(analysis.report),
        "days": (last - first).days + 1,
        "terms": analysis.matches.terms.height if analysis.matches else 0,
        "new_terms": analysis.new_terms,
        "decisions": {action.value: count for action, count in advice.counts.items() if count},
        "totals": advice.totals.to_dicts(),
        "coverage": tested.coverage if tested else None,
        "fitted_on": str(fit.fitted_on),
        "doubts": list(map(str, analysis.doubts)),
        "warnings": list(map(str, advice.warnings)),
        "insights": list(map(str, insight_notes(analysis))),
    } | analysis.learned.to_dict()


def _written(files: NightFiles) -> Summary:
    written = files.written
    return {
        "to_upload": len(written.upload.written) if written.upload else 0,
        "new_bids": len(written.bids.written) if written.bids else 0,
        "refused": len(written.upload.refused) if written.upload else 0,
        "held_out": len(written.held),
        "withheld": list(map(str, written.withheld)),
    }

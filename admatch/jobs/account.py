"""One account's night: read what is new, decide, write, remember."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from admatch import __version__
from admatch.catalog.reader import read_catalog
from admatch.catalog.records import Catalog
from admatch.decisions.outcomes import drifted
from admatch.decisions.recommend import recommend
from admatch.errors import InputError
from admatch.jobs.applied import take_journals
from admatch.jobs.change_history import ChangeHistory, history_of
from admatch.jobs.fetched import fetch_night
from admatch.jobs.fitting import Fitting, find_fitting
from admatch.jobs.learned import learn
from admatch.jobs.outputs import Decided, Written, is_whole, write_night
from admatch.jobs.records import AccountJob, Job, folder_name
from admatch.jobs.sources import Source, find_source, find_sources
from admatch.jobs.store.facts import add_report, facts_until, known_files, last_day, state_of
from admatch.jobs.store.fits import keep_fit
from admatch.jobs.store.judgements import add_judgements
from admatch.jobs.store.nights import Night, find_night, record_night
from admatch.jobs.store.proposals import note_seen
from admatch.jobs.verdicts import read_verdicts
from admatch.match.records import Matches
from admatch.progress import Progress, silent
from admatch.reports.account.reader import read_account
from admatch.reports.account.records import Account
from admatch.reports.reader import read_report
from admatch.store.workspace import Row, Transaction, Workspace

if TYPE_CHECKING:
    from admatch.jobs.match_cache import Models, Retrieved

Summary: TypeAlias = dict[str, Any]
DONE, NOTHING_NEW, WOULD = "done", "nothing new", "would do"


@dataclass(frozen=True, slots=True)
class JobContext:
    """What all accounts of a job have in common on one day.

    ``models`` are those that ship with admatch unless others are given.
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
    bulk: Source | None
    verdicts: list[Source]


def run_account(setting: JobContext, ask: AccountJob) -> Summary:
    """Return what was done for one account; raises ``InputError`` where it cannot be."""
    workspace = setting.workspace
    folder = workspace.folder / "accounts" / folder_name(ask.name)
    ask, refused = _fetch(setting, ask, folder / "amazon")
    inputs = _find(setting.job, ask, folder / "fetched")
    read = _read_new(workspace, ask, inputs.reports) | {"not_given": refused}
    bulk = None if inputs.bulk is None else read_account(inputs.bulk.path, currency=ask.currency)
    with workspace.writing() as transaction:
        read |= _take_in(transaction, ask, inputs, bulk, setting.as_of)
        past = history_of(transaction, ask, setting.as_of)
        fitting = find_fitting(
            transaction, ask.name, setting.as_of, inputs.catalog.digest, ask.guard_rails
        )
        made_from = _made_from(transaction, setting, ask, inputs, past) | {"fit": fitting.id}
        night_id = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()
        before = find_night(transaction, night_id)
        if before and is_whole(Path(before["folder"]), before["files"]):
            return read | _as_before(before)
    catalog = read_catalog(inputs.catalog.path)
    found = _retrieve(setting, ask, catalog, folder)
    decided = _decide(ask, catalog, bulk, found.matches, past, fitting)
    told = read | _told(decided) | {"new_terms": found.new_terms, "encoded": found.encoded}
    if setting.dry:
        return told | {"state": WOULD}
    named = f"{setting.as_of}-{night_id[:8]}"
    place = Path(before["folder"]) if before else setting.job.folder_of(ask.name) / named
    written = write_night(decided, bulk, ask, place, [inputs.catalog.path])
    told |= _told_of(written)
    with workspace.writing() as transaction:
        as_of = before["as_of"] if before else setting.as_of
        night = Night(night_id, ask.name, setting.job.name, as_of, place, made_from, told)
        drifts = drifted(decided.learned.outcomes, ask.guard_rails.coverage)
        keep_fit(transaction, ask.name, decided.fit, as_of if drifts else None)
        record_night(
            transaction, night, decided.advice.frame, written.entries, written.files, written.held
        )
    return told | {"state": DONE, "folder": str(place), "night": night_id}


def _fetch(setting: JobContext, ask: AccountJob, folder: Path) -> tuple[AccountJob, list[str]]:
    """Return what is asked with the files that Amazon gave, and a sentence for each it did not."""
    if ask.amazon is None:
        return ask, []
    with setting.workspace.writing() as transaction:
        known = last_day(transaction, ask.name)
    found = fetch_night(ask.amazon, folder, setting.as_of, known, setting.progress)
    return replace(
        ask,
        reports=(*ask.reports, *found.reports),
        bulk_file=ask.bulk_file or found.account,
        marketplace=ask.marketplace or found.marketplace,
    ), list(found.refused)


def _find(job: Job, ask: AccountJob, fetched: Path) -> _Inputs:
    return _Inputs(
        find_sources(ask.reports, job.folder, fetched),
        find_source(ask.catalog, job.folder, fetched),
        None if ask.bulk_file is None else find_source(ask.bulk_file, job.folder, fetched),
        find_sources(ask.verdicts, job.folder, fetched, may_lack=True),
    )


def _read_new(workspace: Workspace, ask: AccountJob, sources: list[Source]) -> Summary:
    """Read the files that were not read before; return how many, and what became of their rows."""
    with workspace.writing() as transaction:
        known = known_files(transaction, ask.name)
    new = [one for one in sources if one.digest not in known]
    reports = [read_report(source.path, currency=ask.currency) for source in new]
    with workspace.writing() as transaction:
        added = [
            add_report(transaction, ask.name, source.digest, source.place, report)
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
    transaction: Transaction, ask: AccountJob, inputs: _Inputs, bulk: Account | None, day: date
) -> Summary:
    """Keep what became of earlier nights: applied, judged by people, seen in the account."""
    take_journals(transaction, ask.name)
    for source in inputs.verdicts:
        add_judgements(transaction, ask.name, read_verdicts(source.path))
    return {} if bulk is None else {"seen": note_seen(transaction, ask.name, bulk, day)}


def _made_from(
    transaction: Transaction,
    setting: JobContext,
    ask: AccountJob,
    inputs: _Inputs,
    past: ChangeHistory,
) -> dict[str, Any]:
    """Return all that the night's outputs depend on, as JSON holds it."""
    asked = {
        name: value
        for name, value in asdict(ask).items()
        if name not in ("reports", "catalog", "bulk_file", "amazon", "verdicts")
    }
    for way in ("webhook", "email"):  # who is told changes nothing
        asked["outputs"].pop(way)
    return {
        "admatch": __version__,
        "asked": json.loads(json.dumps(asked)),
        "facts": state_of(transaction, ask.name, setting.as_of),
        "catalog": inputs.catalog.digest,
        "bulk_file": inputs.bulk.digest if inputs.bulk else None,
        "cooling": [str(change) for change in past.cooling],
        "earlier": [str(change) for change in past.earlier],
        "mature": [[one.night, str(one.seen_on)] for one in past.mature],
        "held": [[one.night, [str(change) for change in one.changes]] for one in past.held],
        "released": sorted(map(str, past.released)),
        "rejected": past.rejected.rows(),
    }


def _retrieve(setting: JobContext, ask: AccountJob, catalog: Catalog, folder: Path) -> "Retrieved":
    # here, as it brings torch along, which a night without anything new does not need
    from admatch.jobs.match_cache import retrieve, shipped_models

    with setting.workspace.writing() as transaction:
        report = facts_until(transaction, ask.name, setting.as_of)
    if not len(report):
        raise InputError(f"there is no row of a day up to {setting.as_of}; add reports")
    models = setting.models or shipped_models()
    return retrieve(setting.workspace, ask.name, models, catalog, report, folder)


def _decide(
    ask: AccountJob,
    catalog: Catalog,
    bulk: Account | None,
    matches: Matches,
    past: ChangeHistory,
    fitting: Fitting,
) -> Decided:
    report = matches.report
    model, fit = fitting.fit(report, matches, catalog)
    learned = learn(report, past)
    advice = recommend(
        report, matches, model, target_acos=ask.target_acos, account=bulk, catalog=catalog,
        margin=ask.margin, protect=ask.protect, rho=ask.rho, guard_rails=ask.guard_rails,
        most_changes=ask.most_changes, backtest=fit.tested, window_days=ask.window_days,
        recent=past.cooling, earlier=past.earlier, correction=learned.correction,
        rejected=past.rejected,
    )  # fmt: skip
    return Decided(advice, matches, model, fit, catalog, past, learned)


def _as_before(night: Row) -> Summary:
    told = dict(night["summary"]) | {"folder": night["folder"], "night": night["id"]}
    told |= {"since": str(night["as_of"])}
    counted = ("files_read", "rows_added", "rows_corrected", "rows_left_out", "problems")
    for name in (*counted, "new_terms", "encoded", "seen", "not_given"):
        told.pop(name, None)
    return told | {"state": NOTHING_NEW}


def _told(decided: Decided) -> Summary:
    advice = decided.advice
    first, last = decided.matches.report.period or (date.min, date.min)
    return {
        "rows": len(decided.matches.report),
        "days": (last - first).days + 1,
        "terms": decided.matches.terms.height,
        "decisions": {action.value: count for action, count in advice.counts.items() if count},
        "totals": advice.totals.to_dicts(),
        "coverage": decided.fit.tested.coverage if decided.fit.tested else None,
        "fitted_on": str(decided.fit.fitted_on),
        "warnings": list(advice.warnings),
    } | decided.learned.told()


def _told_of(written: Written) -> Summary:
    upload = written.upload
    return {
        "to_upload": len(upload.written) if upload else 0,
        "new_bids": len(written.bids.written) if written.bids else 0,
        "refused": len(upload.refused) if upload else 0,
        "held_out": len(written.held),
        "withheld": list(written.withheld),
    }

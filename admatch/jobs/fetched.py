"""What a night fetches from Amazon for an account (``fetch_night``), and whose a run is."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from admatch.amazon.job import AmazonJob, read_amazon_job
from admatch.errors import InputError
from admatch.jobs.read import read_job
from admatch.messages import say
from admatch.progress import Progress
from admatch.tables.toml_file import parsed

HISTORY = 65  # days of search terms that Amazon actually keeps, though its documentation says 95
RESTATED = 42  # days: a window of 14, and 28 more in which orders are still corrected
_TERMS = "sp-search-terms"  # only Sponsored Products can be changed through the API
# What is read anew from its files every night: no store keeps it, so files of all months count.
_BESIDE = ("sp-purchased-products", "sp-placements", "sp-campaigns")
_NOTHING = 40  # bytes; a zipped list without rows has fewer


@dataclass(frozen=True, slots=True)
class Fetched:
    """The reports to read, the account, its marketplace, and a sentence for each one refused."""

    reports: tuple[str, ...]
    account: str
    marketplace: str
    refused: tuple[str, ...]


def fetch_night(
    amazon: AmazonJob,
    folder: Path,
    as_of: date,
    known: date | None,
    progress: Progress,
) -> Fetched:
    """Return the files of an account; days that may have changed are fetched again.

    ``known`` is the last day that is known already. Without it, everything that Amazon keeps is
    fetched. Reports beside search terms are returned with their files of earlier nights: a night
    that lacked months which the one before had would decide anew about the same days. A kind of
    them that Amazon does not make stops no night.
    """
    from admatch.amazon.fetch import fetch_files  # imports httpx, which is an extra
    from admatch.amazon.report_kinds import Span, find_report_kinds

    first = as_of - timedelta(days=HISTORY)
    if known is not None:
        first = max(first, min(known, as_of) - timedelta(days=RESTATED))
    span = Span(first, as_of - timedelta(days=1))
    kinds = find_report_kinds([_TERMS, *_BESIDE])
    done = fetch_files(amazon, kinds, span, folder, as_of=as_of, spare=_BESIDE, progress=progress)
    earlier = (path for kind in _BESIDE for path in sorted(folder.glob(f"{kind}_*.json.gz")))
    every = dict.fromkeys((*done.reports, *earlier))
    reports = (path for path in every if path.stat().st_size > _NOTHING)
    return Fetched(tuple(map(str, reports)), str(done.account), done.profile.country, done.refused)


def amazon_of_run(job_file: Path, run: Path) -> AmazonJob:
    """Return the Amazon settings for a run: those of its account, else those of the job's [amazon].

    A run is an account's where it lies in the account's folder. Raises ``InputError`` where the job
    has no settings for it, and where it may be any of several accounts', such as a copied run.
    """
    if "account" not in parsed(job_file):
        return read_amazon_job(job_file)
    job, place = read_job(job_file), run.resolve()
    for account in job.accounts:
        if place.is_relative_to(job.folder_of(account.name).resolve()):
            if account.amazon is None:
                raise InputError(say("jobs.night.run_without_amazon", account=account.name))
            return account.amazon
    settings = {account.amazon for account in job.accounts}
    if settings == {None}:
        return read_amazon_job(job_file)
    only = settings.pop()
    if settings or only is None:
        raise InputError(say("jobs.night.run_of_nobody", run=run.name, folder=str(job.out)))
    return only

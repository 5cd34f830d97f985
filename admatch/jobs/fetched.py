"""What a night asks of Amazon for an account: ``fetch_night``; and whom its runs are about."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from admatch.amazon.job import AmazonJob, read_amazon_job
from admatch.jobs.read import read_job
from admatch.progress import Progress
from admatch.tables.toml_file import parsed

HISTORY = 65  # days that Amazon was seen to keep of search terms, though its pages say 95
RESTATED = 42  # days: a window of 14, and the 28 for which orders are corrected after it
_KIND = "sp-search-terms"  # what can be changed through the API is Sponsored Products
_NOTHING = 40  # bytes; a zipped list of no row has fewer


@dataclass(frozen=True, slots=True)
class Fetched:
    """The reports to read, the account, its marketplace, and a sentence for each not given."""

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
    """Return the files of an account, those of days that may have changed fetched anew.

    ``known`` is the last day that is told already; without it all is fetched that Amazon keeps.
    """
    from admatch.amazon.fetch import fetch_files  # brings httpx along, which is an extra
    from admatch.amazon.report_kinds import Span, find_report_kinds

    first = as_of - timedelta(days=HISTORY)
    if known is not None:
        first = max(first, min(known, as_of) - timedelta(days=RESTATED))
    span = Span(first, as_of - timedelta(days=1))
    kinds = find_report_kinds([_KIND])
    done = fetch_files(amazon, kinds, span, folder, as_of=as_of, progress=progress)
    reports = (path for path in done.reports if path.stat().st_size > _NOTHING)
    return Fetched(tuple(map(str, reports)), str(done.account), done.profile.country, done.refused)


def amazon_of_run(job_file: Path, run: Path) -> AmazonJob:
    """Return what may be done with a run: as its account says, else as the job's [amazon] does.

    Raises ``InputError`` where the job says nothing of Amazon.
    """
    if "account" in parsed(job_file):
        job = read_job(job_file)
        for ask in job.accounts:
            if ask.amazon and run.resolve().is_relative_to(job.folder_of(ask.name)):
                return ask.amazon
    return read_amazon_job(job_file)

"""``admatch fetch``: reports and the account from Amazon, as files that the other verbs read."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from admatch.cli.console import plain, stderr, stdout
from admatch.cli.progress import progress_bars
from admatch.errors import InputError
from admatch.messages import say

_DAYS = 65  # of search terms that Amazon actually keeps, though its documentation says 95


def fetch(
    job: Annotated[Path, typer.Argument(metavar="JOB", help=r"A job's TOML file, with \[amazon].")],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the files go.")],
    report: Annotated[
        list[str] | None,
        typer.Option("--report", metavar="NAME", help="Only this report. Repeatable."),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First day: 2026-01-01.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last day; else yesterday.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Treat this day as today.")
    ] = None,
) -> None:
    """Fetch reports and the account from Amazon's Ads API, month by month.

    Writes a file per report and month, and account.json with campaigns, products, keywords and
    negatives, for `admatch recommend --account`. Run again after a stop, it requests nothing
    twice. For example:

    $ admatch fetch job.toml --out amazon --from 2026-01-01
    """
    from admatch.amazon.fetch import fetch_files
    from admatch.amazon.job import read_amazon_job
    from admatch.amazon.report_kinds import Span, find_report_kinds

    today = _day(as_of) or date.today()
    kinds = find_report_kinds(report)
    until = _day(last) or today - timedelta(days=1)
    span = Span(_day(first) or until - timedelta(days=_DAYS - 1), until)
    if span.first > span.last:
        raise InputError(say("cli.fetch.no_days", first=str(span.first), last=str(span.last)))
    with progress_bars() as progress:
        done = fetch_files(read_amazon_job(job), kinds, span, out, as_of=today, progress=progress)
    for sentence in (*done.notes, *done.refused):
        stderr().print(plain(sentence, "yellow"), soft_wrap=True)
    for path in (*done.reports, done.account):
        stdout().print(plain(str(path)), soft_wrap=True)
    if done.refused:
        raise typer.Exit(1)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise InputError(say("cli.fetch.no_date", value=text or "")) from None

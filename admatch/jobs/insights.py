"""Amazon's other reports among a job's files: which they are, and what they say up to a day."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from admatch.jobs.sources import Source
from admatch.reports.insights.reader import is_insight, read_insights
from admatch.reports.insights.records import Insights


def parted(sources: Sequence[Source], known: Collection[str]) -> tuple[list[Source], list[Source]]:
    """Return the search-term reports and the other reports; ``known`` digests are of the former."""
    other = [one for one in sources if one.digest not in known and is_insight(one.path)]
    return [one for one in sources if one not in other], other


def insights_until(sources: Sequence[Source], currency: str | None, day: date) -> Insights | None:
    """Return what the reports say of periods that ended by ``day``; None without any.

    Rows without days are not used: nothing says when they were known.
    """
    if not sources:
        return None
    found = read_insights([one.path for one in sources], currency=currency)
    frames = {kind: frame.filter(pl.col("end_date") <= day) for kind, frame in found.frames.items()}
    return replace(found, frames=frames)


def digest_of(insights: Insights) -> str:
    """Return a hash of what the reports say, whatever their files are called.

    Amazon zips the same rows anew for every request.
    """
    found = hashlib.sha256()
    for kind, frame in sorted(insights.frames.items()):
        found.update(f"{kind}\n{frame.drop('file', 'row').write_csv()}".encode())
    return found.hexdigest()

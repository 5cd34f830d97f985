"""The rows of reports, by day and file: ``add_report`` and ``facts_until``."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from admatch.errors import InputError
from admatch.messages import say
from admatch.reports.records import REPORT_SCHEMA, Granularity, SearchTermReport
from admatch.store.workspace import Row, Transaction, now

_UNIT = ("currency", "campaign", "start_date", "end_date")


@dataclass(frozen=True, slots=True)
class Added:
    """What a file added: new rows, rows that replaced others, rows left out.

    ``corrected`` rows of earlier files were replaced by rows of this one. ``left_out`` rows of this
    one are of days that a newer file already covers.
    """

    rows: int
    corrected: int
    left_out: int


def known_files(transaction: Transaction, account: str) -> set[str]:
    """Return the digests of the files that were read for an account."""
    rows = transaction.run("SELECT digest FROM fact_files WHERE account = ?", [account])
    return {row["digest"] for row in rows}


def add_report(
    transaction: Transaction, account: str, digest: str, file: str, report: SearchTermReport
) -> Added:
    """Store the rows of one file; a newer file replaces a campaign's day.

    The newer file is the one whose last day is later, else the one that was added later, so the
    order in which files are added does not matter. Raises ``InputError`` for rows without dates,
    and for periods that overlap those of other files without being equal.
    """
    frame = report.frame
    if frame["start_date"].null_count() or frame["end_date"].null_count():
        raise InputError(say("jobs.facts.no_dates", file=file))
    if report.period is None:
        return Added(0, 0, 0)
    first, last = report.period
    file_id = _next_id(transaction)
    ours = frame.select(_UNIT).unique()
    theirs = transaction.frame(_MET, [account, last, first])
    _check_overlaps(ours, theirs, file)
    same = ours.join(theirs, on=list(_UNIT), how="inner", nulls_equal=True)
    older = same.filter(pl.col("last_day") <= last)
    newer = same.filter(pl.col("last_day") > last)
    corrected = _delete(transaction, account, older)
    added = frame.join(newer, on=list(_UNIT), how="anti", nulls_equal=True)
    transaction.run(
        "INSERT INTO fact_files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [file_id, account, digest, file, frame.height, first, last, report.window_days,
         report.granularity.value, now()],
    )  # fmt: skip
    named = (pl.lit(account).alias("account"), pl.lit(file_id).alias("file_id"))
    transaction.append("facts", added.select(*named, *REPORT_SCHEMA))
    return Added(added.height - corrected, corrected, frame.height - added.height)


def facts_until(transaction: Transaction, account: str, day: date | None) -> SearchTermReport:
    """Return what is known of an account's days up to ``day``, as one report."""
    columns = ", ".join(f'"{name}"' for name in REPORT_SCHEMA)
    frame = transaction.frame(
        f"SELECT {columns} FROM facts WHERE account = ? AND end_date <= coalesce(?, end_date)"
        ' ORDER BY file_id, "row", file',
        [account, day],
    )
    files = transaction.run(
        "SELECT * FROM fact_files WHERE account = ? AND id IN"
        " (SELECT DISTINCT file_id FROM facts WHERE account = ?) ORDER BY id",
        [account, account],
    )
    windows = {file["window_days"] for file in files}
    daily = all(file["granularity"] == Granularity.DAILY for file in files)
    return SearchTermReport(
        frame=frame.cast(pl.Schema(REPORT_SCHEMA)),
        sources=tuple(Path(file["place"]) for file in files),
        granularity=Granularity.DAILY if daily else Granularity.SUMMARY,
        window_days=windows.pop() if len(windows) == 1 else None,
    )


def state_of(transaction: Transaction, account: str, day: date | None) -> list[list[str]]:
    """Return what identifies the facts that ``facts_until`` returns: files in order, and the day.

    The day is included only if it excludes facts.
    """
    files = transaction.run(
        "SELECT digest, last_day FROM fact_files WHERE account = ? ORDER BY id", [account]
    )
    newest = max((file["last_day"] for file in files), default=None)
    cut = day is not None and newest is not None and newest > day
    return [[file["digest"] for file in files], [str(day)] if cut else []]


def last_day(transaction: Transaction, account: str) -> date | None:
    """Return the last day in any file of an account, or None."""
    row = transaction.row(
        "SELECT max(last_day) AS day FROM fact_files WHERE account = ?", [account]
    )
    return row["day"] if row else None


def files_of(transaction: Transaction, account: str) -> list[Row]:
    """Return the files read for an account, with the number of rows that still count."""
    return transaction.run(
        "SELECT fact_files.*, (SELECT count(*) FROM facts WHERE file_id = id) AS standing"
        " FROM fact_files WHERE account = ? ORDER BY id",
        [account],
    )


_MET = """
SELECT DISTINCT currency, campaign, start_date, end_date, last_day, place
FROM facts JOIN fact_files ON fact_files.id = file_id
WHERE facts.account = ? AND start_date <= ? AND end_date >= ?
"""


def _next_id(transaction: Transaction) -> int:
    row = transaction.row("SELECT coalesce(max(id), 0) + 1 AS id FROM fact_files")
    return int(row["id"]) if row else 1


def _check_overlaps(ours: pl.DataFrame, theirs: pl.DataFrame, file: str) -> None:
    """Raise if periods of a campaign overlap in part, as days would count twice."""
    if all((one["start_date"] == one["end_date"]).all() for one in (ours, theirs)):
        return
    both = ours.join(
        theirs, on=["currency", "campaign"], how="inner", nulls_equal=True, suffix="_there"
    )
    meet = (pl.col("start_date") <= pl.col("end_date_there")) & (
        pl.col("start_date_there") <= pl.col("end_date")
    )
    equal = (pl.col("start_date") == pl.col("start_date_there")) & (
        pl.col("end_date") == pl.col("end_date_there")
    )
    wrong = both.filter(meet & ~equal).sort("start_date", "start_date_there")
    if wrong.height:
        row = wrong.row(0, named=True)
        raise InputError(
            say(
                "jobs.facts.overlap",
                file=file,
                first=str(row["start_date"]),
                last=str(row["end_date"]),
                other=row["place"],
                other_first=str(row["start_date_there"]),
                other_last=str(row["end_date_there"]),
                campaign=str(row["campaign"]),
            )
        )


def _delete(transaction: Transaction, account: str, units: pl.DataFrame) -> int:
    """Delete the facts of some campaigns' days; return how many rows."""
    if units.is_empty():
        return 0
    transaction.run(
        "CREATE OR REPLACE TEMP TABLE gone AS"
        " SELECT account, currency, campaign, start_date, end_date FROM facts LIMIT 0"
    )
    transaction.append("gone", units.select(_UNIT).with_columns(account=pl.lit(account)))
    deleted = transaction.row(
        "DELETE FROM facts USING gone WHERE facts.account = gone.account"
        " AND facts.start_date = gone.start_date AND facts.end_date = gone.end_date"
        " AND facts.currency IS NOT DISTINCT FROM gone.currency"
        " AND facts.campaign IS NOT DISTINCT FROM gone.campaign"
    )
    return int(deleted["Count"]) if deleted else 0

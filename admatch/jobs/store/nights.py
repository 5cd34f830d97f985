"""The nights of jobs, done and failed, and what they decided, wrote and proposed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from admatch.pipeline.records import CHANGING, Entry
from admatch.store.workspace import Row, Transaction, now


@dataclass(frozen=True, slots=True)
class Night:
    """One night of one account; ``id`` is a hash of everything that it depends on."""

    id: str
    account: str
    job: str
    as_of: date
    folder: Path
    inputs: Mapping[str, Any]
    summary: Mapping[str, Any]


def record_night(
    transaction: Transaction,
    night: Night,
    decided: pl.DataFrame,
    entries: Sequence[Entry],
    files: Mapping[str, str],
    held: Sequence[Entry] = (),
) -> None:
    """Store a night: what was decided, proposed and written (name → digest).

    ``held`` are proposals that were held out of the files; they are numbered last.

    A night of the same id is replaced, but its proposals keep the days on which they were seen
    and undone.
    """
    days = {
        row["number"]: (row["seen_on"], row["undone_on"])
        for row in transaction.run(
            "SELECT number, seen_on, undone_on FROM proposals WHERE night_id = ?", [night.id]
        )
    }
    _forget(transaction, night.id)
    transaction.run(
        "INSERT INTO nights VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [night.id, night.account, night.job, night.as_of, str(night.folder),
         json.dumps(night.inputs), json.dumps(night.summary), now()],
    )  # fmt: skip
    changing = decided.filter(pl.col("action").is_in([one.value for one in CHANGING]))
    named = pl.lit(night.id).alias("night_id")
    transaction.append(
        "recommendations", changing.with_row_index("number").select(named, "number", *_DECIDED)
    )
    transaction.run_many(
        "INSERT INTO proposals (night_id, number, account, proposed_on, change, inverse, seen_on,"
        " undone_on, held) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (night.id, number, night.account, night.as_of, _json(entry.change),
             _json(entry.inverse), *days.get(number, (None, None)), number >= len(entries))
            for number, entry in enumerate([*entries, *held])
        ],
    )  # fmt: skip
    transaction.run_many(
        "INSERT INTO exports VALUES (?, ?, ?)",
        [(night.id, name, digest) for name, digest in files.items()],
    )


def record_failure(
    transaction: Transaction, account: str, job: str, as_of: date, reason: str
) -> None:
    """Store that a night failed, and why."""
    transaction.run(
        "INSERT INTO failed_nights VALUES (?, ?, ?, ?, ?)", [account, job, as_of, reason, now()]
    )


def find_night(transaction: Transaction, night_id: str) -> Row | None:
    """Return a night with its ``files`` (name → digest), or None."""
    row = transaction.row("SELECT * FROM nights WHERE id = ?", [night_id])
    return row and _read(transaction, row)


def night_of_day(transaction: Transaction, account: str, as_of: date) -> Row | None:
    """Return the last night of an account and day, or None."""
    row = transaction.row(
        "SELECT * FROM nights WHERE account = ? AND as_of = ? ORDER BY ended DESC, id LIMIT 1",
        [account, as_of],
    )
    return row and _read(transaction, row)


def day_before(transaction: Transaction, account: str, as_of: date) -> date | None:
    """Return the last day before ``as_of`` on which an account was done, or None."""
    row = transaction.row(
        "SELECT max(as_of) AS day FROM nights WHERE account = ? AND as_of < ?", [account, as_of]
    )
    day = row["day"] if row else None
    return day if isinstance(day, date) else None


def last_night(transaction: Transaction, account: str) -> Row | None:
    """Return the last night of an account, or None."""
    row = transaction.row(
        "SELECT * FROM nights WHERE account = ? ORDER BY as_of DESC, ended DESC, id LIMIT 1",
        [account],
    )
    return row and _read(transaction, row)


def nights_of(transaction: Transaction, account: str | None = None) -> list[Row]:
    """Return the nights of one account or of all, done and failed, the newest first.

    Failed nights have ``reason``; the others have ``summary`` and ``folder``.
    """
    rows = transaction.run(
        "SELECT id, account, job, as_of, folder, summary, NULL AS reason, ended FROM nights"
        " WHERE account = coalesce(?, account) UNION ALL"
        " SELECT NULL, account, job, as_of, NULL, NULL, reason, ended FROM failed_nights"
        " WHERE account = coalesce(?, account) ORDER BY ended DESC, account",
        [account, account],
    )
    return [row | {"summary": json.loads(row["summary"] or "null")} for row in rows]


_DECIDED = (
    *("campaign", "ad_group", "search_term", "targeting", "match_type", "phrase", "action"),
    *("chosen", "clicks", "orders", "spend_freed", "sales_at_risk", "reason"),
)


def _forget(transaction: Transaction, night_id: str) -> None:
    for table in ("recommendations", "proposals", "exports"):
        transaction.run(f"DELETE FROM {table} WHERE night_id = ?", [night_id])
    transaction.run("DELETE FROM nights WHERE id = ?", [night_id])


def _read(transaction: Transaction, row: Row) -> Row:
    files = transaction.run("SELECT name, digest FROM exports WHERE night_id = ?", [row["id"]])
    return row | {
        "summary": json.loads(row["summary"]),
        "inputs": json.loads(row["inputs"]),
        "files": {file["name"]: file["digest"] for file in files},
    }


def _json(change: Any) -> str:  # noqa: ANN401 - a Change
    return json.dumps(asdict(change), ensure_ascii=False)

"""One night on the screen: its decisions with verdicts, and what became of its changes."""

import json
from typing import TYPE_CHECKING, Any

from admatch.cli.console import Format, new_table, print_csv, print_json, short, stdout
from admatch.errors import InputError
from admatch.messages import say

if TYPE_CHECKING:
    from admatch.jobs.records import Job
    from admatch.store.workspace import Transaction, Workspace

_DECISION = ("account", "number", "action", "text", "campaign", "ad_group", "chosen")
_CHANGE = ("account", "change", "text", "campaign", "ad_group", "bid")


def check_account(job: "Job", account: str | None) -> None:
    """Raise ``InputError`` if the job has no account of this name."""
    if account and account not in [one.name for one in job.accounts]:
        names = ", ".join(one.name for one in job.accounts)
        raise InputError(say("cli.job.no_account", account=account, names=names))


def show_details(workspace: "Workspace", job: "Job", account: str | None, format: Format) -> None:
    """Print the last night of each account, or of one."""
    check_account(job, account)
    named = [one.name for one in job.accounts if account in (None, one.name)]
    with workspace.writing() as transaction:
        decisions = [row for name in named for row in _decisions(transaction, name)]
        changes = [row for name in named for row in _changes(transaction, name)]
    if format is Format.JSON:
        print_json({"decisions": decisions, "changes": changes})
    elif format is Format.CSV:
        import polars as pl

        print_csv(pl.DataFrame(decisions, infer_schema_length=None))
    else:
        _print(decisions, (*_DECISION, "verdict", "decided_by", "note"))
        _print(changes, (*_CHANGE, "held out", "seen_on", "applied", "rolled back"))


def _decisions(transaction: "Transaction", account: str) -> list[dict[str, Any]]:
    from admatch.jobs.store.judgements import decisions_of
    from admatch.jobs.store.nights import last_night

    night = last_night(transaction, account)
    rows = decisions_of(transaction, account, night["id"]) if night else []
    return [{"account": account} | row | {"decided_at": _text(row["decided_at"])} for row in rows]


def _changes(transaction: "Transaction", account: str) -> list[dict[str, Any]]:
    from admatch.jobs.store.applied import applied_of
    from admatch.jobs.store.nights import last_night
    from admatch.jobs.store.proposals import proposals_of

    night = last_night(transaction, account)
    if night is None:
        return []
    ends: dict[int, dict[str, str]] = {}
    for row in applied_of(transaction, night["id"]):
        note = row["told"]  # the name of the column
        end = f"{row['outcome']}: {note}" if note else row["outcome"]
        ends.setdefault(row["number"], {})[row["what"]] = end
    return [
        _change(account, row) | {"applied": None, "rolled back": None} | ends.get(row["number"], {})
        for row in proposals_of(transaction, night["id"])
    ]


def _change(account: str, row: dict[str, Any]) -> dict[str, Any]:
    change = json.loads(row["change"])
    kind = f"{change['operation']} {change['entity']} {change['match_type'] or ''}".strip().lower()
    return {
        "account": account,
        "number": row["number"],
        "change": kind,
        "text": change["text"],
        "campaign": change["place"]["campaign"],
        "ad_group": change["place"]["ad_group"],
        "bid": change["bid"],
        "held out": row["held"],
        "seen_on": _text(row["seen_on"]),
    }


def _print(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    table = new_table(*(name.replace("_", " ") for name in columns), numbers=("number", "bid"))
    for row in rows:
        table.add_row(*(short(_text(row[name]) or "") for name in columns))
    stdout().print(table)


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)

"""All accounts of a job at a glance: ``overview_lines``."""

from typing import Any

from admatch.jobs.records import Job
from admatch.jobs.store.nights import last_night
from admatch.store.workspace import Row, Transaction, Workspace

DAYS = 28  # that are compared with as many before them
# Days are counted back from the last one of each account's reports.
_SUMS = """
SELECT f.currency,
    sum(spend) FILTER (end_date > l.day - $days) AS spend,
    sum(sales) FILTER (end_date > l.day - $days) AS sales,
    sum(spend) FILTER (end_date <= l.day - $days) AS spend_before,
    sum(sales) FILTER (end_date <= l.day - $days) AS sales_before,
    max(l.day) AS last_day
FROM facts f, (SELECT max(end_date) AS day FROM facts WHERE account = $account) l
WHERE account = $account AND end_date > l.day - 2 * $days
GROUP BY f.currency ORDER BY f.currency
"""


def overview_lines(workspace: Workspace, job: Job) -> list[dict[str, Any]]:
    """Return a line for each account and currency, in the order of the job.

    Spend, sales and ACOS are those of the last ``DAYS`` days of its reports, and of as many days
    before. ACOS is None without sales. An account that never was done has a line of its own.
    """
    lines = []
    with workspace.writing() as transaction:
        for account in job.accounts:
            night = last_night(transaction, account.name) or {}
            failed = _failure_since(transaction, account.name, night)
            sums = transaction.run(
                _SUMS.replace("$days", str(DAYS)).replace("$account", "?"),
                [account.name, account.name],
            )
            about = _about(job, account.name, account.options.target_acos, night, failed)
            lines += [about | _figures(row) for row in sums or [{}]]
    return lines


def _about(job: Job, account: str, target: float, night: Row, failed: str | None) -> dict[str, Any]:
    summary = night.get("summary") or {}
    return {
        "job": job.name,
        "account": account,
        "night": None if not night else str(night["as_of"]),
        "failed": failed,
        "target_acos": target,
        "to_upload": summary.get("to_upload"),
        "alerts": [one["text"] for one in summary.get("alerts", ())],
    }


def _figures(row: Row) -> dict[str, Any]:
    spend, sales, last = row.get("spend"), row.get("sales"), row.get("last_day")
    before = row.get("spend_before"), row.get("sales_before")
    return {
        "currency": row.get("currency"),
        "last_day": None if last is None else str(last),
        "spend": spend,
        "sales": sales,
        "acos": _acos(spend, sales),
        "spend_before": before[0],
        "acos_before": _acos(*before),
    }


def _acos(spend: float | None, sales: float | None) -> float | None:
    return spend / sales if spend is not None and sales else None


def _failure_since(transaction: Transaction, account: str, night: Row) -> str | None:
    """Return why an account failed since it was last done, if it did."""
    row = transaction.row(
        "SELECT reason FROM failed_nights WHERE account = ? AND (ended > ? OR ? IS NULL)"
        " ORDER BY ended DESC LIMIT 1",
        [account, night.get("ended"), night.get("ended")],
    )
    return None if row is None else str(row["reason"])

"""People's verdicts on a job's decisions: ``Judgement``."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta

import polars as pl

from admatch.errors import InputError
from admatch.jobs.store.proposals import FLIP_DAYS
from admatch.messages import say
from admatch.pipeline.records import LEVERS, REJECTED, Action
from admatch.store.verdict import Verdict
from admatch.store.workspace import Row, Transaction

_FEWEST = 10  # clicks after a rejection before it may lapse


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict on one decision; ``text`` is its term, phrase or target, in lower case.

    ``decided_at`` is in UTC, without a time zone.
    """

    campaign: str | None
    ad_group: str | None
    text: str
    action: str
    verdict: str
    note: str | None
    decided_by: str
    decided_at: datetime


def add_judgements(transaction: Transaction, account: str, given: Sequence[Judgement]) -> int:
    """Store verdicts on an account's decisions; return how many were new."""
    rows = transaction.run("SELECT * FROM judgements WHERE account = ?", [account])
    known = {tuple(_plain(one) for name, one in row.items() if name != "account") for row in rows}
    new = [one for one in dict.fromkeys(given) if astuple(one) not in known]
    transaction.run_many(
        "INSERT INTO judgements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(account, *astuple(one)) for one in new],
    )
    return len(new)


def judge_decisions(
    transaction: Transaction,
    account: str,
    night_id: str,
    numbers: Sequence[int],
    verdict: Verdict,
    note: str | None,
    decided_by: str,
    moment: datetime,
) -> None:
    """Store a verdict on decisions of a night; raises ``InputError`` for an unknown number."""
    decided = {row["number"]: row for row in decisions_of(transaction, account, night_id)}
    for number in numbers:
        if number not in decided:
            raise InputError(say("jobs.verdict.no_decision", account=account, number=str(number)))
    given = [
        Judgement(
            row["campaign"], row["ad_group"], row["text"], row["action"], verdict.value, note,
            decided_by, moment,
        )
        for row in (decided[number] for number in numbers)
    ]  # fmt: skip
    add_judgements(transaction, account, given)


def decisions_of(transaction: Transaction, account: str, night_id: str) -> list[Row]:
    """Return a night's decisions that change something, each with its last verdict.

    A row has ``number``, ``action``, ``campaign``, ``ad_group``, ``text``, ``chosen``, ``reason``,
    and, if there is a verdict, ``verdict``, ``note``, ``decided_by`` and ``decided_at``.
    """
    return transaction.run(_DECIDED, [account, night_id])


def rejected(transaction: Transaction, account: str, day: date) -> pl.DataFrame:
    """Return what is rejected as of ``day``, with the columns of ``REJECTED``.

    A rejection holds for ``FLIP_DAYS``. It lapses earlier once at least ten clicks, and half as
    many as before it, have come since.
    """
    values = [account, day, day - timedelta(days=FLIP_DAYS), account, day, _FEWEST]
    return transaction.frame(_REJECTED, values).select(list(REJECTED)).cast(pl.Schema(REJECTED))


_BIDS = ", ".join(f"'{one.value}'" for one in LEVERS)
_PHRASE = f"'{Action.NEGATE_PHRASE.value}'"
_TEXT = f"""lower(CASE WHEN action = {_PHRASE} THEN phrase WHEN action IN ({_BIDS}) THEN targeting
    ELSE search_term END)"""
_KEY = "campaign, ad_group, text, action"

_DECIDED = f"""
WITH last AS (
    SELECT * FROM judgements WHERE account = ?
    QUALIFY row_number() OVER (PARTITION BY {_KEY} ORDER BY decided_at DESC) = 1
), decided AS (
    SELECT *, {_TEXT} AS text FROM recommendations WHERE night_id = ?
)
SELECT decided.number, decided.action, decided.campaign, decided.ad_group, decided.text, chosen,
    reason, verdict, note, decided_by, decided_at
FROM decided LEFT JOIN last ON last.action = decided.action AND last.text = decided.text
    AND last.campaign IS NOT DISTINCT FROM decided.campaign
    AND last.ad_group IS NOT DISTINCT FROM decided.ad_group
ORDER BY number
"""

_REJECTED = f"""
WITH said AS (
    SELECT * FROM judgements WHERE account = ? AND decided_at::DATE <= ? AND decided_at::DATE > ?
    QUALIFY row_number() OVER (PARTITION BY {_KEY} ORDER BY decided_at DESC) = 1
), held AS (
    SELECT * FROM said WHERE verdict = 'rejected'
), seen AS (
    SELECT campaign, ad_group, lower(search_term) AS term, lower(targeting) AS target,
        start_date AS day, clicks
    FROM facts WHERE account = ? AND start_date <= ?
), met AS (
    SELECT held.*, day, clicks FROM held JOIN seen ON held.campaign = seen.campaign
        AND held.ad_group IS NOT DISTINCT FROM seen.ad_group AND text = term
        WHERE action NOT IN ({_PHRASE}, {_BIDS})
    UNION ALL
    SELECT held.*, day, clicks FROM held JOIN seen ON held.campaign = seen.campaign
        AND held.ad_group IS NOT DISTINCT FROM seen.ad_group AND text = target
        WHERE action IN ({_BIDS})
    UNION ALL
    SELECT held.*, day, clicks FROM held JOIN seen ON held.campaign = seen.campaign
        AND held.ad_group IS NOT DISTINCT FROM seen.ad_group
        AND contains(' ' || term || ' ', ' ' || text || ' ')
        WHERE action = {_PHRASE}
), counted AS (
    SELECT {_KEY}, coalesce(sum(clicks) FILTER (day <= decided_at::DATE), 0) AS before,
        coalesce(sum(clicks) FILTER (day > decided_at::DATE), 0) AS since
    FROM met GROUP BY ALL
)
SELECT held.* FROM held LEFT JOIN counted
    ON held.action = counted.action AND held.text = counted.text
    AND held.campaign IS NOT DISTINCT FROM counted.campaign
    AND held.ad_group IS NOT DISTINCT FROM counted.ad_group
WHERE NOT coalesce(since >= ? AND 2 * since >= before, FALSE)
ORDER BY held.campaign, held.ad_group, held.text, held.action
"""


def _plain(value: object) -> object:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value

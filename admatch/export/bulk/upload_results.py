"""Amazon's report on an uploaded bulk sheet: which changes failed, why, and what to try again."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from admatch.errors import InputError
from admatch.export.bulk.marketplace import Marketplace, find_marketplace
from admatch.export.bulk.rows import cells, workbook
from admatch.impact.changes import Change
from admatch.messages import Message, say
from admatch.tables.reader import read_tables

_KEYS = ("Entity", "Operation", "Campaign ID", "Ad Group ID", "Keyword ID",
         "Product Targeting ID", "Keyword Text", "Product Targeting Expression",
         "Match Type")  # fmt: skip
_STATUS = re.compile(r"status|result$|^result|outcome", re.IGNORECASE)
_REASON = re.compile(r"error|reason|message|issue|comment|detail", re.IGNORECASE)
_FAILED = re.compile(r"fail|error|reject|invalid|not processed|skipped", re.IGNORECASE)
_FINE = re.compile(r"success|processed|updated|created|complete|ok|accepted", re.IGNORECASE)
_PASSING = re.compile(r"internal|try again|timeout|timed out|throttl|temporar|unavailable", re.I)
_BID = re.compile(r"\bbid\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A change that Amazon did not make: its row in the uploaded sheet, and Amazon's words.

    ``again`` is the change as it can be uploaded once more; None where ``remedy`` says otherwise.
    """

    row: int
    change: Change
    why: str
    again: Change | None
    remedy: Message


@dataclass(frozen=True, slots=True)
class UploadResults:
    """What became of an upload: changes made and failed, the mended sheet, what undoes the rest.

    ``known`` counts the reported rows that are changes of this export.
    """

    known: int
    made: int
    failed: tuple[FailedRow, ...]
    mended: bytes | None
    inverse: bytes


def read_upload_results(path: Path, manifest: Mapping[str, Any], name: str) -> UploadResults:
    """Return what Amazon's report ``path`` says about the export of a manifest.

    Rows are found by what they change, else by their number. Raises ``InputError`` where the file
    has no column that says what became of a row, or is about other changes.
    """
    market = find_marketplace(manifest["marketplace"])
    lines: Sequence[Mapping[str, Any]] = manifest["changes"]
    told = _told(path, name)
    by_key = {_key(cells(line["change"])): line for line in lines}
    by_row = {line["row"]: line for line in lines}
    failed: dict[int, FailedRow] = {}
    known = 0
    for number, row, why in told:
        line = by_key.get(_key(row)) or (by_row.get(number) if not _named(row) else None)
        if line is None:
            continue
        known += 1
        if why is not None:
            failed[line["row"]] = _failed(line, why, market)
    if not known:
        raise InputError(say("export.results.other", file=name))
    again = [one.again for one in failed.values() if one.again is not None]
    made = (line for line in lines if line["row"] not in failed)
    undone = [line["inverse"] for line in made if not line.get("undone_above")]
    return UploadResults(
        known,
        len(lines) - len(failed),
        tuple(failed[number] for number in sorted(failed)),
        workbook((cells(one) for one in again), market.decimals) if again else None,
        workbook((cells(one) for one in undone), market.decimals),
    )


def _told(path: Path, name: str) -> list[tuple[int, dict[str, str], str | None]]:
    """Return each reported row: its number, its cells by header, and why it failed, if it did."""
    found: list[tuple[int, dict[str, str], str | None]] = []
    columns = False
    for table in read_tables(path):
        frame = table.frame
        headers = [str(one or "").strip() for one in table.header]
        if not {"Entity", "Operation"} <= set(headers):
            continue
        status = [at for at, one in enumerate(headers) if _STATUS.search(one)]
        reasons = [at for at, one in enumerate(headers) if _REASON.search(one) and at not in status]
        columns = columns or bool(status or reasons)
        for number, values in zip(table.frame_rows.to_list(), frame.iter_rows(), strict=True):
            row = {one: str(values[at]) for at, one in enumerate(headers) if values[at] is not None}
            found.append((number, row, _why(values, status, reasons)))
    if not columns:
        raise InputError(say("export.results.no_column", file=name))
    return found


def _why(values: Sequence[Any], status: Sequence[int], reasons: Sequence[int]) -> str | None:
    """Return Amazon's reason against a row, or None where it was made."""
    states = [str(values[at]) for at in status if values[at] is not None]
    said = " ".join(str(values[at]) for at in reasons if values[at] is not None)
    if any(_FAILED.search(one) for one in states):
        return said or " ".join(states)
    if any(_FINE.search(one) for one in states):
        return None
    return said or None


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row.get(one) or "").strip().lower() for one in _KEYS)


def _named(row: Mapping[str, Any]) -> bool:
    """Return whether a row says what it changes; one that does is not another by its number."""
    return any(row.get(one) for one in ("Campaign ID", "Ad Group ID", "Keyword Text"))


def _failed(line: Mapping[str, Any], why: str, market: Marketplace) -> FailedRow:
    change: Change = line["change"]
    if _PASSING.search(why):
        return FailedRow(line["row"], change, why, change, say("export.results.again"))
    if _BID.search(why) and change.bid is not None:
        bid = market.rounded(min(max(change.bid, market.lowest), market.highest))
        if bid != change.bid:
            remedy = say("export.results.bid", bid=market.format_bid(bid))
            return FailedRow(line["row"], change, why, replace(change, bid=bid), remedy)
    return FailedRow(line["row"], change, why, None, say("export.results.left"))

"""Reports asked for, waited for and saved, through any stop: ``fetch_reports``."""

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from admatch.amazon.client import AdsClient
from admatch.amazon.failures import AmazonError, Declined
from admatch.amazon.journal import Journal, Record, open_journal
from admatch.amazon.report_kinds import ReportKind, Span
from admatch.progress import Progress, silent
from admatch.tables.atomic import replacing

JOURNAL = "requests.jsonl"
_MEDIA = "application/vnd.createasyncreportrequest.v3+json"
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FIRST_WAIT, _LONGEST_WAIT = 5.0, 120.0  # seconds between two questions for a report
_PATIENCE = 4 * 3600.0  # seconds; Amazon takes up to three hours
_REPORTS = 3  # asked for of the same days, where Amazon fails to make them
_DOWNLOADS = 6  # of the same report: broken off, or its address expired


@dataclass(frozen=True, slots=True)
class Fetched:
    """The files of the reports, and a sentence for each that Amazon did not give."""

    files: tuple[Path, ...]
    refused: tuple[str, ...]


@dataclass(slots=True)
class _Request:
    """One report: what is asked for, and how far it is."""

    kind: ReportKind
    span: Span
    key: str
    name: str
    report_id: str | None = None
    tries: int = 0  # since this process began
    failed: list[str] = field(default_factory=list)
    saved: str | None = None  # hash of the file
    refused: str | None = None


def fetch_reports(
    client: AdsClient,
    kinds: Sequence[ReportKind],
    span: Span,
    folder: Path,
    *,
    as_of: date,
    progress: Progress = silent,
) -> Fetched:
    """Return the reports of these days, saved into ``folder`` as ``<kind>_<month>.json.gz``.

    All are asked for first, then waited for. What was asked for is kept in ``requests.jsonl``
    there: after a stop it is waited for, not asked for anew. A month is fetched from its first day,
    and replaces its file of an earlier day, as figures are restated; of one whose first days Amazon
    no longer has, the file that is there is left alone. Raises ``AmazonError`` where Amazon cannot
    be asked or takes too long.
    """
    with open_journal(folder / JOURNAL) as journal:
        requests = _requests(client, kinds, span, as_of)
        for request in requests:
            _recall(request, journal.records)
        work = _Fetching(client, journal, folder)
        open_ones = [one for one in requests if not work.is_done(one)]
        progress("reports", 0, len(open_ones))
        for request in open_ones:
            work.ask(request)
        for done, request in enumerate(open_ones, start=1):
            work.finish(request)
            progress("reports", done, len(open_ones))
    saved = tuple(folder / one.name for one in requests if not one.refused)
    return Fetched(saved, tuple(one.refused for one in requests if one.refused))


def _requests(
    client: AdsClient, kinds: Sequence[ReportKind], span: Span, as_of: date
) -> list[_Request]:
    found = []
    for kind in kinds:
        kept = kind.kept(span, as_of)
        for part in kept.months() if kept else ():
            key = f"{client.profile} {kind.type} {part}, as of {as_of}"
            found.append(_Request(kind, part, key, f"{kind.name}_{part.first:%Y-%m}.json.gz"))
    return found


def _recall(request: _Request, records: Sequence[Record]) -> None:
    """Set how far a request is, as the journal has it."""
    for record in records:
        if record.get("key") != request.key:
            continue
        if record["kind"] == "asked":
            request.report_id = record["report"]
        elif record["kind"] == "failed":
            request.failed.append(record["report"])
            request.report_id = None
        elif record["kind"] == "saved":
            request.saved = record["sha256"]
        elif record["kind"] == "refused":
            request.refused = record["why"]


class _Fetching:
    """Requests on their way, each step in the journal."""

    def __init__(self, client: AdsClient, journal: Journal, folder: Path) -> None:
        self._client = client
        self._journal = journal
        self._folder = folder

    def is_done(self, request: _Request) -> bool:
        """Return whether the file is there as it was saved, or Amazon never will give it."""
        path = self._folder / request.name
        if request.refused or not path.is_file():
            return request.refused is not None
        cut = request.span.first.day > 1  # the file may hold days that Amazon no longer has
        return cut or hashlib.sha256(path.read_bytes()).hexdigest() == request.saved

    def ask(self, request: _Request) -> None:
        """Ask for the report, unless that was done; Amazon names the one that is being made."""
        if request.report_id or request.refused:
            return
        request.tries += 1
        if request.tries > _REPORTS:  # another day Amazon may make it
            request.refused = f"{request.name}: Amazon failed to make it {_REPORTS} times"
            return
        self._journal.write("asking", key=request.key)
        try:
            report_id = self._ask(request)
        except Declined as error:
            request.refused = f"{request.name}: Amazon does not give it: {error}"
            self._journal.write("refused", key=request.key, why=request.refused)
            return
        self._journal.write("asked", key=request.key, report=report_id)
        request.report_id = report_id

    def finish(self, request: _Request) -> None:
        """Wait for the report and save it."""
        while not request.refused:
            state = self._wait(request)
            if state is not None:
                self._save(request, state)
                return
            self.ask(request)

    def _ask(self, request: _Request) -> str:
        body = {
            "name": f"admatch {request.kind.name} {request.span}",
            "startDate": request.span.first.isoformat(),
            "endDate": request.span.last.isoformat(),
            "configuration": request.kind.configuration(),
        }
        wait, waited = _FIRST_WAIT, 0.0
        while waited < _PATIENCE:
            try:
                told = self._client.read("POST", "/reporting/reports", body, _MEDIA).body
                return str(told["reportId"])
            except Declined as error:
                known = self._same(request, error)
                if known:
                    return known
            self._client.clock.sleep(wait)  # a like report, not this one, is being made
            waited, wait = waited + wait, min(wait * 2, _LONGEST_WAIT)
        raise AmazonError(f"Amazon makes another report like {request.name}; run this again later")

    def _same(self, request: _Request, error: Declined) -> str | None:
        """Return the report that Amazon says a request repeats, if it is of the same content.

        Amazon was seen to call a daily report a repetition of a summary.
        """
        if error.status != 425:
            raise error
        found = _ID.search(str(error))
        if found is None or found[0] in request.failed:
            return None
        state = self._state(found[0])
        wanted = request.kind.configuration()
        told = (state or {}).get("configuration") or {}
        days = [(state or {}).get("startDate"), (state or {}).get("endDate")]
        same_days = days == [request.span.first.isoformat(), request.span.last.isoformat()]
        same = all(told.get(name) == value for name, value in wanted.items() if name != "columns")
        same_columns = sorted(told.get("columns") or ()) == sorted(wanted["columns"])
        return found[0] if same_days and same and same_columns else None

    def _state(self, report_id: str) -> dict[str, Any] | None:
        """Return what Amazon says of a report; None where it knows of none."""
        try:
            told = self._client.read("GET", f"/reporting/reports/{report_id}", None, _MEDIA).body
        except Declined:
            return None
        return told if isinstance(told, dict) else None

    def _wait(self, request: _Request) -> dict[str, Any] | None:
        """Return the state of a report that is made; None where Amazon failed to make it."""
        wait, waited = _FIRST_WAIT, 0.0
        while waited <= _PATIENCE:
            state = self._state(request.report_id or "")
            status = "GONE" if state is None else state.get("status")
            if status == "COMPLETED":
                return state
            if status in ("FAILED", "CANCELLED", "GONE"):
                self._journal.write("failed", key=request.key, report=request.report_id)
                request.failed.append(request.report_id or "")
                request.report_id = None
                return None
            self._client.clock.sleep(wait)
            waited, wait = waited + wait, min(wait * 1.5, _LONGEST_WAIT)
        raise AmazonError(
            f"Amazon has not made {request.name} in {_PATIENCE / 3600:.0f} hours; run the same "
            "command again to wait on, nothing is asked for twice"
        )

    def _save(self, request: _Request, state: dict[str, Any]) -> None:
        content = self._content(request, state)
        with replacing(self._folder / request.name) as draft:
            draft.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        self._journal.write("saved", key=request.key, file=request.name, sha256=digest)
        request.saved = digest

    def _content(self, request: _Request, state: dict[str, Any]) -> bytes:
        """Return the whole file; an address that has expired is asked for again."""
        for _ in range(_DOWNLOADS):
            try:
                content = self._client.download(str(state.get("url") or ""))
                if _is_whole(content):
                    return content
            except Declined:
                state = self._state(request.report_id or "") or state
            self._client.clock.sleep(_FIRST_WAIT)
        raise AmazonError(
            f"{request.name} could not be downloaded whole in {_DOWNLOADS} attempts; run the same "
            "command again, nothing is asked for twice"
        )


def _is_whole(content: bytes) -> bool:
    """Return whether this is a gzip file, to its end, of a list."""
    try:
        return isinstance(json.loads(gzip.decompress(content)), list)
    except (OSError, EOFError, ValueError, zlib.error):
        return False

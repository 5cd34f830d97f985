"""Reports requested, waited for and saved, through any stop: ``fetch_reports``."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from admatch.amazon.client import AdsClient
from admatch.amazon.failures import AmazonError, Declined, NotMade
from admatch.amazon.journal import Journal, Record, open_journal
from admatch.amazon.report_kinds import ReportKind, Span
from admatch.amazon.report_service import ReportState
from admatch.amazon.report_services import find_report_service
from admatch.messages import as_json, from_json, say
from admatch.progress import Progress, silent
from admatch.tables.atomic import replacing

JOURNAL = "requests.jsonl"
_FIRST_WAIT, _LONGEST_WAIT = 5.0, 120.0  # seconds between two looks at a report
_PATIENCE = 4 * 3600.0  # seconds; Amazon takes up to three hours
_REPORTS = 3  # requests for the same days, where Amazon fails to make the report
_DOWNLOADS = 6  # of the same report, where one is cut off or its address has expired


@dataclass(frozen=True, slots=True)
class Fetched:
    """The report files, and a message for each report that Amazon refused."""

    files: tuple[Path, ...]
    refused: tuple[str, ...]


@dataclass(slots=True)
class _Request:
    """One report: what it covers, and how far it is."""

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
    spare: Collection[str] = (),
    progress: Progress = silent,
) -> Fetched:
    """Return the reports of a span, saved into ``folder`` as ``<kind>_<month>.json.gz``.

    All are requested first, then waited for. ``requests.jsonl`` in the folder records every
    request: after a stop, a report is waited for and not requested again. A month is fetched from
    its first day and replaces its file of an earlier day, as figures are restated; the file of a
    month whose first days Amazon no longer has is left alone. Kinds named in ``spare`` may be
    missing: they are waited for last, and where Amazon takes too long, gives no access to them or
    answers with faults only, that is told as a refusal, and the next run goes on. Raises
    ``AmazonError`` where Amazon is out of reach for another report, or takes too long with it.
    """
    with open_journal(folder / JOURNAL) as journal:
        requests = _requests(client, kinds, span, as_of)
        for request in requests:
            _recall(request, journal.records)
        work = _Fetching(client, journal, folder)
        open_ones = [one for one in requests if not work.is_done(one)]
        progress("reports", 0, len(open_ones))
        open_ones.sort(key=lambda one: one.kind.name in spare)
        excused = _Excused(spare)
        for request in open_ones:
            with excused(request):
                work.request(request)
        for done, request in enumerate(open_ones, start=1):
            with excused(request):
                work.finish(request)
            progress("reports", done, len(open_ones))
    saved = tuple(folder / one.name for one in requests if not one.refused)
    return Fetched(saved, tuple(one.refused for one in requests if one.refused))


class _Excused:
    """Spare kinds whose reports Amazon does not make are refused for now."""

    def __init__(self, spare: Collection[str]) -> None:
        self._spare = spare
        self._why: dict[str, str] = {}  # by kind: the failure of one month is that of the others

    @contextmanager
    def __call__(self, request: _Request) -> Iterator[None]:
        kind = request.kind.name
        if kind in self._why:
            request.refused = self._told(request)
        try:
            yield
        except NotMade as error:
            if kind not in self._spare:
                raise
            request.refused = error.message
        except AmazonError as error:
            if kind not in self._spare:
                raise
            self._why[kind] = error.message
            request.refused = self._told(request)

    def _told(self, request: _Request) -> str:
        return say("amazon.report.not_given", file=request.name, why=self._why[request.kind.name])


def _requests(
    client: AdsClient, kinds: Sequence[ReportKind], span: Span, as_of: date
) -> list[_Request]:
    requests = []
    for kind in kinds:
        days = kind.available(span, as_of)
        for part in days.months() if days else ():
            key = f"{client.profile} {client.version} {kind.name} {part}, as of {as_of}"
            requests.append(_Request(kind, part, key, f"{kind.name}_{part.first:%Y-%m}.json.gz"))
    return requests


def _recall(request: _Request, records: Sequence[Record]) -> None:
    """Set how far a request is, from the journal."""
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
            request.refused = from_json(record["why"])


class _Fetching:
    """Requests under way, with a record of each step in the journal."""

    def __init__(self, client: AdsClient, journal: Journal, folder: Path) -> None:
        self._client = client
        self._journal = journal
        self._folder = folder
        self._service = find_report_service(client)

    def is_done(self, request: _Request) -> bool:
        """Return whether the file is there as it was saved, or Amazon refused it for good."""
        path = self._folder / request.name
        if request.refused or not path.is_file():
            return request.refused is not None
        cut = request.span.first.day > 1  # the file may hold days that Amazon no longer has
        return cut or hashlib.sha256(path.read_bytes()).hexdigest() == request.saved

    def request(self, request: _Request) -> None:
        """Request the report unless that was done; Amazon may name one that is being made."""
        if request.report_id or request.refused:
            return
        request.tries += 1
        if request.tries > _REPORTS:  # not for good: another day Amazon may make it
            request.refused = say("amazon.report.failed", file=request.name, tries=_REPORTS)
            return
        self._journal.write("asking", key=request.key)
        try:
            report_id = self._new_report(request)
        except Declined as error:
            request.refused = say("amazon.report.refused", file=request.name, why=error.reason)
            self._journal.write("refused", key=request.key, why=as_json(request.refused))
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
            self.request(request)

    def _new_report(self, request: _Request) -> str:
        """Return the ID of the report that Amazon makes; waits while it makes none."""
        wait, waited = _FIRST_WAIT, 0.0
        while waited < _PATIENCE:
            made = self._service.request(request.kind, request.span, request.failed)
            if made is not None:
                return made
            self._client.clock.sleep(wait)
            waited, wait = waited + wait, min(wait * 2, _LONGEST_WAIT)
        raise NotMade(say("amazon.report.another", file=request.name))

    def _wait(self, request: _Request) -> ReportState | None:
        """Return the state of a report that is ready; None where Amazon failed to make it."""
        wait, waited = _FIRST_WAIT, 0.0
        while waited <= _PATIENCE:
            state = self._service.state(request.report_id or "")
            if state is not None and state.status == "COMPLETED":
                return state
            if state is None or state.status in ("FAILED", "CANCELLED"):
                self._journal.write("failed", key=request.key, report=request.report_id)
                request.failed.append(request.report_id or "")
                request.report_id = None
                return None
            self._client.clock.sleep(wait)
            waited, wait = waited + wait, min(wait * 1.5, _LONGEST_WAIT)
        hours = round(_PATIENCE / 3600)
        raise NotMade(say("amazon.report.not_ready", file=request.name, hours=hours))

    def _save(self, request: _Request, state: ReportState) -> None:
        content = self._content(request, state)
        with replacing(self._folder / request.name) as draft:
            draft.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        self._journal.write("saved", key=request.key, file=request.name, sha256=digest)
        request.saved = digest

    def _content(self, request: _Request, state: ReportState) -> bytes:
        """Return the complete file; expired addresses are replaced by new ones."""
        for _ in range(_DOWNLOADS):
            try:
                parts = [self._client.download(one) for one in state.addresses]
                if parts and all(map(_is_complete, parts)):
                    return _joined(parts)
                expired = not parts
            except Declined:
                expired = True
            if expired:
                state = self._service.state(request.report_id or "") or state
            self._client.clock.sleep(_FIRST_WAIT)
        raise NotMade(say("amazon.report.cut_off", file=request.name, downloads=_DOWNLOADS))


def _joined(parts: Sequence[bytes]) -> bytes:
    """Return one file with the rows of all parts."""
    if len(parts) == 1:
        return parts[0]
    rows = [row for part in parts for row in json.loads(gzip.decompress(part))]
    return gzip.compress(json.dumps(rows, ensure_ascii=False).encode(), mtime=0)


def _is_complete(content: bytes) -> bool:
    """Return whether this is a complete gzip file that holds a JSON list."""
    try:
        return isinstance(json.loads(gzip.decompress(content)), list)
    except (OSError, EOFError, ValueError, zlib.error):
        return False

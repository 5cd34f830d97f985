"""Reports of reporting version 3: ``ReportsV3``."""

import re
from collections.abc import Collection
from typing import Any

from admatch.amazon.client import AdsClient
from admatch.amazon.failures import AmazonError, Declined
from admatch.amazon.report_kinds import ReportKind, Span
from admatch.amazon.report_service import ReportState
from admatch.messages import say

_MEDIA = "application/vnd.createasyncreportrequest.v3+json"
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_REPEATED = 425  # the status of a request that repeats another


class ReportsV3:
    """Reports of a profile, each of a type with its own columns."""

    def __init__(self, client: AdsClient) -> None:
        self._client = client

    def request(self, kind: ReportKind, span: Span, failed: Collection[str]) -> str | None:
        """Return the ID of the report that Amazon makes; None while it makes a similar one."""
        body = {
            "name": f"admatch {kind.name} {span}",
            "startDate": span.first.isoformat(),
            "endDate": span.last.isoformat(),
            "configuration": kind.configuration(),
        }
        try:
            answer = self._client.read("POST", "/reporting/reports", body, _MEDIA).body
        except Declined as error:
            return self._same(kind, span, failed, error)
        if not (isinstance(answer, dict) and answer.get("reportId")):
            raise AmazonError(say("amazon.list.unknown_form", what="reports"))
        return str(answer["reportId"])

    def state(self, report_id: str) -> ReportState | None:
        """Return how far a report is; None where Amazon knows none with this ID."""
        state = self._state(report_id)
        if state is None:
            return None
        address = state.get("url")
        return ReportState(str(state.get("status")), (str(address),) if address else ())

    def _same(
        self, kind: ReportKind, span: Span, failed: Collection[str], error: Declined
    ) -> str | None:
        """Return the report that Amazon says a request repeats, if it has the same content.

        Amazon was seen to call a daily report a repetition of a summary.
        """
        if error.status != _REPEATED:
            raise error
        named = _ID.search(error.reason)
        if named is None or named[0] in failed:
            return None
        state = self._state(named[0]) or {}
        wanted, made = kind.configuration(), state.get("configuration") or {}
        days = [state.get("startDate"), state.get("endDate")]
        same_days = days == [span.first.isoformat(), span.last.isoformat()]
        same = all(made.get(name) == value for name, value in wanted.items() if name != "columns")
        same_columns = sorted(made.get("columns") or ()) == sorted(wanted["columns"])
        return named[0] if same_days and same and same_columns else None

    def _state(self, report_id: str) -> dict[str, Any] | None:
        try:
            body = self._client.read("GET", f"/reporting/reports/{report_id}", None, _MEDIA).body
        except Declined:
            return None
        return body if isinstance(body, dict) else None

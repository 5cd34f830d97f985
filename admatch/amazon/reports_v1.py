"""Reports of API version 1: ``ReportsV1``."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from admatch.amazon.client import AdsClient
from admatch.amazon.dialect import Row, listed_rows
from admatch.amazon.failures import AmazonError, Declined
from admatch.amazon.report_kinds import ReportKind, Span
from admatch.amazon.report_service import ReportState
from admatch.messages import say

_ACCOUNTS = "application/vnd.listaccountsresource.v1+json"
_MOST_PAGES = 100  # of accounts
_NOT_NOW = ("TOO_MANY_REQUESTS", "INTERNAL_ERROR")
_UNKNOWN = ("NOT_FOUND", "BAD_REQUEST")  # of a report that is asked for by its ID
_BAD_REQUEST = 400


@dataclass(frozen=True, slots=True)
class _Account:
    """The advertising account of a profile; ``country`` where it has profiles in several."""

    id: str
    country: str | None


class ReportsV1:
    """Reports of an advertising account: any fields, for all ad products and countries.

    A filter leaves the profile's country and the ad product that is meant.
    """

    def __init__(self, client: AdsClient) -> None:
        self._client = client
        self._account: _Account | None = None

    def request(self, kind: ReportKind, span: Span, failed: Collection[str]) -> str | None:
        """Return the ID of the report that Amazon makes; None where it does not make it yet."""
        account = self._account = self._account or _find_account(self._client)
        days = {"startDate": span.first.isoformat(), "endDate": span.last.isoformat()}
        report = {
            "format": "GZIP_JSON",
            "periods": [{"datePeriod": days}],
            "query": {"fields": list(kind.fields), "filter": _filter(kind, account)},
        }
        accounts = [{"advertiserAccountId": account.id}]
        body = {"accessRequestedAccounts": accounts, "reports": [report]}
        answer = self._client.read("POST", "/adsApi/v1/create/reports", body).body
        made, errors = _sorted(answer)
        if made:
            return str(made.get("reportId"))
        if not errors:
            raise AmazonError(say("amazon.list.unknown_form", what="reports"))
        if all(error.get("code") in _NOT_NOW for error in errors):
            return None
        raise Declined(_BAD_REQUEST, "; ".join(str(one.get("message")) for one in errors))

    def state(self, report_id: str) -> ReportState | None:
        """Return how far a report is; None where Amazon knows none with this ID."""
        body = {"reportIds": [report_id]}
        try:
            answer = self._client.read("POST", "/adsApi/v1/retrieve/reports", body).body
        except Declined:
            return None
        report, errors = _sorted(answer)
        if report:
            parts = listed_rows(report.get("completedReportParts"))
            addresses = tuple(str(one["url"]) for one in parts if one.get("url"))
            return ReportState(str(report.get("status")), addresses)
        gone = any(error.get("code") in _UNKNOWN for error in errors)
        return None if gone else ReportState("UNKNOWN")


def _filter(kind: ReportKind, account: _Account) -> dict[str, Any]:
    """Return the filter of a report: one ad product and, if need be, one country."""
    product = _equals("adProduct.value", kind.product)
    if account.country is None:
        return product
    return {"and": {"filters": [product, _equals("campaign.country", account.country)]}}


def _equals(field: str, value: str) -> dict[str, Any]:
    comparison = {"field": field, "comparisonOperator": "EQUALS", "not": False, "values": [value]}
    return {"on": comparison}


def _find_account(client: AdsClient) -> _Account:
    """Return the advertising account of the client's profile; raises ``AmazonError``."""
    body: dict[str, Any] = {"maxResults": 100}
    for _ in range(_MOST_PAGES):
        answer = client.read("POST", "/adsAccounts/list", body, _ACCOUNTS).body
        answer = answer if isinstance(answer, dict) else {}
        for account in listed_rows(answer.get("adsAccounts")):
            profiles = [
                one for one in listed_rows(account.get("alternateIds")) if "profileId" in one
            ]
            own = [one for one in profiles if str(one["profileId"]) == client.profile]
            if own:
                country = str(own[0].get("countryCode")) if len(profiles) > 1 else None
                return _Account(str(account.get("adsAccountId")), country)
        if not answer.get("nextToken"):
            break
        body["nextToken"] = answer["nextToken"]
    raise AmazonError(say("amazon.report.no_account", profile=client.profile or ""))


def _sorted(answer: object) -> tuple[dict[str, Any], list[Row]]:
    """Return the report of an answer and, where it has none, its errors."""
    answer = answer if isinstance(answer, dict) else {}
    for row in listed_rows(answer.get("success")):
        report = row.get("report")
        if isinstance(report, dict) and report.get("reportId"):
            return report, []
    rows = listed_rows(answer.get("error"))
    return {}, [error for row in rows for error in listed_rows(row.get("errors"))]

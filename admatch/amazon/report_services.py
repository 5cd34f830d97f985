"""A client's version of the API → its ``ReportService``."""

from collections.abc import Callable

from admatch.amazon.client import AdsClient
from admatch.amazon.report_service import ReportService
from admatch.amazon.reports_v1 import ReportsV1
from admatch.amazon.reports_v3 import ReportsV3
from admatch.amazon.versions import ApiVersion

_SERVICES: dict[ApiVersion, Callable[[AdsClient], ReportService]] = {
    ApiVersion.V1: ReportsV1,
    ApiVersion.V3: ReportsV3,
}


def find_report_service(client: AdsClient) -> ReportService:
    """Return where the client's version makes reports."""
    return _SERVICES[client.version](client)

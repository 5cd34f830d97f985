"""Fetches reports until it is done or killed; run as a process of its own."""

import sys
from datetime import date
from pathlib import Path

from admatch.amazon.client import AdsClient
from admatch.amazon.regions import Endpoints
from admatch.amazon.report_kinds import Span, find_report_kinds
from admatch.amazon.reporting import fetch_reports

from .scenario import CREDENTIALS, PROFILE
from .times import RemoteClock

TODAY = date(2026, 9, 20)


def main(address, folder):
    endpoints = Endpoints(address, f"{address}/auth/o2/token")
    span = Span(date(2026, 7, 20), TODAY)
    kinds = find_report_kinds(["sp-search-terms"])
    with AdsClient(endpoints, CREDENTIALS, PROFILE, clock=RemoteClock(address)) as client:
        fetch_reports(client, kinds, span, Path(folder), as_of=TODAY)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What is unlike before in an account's daily report: ``find_alerts``, ``week_alerts``."""

from collections.abc import Iterator
from datetime import date, timedelta

from admatch.decisions.alerts.figures import figure_alerts
from admatch.decisions.alerts.new_terms import new_term_alerts
from admatch.decisions.alerts.records import Alert
from admatch.decisions.alerts.stopped import stopped_alerts
from admatch.decisions.alerts.weeks import WEEK, Days, by_week, days_of
from admatch.impact.maturity import fit_lag
from admatch.reports.account.records import Account
from admatch.reports.records import SearchTermReport

QUIET = 14  # days after an alert on which the same one is not said again
_MOST = 31  # days that are looked at again where no run looked at them


def find_alerts(
    report: SearchTermReport, account: Account | None = None, since: date | None = None
) -> tuple[Alert, ...]:
    """Return what became unlike before after ``since``, up to the report's last day.

    Each day is judged by what was known on it, and what held within ``QUIET`` days before is not
    said again. Without ``since``, only the last day is judged. A report without single days says
    nothing.
    """
    lag, _ = fit_lag(report.frame, report, None)
    days = days_of(report.frame, lag)
    last = days.last
    if last is None:
        return ()
    start = last if since is None else max(since + timedelta(days=1), last - timedelta(days=_MOST))
    said: dict[tuple[str | None, ...], date] = {}
    found: list[Alert] = []
    day = start - timedelta(days=QUIET) if since is not None else last
    while day <= last:
        for alert in alerts_on(days, account, day):
            before = said.get(alert.key)
            said[alert.key] = day
            if day >= start and (before is None or (day - before).days > QUIET):
                found.append(alert)
        day += timedelta(days=1)
    return tuple(found)


def week_alerts(report: SearchTermReport, account: Account | None = None) -> tuple[Alert, ...]:
    """Return what nights of the report's last week would have said, for who did not run any.

    Of what held on several days, the last one is told: those of the last day come first.
    """
    lag, _ = fit_lag(report.frame, report, None)
    days = days_of(report.frame, lag)
    last = days.last
    if last is None:
        return ()
    found: dict[tuple[str | None, ...], Alert] = {}
    for age in range(WEEK):
        for alert in alerts_on(days, account, last - timedelta(days=age)):
            found.setdefault(alert.key, alert)
    return tuple(found.values())


def alerts_on(days: Days, account: Account | None, day: date) -> Iterator[Alert]:
    """Yield what is unlike before on one day."""
    known = days.until(day)
    if known.first is None:
        return
    yield from figure_alerts(by_week(known.campaigns, day), day)
    yield from stopped_alerts(known, account, day)
    yield from new_term_alerts(known, day)

"""Why decisions may be looked at but not uploaded (guard-rails 5 and 7): ``refusals``."""

from collections.abc import Iterator

from admatch.decisions.backtest import Backtest
from admatch.decisions.guard_rails import GuardRails
from admatch.reports.records import SearchTermReport


def refusals(
    report: SearchTermReport,
    window_days: int | None,
    backtest: Backtest | None,
    guard_rails: GuardRails,
) -> Iterator[str]:
    """Yield a sentence for every reason."""
    if report.frame["currency"].null_count():
        yield (
            "the report does not tell the currency of all its rows; "
            "read it with currency=… (--currency CODE)"
        )
    if (report.window_days or window_days) is None:
        yield (
            "the report does not name its attribution window; "
            "say it with window_days=… (--window DAYS)"
        )
    if report.period is None:
        yield "the report names no dates; download it with its period"
    if backtest is not None and backtest.fails(guard_rails.coverage):
        yield (
            f"in the backtest {backtest.coverage:.0%} of {backtest.groups} ad groups fell into "
            f"their 80 % intervals, which is below {guard_rails.coverage:.0%} and no accident; "
            "take a longer report"
        )


def cautions(
    report: SearchTermReport,
    window_days: int | None,
    backtest: Backtest | None,
    has_catalog: bool,
    has_account: bool,
) -> Iterator[str]:
    """Yield a sentence for everything that the decisions had to do without."""
    if report.window_days is None and window_days is not None:
        yield f"the attribution window of {window_days} days is your word, not the report's"
    if backtest is None or backtest.coverage is None:
        yield "how often the intervals hold is not known for this account: no backtest was possible"
    elif not backtest.by_time:
        yield (
            "the backtest parted clicks by chance, not by time, so it does not show drift; "
            "a daily report of six weeks would"
        )
    if not has_catalog:
        yield (
            "no catalog was given: your brands, your products' names and your own ASINs "
            "could not be protected"
        )
    if not has_account:
        yield (
            "no bulk file was given: keywords without clicks are not known, nor are bids and what "
            "each ad group advertises"
        )
    period = report.period
    if period is not None and (period[1] - period[0]).days < 7:
        days = (period[1] - period[0]).days + 1
        told = "one day" if days == 1 else f"{days} days"
        yield f"the report covers {told}: most orders may still be to come, so little is decided"
    if len(report) and not report.frame["clicks"].fill_null(0).sum():
        yield "the report has no click at all, so there is nothing to decide"
    for currency, sales in report.totals.select("currency", "sales").iter_rows():
        if not sales:
            yield (
                f"the {currency or 'unnamed'} rows tell no sales, so ACOS is not defined and what "
                "an order brings rests on the catalog's prices, if on anything"
            )

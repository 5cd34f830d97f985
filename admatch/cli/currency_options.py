"""The options that name currencies, and the rates that amounts are shown at."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from admatch.reports.records import SearchTermReport

CurrencyOption = Annotated[
    str | None,
    typer.Option("--currency", metavar="CODE", help="Of reports that do not tell theirs: EUR."),
]
ShowInOption = Annotated[
    str | None,
    typer.Option(
        "--show-in", metavar="CODE", help="Show amounts in this currency, at rates of one day."
    ),
]
RatesOption = Annotated[
    Path | None,
    typer.Option(
        "--rates",
        metavar="FILE",
        help="Rates of your own for --show-in: TOML like admatch/reports/exchange_rates.toml.",
    ),
]


def shown(
    report: "SearchTermReport", show_in: str | None, rates: Path | None
) -> "SearchTermReport":
    """Return the report with its amounts in the currency that the options name, if they do.

    Raises a usage error for rates without a currency, ``InputError`` where a rate is missing.
    """
    if show_in is None:
        if rates:
            raise typer.BadParameter("--rates needs --show-in CODE: the currency to show")
        return report
    from admatch.reports.exchange import ExchangeRates, shown_in

    return shown_in(report, show_in, ExchangeRates.load(rates))

"""The options for a report's amounts: currencies, exchange rates, which sales are counted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admatch.messages import say

if TYPE_CHECKING:
    from admatch.reports.records import SearchTermReport

CurrencyOption = Annotated[
    str | None,
    typer.Option("--currency", metavar="CODE", help="For reports that do not name theirs: EUR."),
]
AttributionOption = Annotated[
    str | None,
    typer.Option(
        "--attribution",
        metavar="clicks|views",
        help="Which sales of Sponsored Brands, where a file has both: after clicks alone, or after"
        " views too.",
    ),
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
        help="Your own rates for --show-in: TOML like admatch/reports/exchange_rates.toml.",
    ),
]


def shown(
    report: "SearchTermReport", show_in: str | None, rates: Path | None
) -> "SearchTermReport":
    """Return the report with its amounts in the currency of --show-in, if there is one.

    Raises a usage error for rates without a currency, ``InputError`` for a missing rate.
    """
    if show_in is None:
        if rates:
            raise typer.BadParameter(say("cli.usage.rates"))
        return report
    from admatch.reports.exchange import ExchangeRates, shown_in

    return shown_in(report, show_in, ExchangeRates.load(rates))

"""The options that name currencies, and the rates that amounts are shown at."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from admatch.reports.exchange import ExchangeRates

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


def load_rates(show_in: str | None, rates: Path | None) -> "ExchangeRates | None":
    """Return the rates to show amounts at, or None where they are shown as they are.

    Raises a usage error for rates without a currency, ``InputError`` where that one has no rate.
    """
    if show_in is None:
        if rates:
            raise typer.BadParameter("--rates needs --show-in CODE: the currency to show")
        return None
    from admatch.reports.exchange import ExchangeRates

    loaded = ExchangeRates.load(rates)
    loaded.worth_of(show_in)
    return loaded

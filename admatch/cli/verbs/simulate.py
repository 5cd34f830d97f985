"""``admatch simulate``: a catalog → an account with a known truth, as Amazon's files."""

from pathlib import Path
from typing import Annotated

import typer

from admatch.cli.console import plain, stderr
from admatch.cli.options import ColumnOption
from admatch.messages import say


def simulate(
    catalog: Annotated[
        Path, typer.Argument(metavar="CATALOG", help="Products: CSV, TSV, XLSX, JSONL, Parquet.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the files go.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Same seed, same account.")] = 7,
    days: Annotated[
        int, typer.Option("--days", min=1, help="Days of history; the same number follows it.")
    ] = 90,
    terms: Annotated[
        int, typer.Option("--terms", min=10, help="About how many distinct search terms.")
    ] = 2000,
    assumptions: Annotated[
        Path | None,
        typer.Option(
            "--assumptions",
            metavar="FILE",
            help="Your own figures: TOML like admatch/simulate/assumptions.toml.",
        ),
    ] = None,
    column: ColumnOption = None,
) -> None:
    """Invent an advertising account for a catalog, in Amazon's formats, with its truth.

    Its history is a search-term report (for the whole period and by day) and a bulk file; what
    came after is in future/, and truth.csv has the rates that both were drawn from. For example:

    $ admatch simulate data/sample/catalog.csv --out account --seed 7 --days 90
    """
    from admatch.catalog.reader import read_catalog
    from admatch.cli.options import named_columns
    from admatch.simulate.assumptions import Assumptions
    from admatch.simulate.simulation import simulate as simulated
    from admatch.simulate.write import WRITTEN, write_simulation

    assumed = Assumptions.load(assumptions)
    products = read_catalog(catalog, columns=named_columns(column or []))
    found = simulated(products, seed=seed, days=days, terms=terms, assumptions=assumed)
    settings = {"catalog": catalog.name, "seed": seed, "days": days, "terms": terms}
    write_simulation(found, out, dict(settings))
    history = found.history.summary
    message = say(
        "cli.simulate.done",
        products=len(products),
        terms=found.truth.height,
        clicks=int(history["Clicks"].sum()),
        n=days,
        seed=str(seed),
    )
    stderr().print(plain(message))
    for name, what in WRITTEN.items():
        message = say("cli.simulate.written", file=str(out / name), what=what)
        stderr().print(plain(message), soft_wrap=True)

"""``admatch explain``: a term and a product → why they match, or why not, in plain words."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admatch.cli.console import Format, FormatOption, plain, print_csv, print_json, stdout
from admatch.cli.options import (
    CatalogOption,
    ColumnOption,
    EncoderOption,
    IndexOption,
    opened,
    product_source,
    show_index,
)
from admatch.cli.progress import progress_bars
from admatch.encode.choice import EncoderChoice

if TYPE_CHECKING:
    import polars as pl


def explain(
    term: Annotated[str, typer.Argument(metavar="TERM", help="A shopper's search term; quote it.")],
    asin: Annotated[str, typer.Argument(metavar="ASIN", help="A product's ID in the catalog.")],
    catalog: CatalogOption = None,
    index: IndexOption = None,
    column: ColumnOption = None,
    encoder: EncoderOption = EncoderChoice.AUTO,
    format: FormatOption = Format.TABLE,
) -> None:
    """Explain in plain words why a term is about a product, or why it is not.

    Without --catalog or --index, ASIN is a product of the sample. For example:

    $ admatch explain "something sour for fish" B0SAMPLE09
    $ admatch explain "garden hose" B0SAMPLE09 --format json
    """
    source = product_source(catalog, index, column, None, encoder)
    with progress_bars() as progress:
        index_of_products = opened(source, progress, [term])
    show_index(index_of_products)
    found = index_of_products.explain(term, asin)
    figures = asdict(found) | {"shared_codes": found.shared_codes, "sentences": found.sentences}
    if format is Format.JSON:
        print_json(figures)
    elif format is Format.CSV:
        print_csv(_row(figures))
    else:
        for number, sentence in enumerate(found.sentences):
            stdout().print(plain(sentence, "" if number else "bold"), soft_wrap=True)


def _row(figures: "dict[str, Any]") -> "pl.DataFrame":
    """Return the figures as one row; several words or sentences share a cell."""
    import polars as pl

    lists = {
        name: " ".join(figures[name]) for name in ("words_found", "words_missing", "sentences")
    }
    best, best_title, best_probability = figures["best"]
    rest = {"best": best, "best_title": best_title, "best_probability": best_probability}
    return pl.DataFrame([figures | lists | rest])

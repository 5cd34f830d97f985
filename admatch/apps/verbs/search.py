"""``admatch search``: a shopper's words → ranked products."""

from typing import TYPE_CHECKING, Annotated

import typer

from admatch.apps.products import (
    CatalogOption,
    ColumnOption,
    EncoderOption,
    IndexOption,
    open_index,
    show_catalog,
)
from admatch.apps.progress import progress_bars
from admatch.apps.screen import (
    Format,
    FormatOption,
    new_table,
    plain,
    print_csv,
    print_json,
    results,
    short,
)
from admatch.encode.choice import EncoderChoice

if TYPE_CHECKING:
    from admatch.match.records import Match


def search(
    query: Annotated[
        list[str],
        typer.Argument(metavar="QUERY...", help="What a shopper types; quote each query."),
    ],
    catalog: CatalogOption = None,
    index: IndexOption = None,
    column: ColumnOption = None,
    encoder: EncoderOption = EncoderChoice.AUTO,
    k: Annotated[int, typer.Option("-k", min=1, help="How many products a query.")] = 10,
    format: FormatOption = Format.TABLE,
) -> None:
    """Find products by meaning, best first. Without --catalog or --index, in the sample's.

    For example:

    $ admatch search "something sour for fish" "milk without lactose"
    $ admatch search "oat milk" -k 3 --format json
    """
    with progress_bars() as progress:
        held = open_index(catalog, index, progress, column, None, encoder, query)
    show_catalog(held.catalog)
    found = held.search(query, k=k)
    if format is Format.TABLE:
        _print_tables(query, found)
        return
    rows = [
        row for words, matches in zip(query, found, strict=True) for row in _rows(words, matches)
    ]
    if format is Format.JSON:
        print_json(rows)
    else:
        _print_csv(rows)


def _rows(words: str, matches: list["Match"]) -> list[dict[str, object]]:
    return [
        {
            "query": words,
            "rank": rank,
            "product_id": match.product_id,
            "title": match.title,
            "semantic_id": match.semantic_id,
            "score": match.score,
            "probability": match.probability,
        }
        for rank, match in enumerate(matches, start=1)
    ]


def _print_csv(rows: list[dict[str, object]]) -> None:
    import polars as pl

    from admatch.match.records import PRODUCTS_SCHEMA

    schema = {"query": pl.String(), **PRODUCTS_SCHEMA}
    del schema["search_term"]
    columns = [name if name != "search_term" else "query" for name in PRODUCTS_SCHEMA]
    print_csv(pl.DataFrame(rows, schema=schema).select(columns))


def _print_tables(queries: list[str], found: list[list["Match"]]) -> None:
    from admatch.export.money import percent

    screen = results()
    for words, matches in zip(queries, found, strict=True):
        screen.print(plain(words, "bold"))
        table = new_table("", "sure", "product", "id", "semantic ID", numbers=("", "sure"))
        for rank, match in enumerate(matches, start=1):
            table.add_row(
                f"{rank}",
                percent(match.probability),
                short(match.title),
                plain(match.product_id, "dim"),
                plain(match.semantic_id, "cyan"),
            )
        screen.print(table)
        screen.print()

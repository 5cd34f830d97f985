"""``admatch search``: a shopper's words → ranked products."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admatch.cli.console import (
    Format,
    FormatOption,
    new_table,
    plain,
    print_csv,
    print_json,
    short,
    stdout,
)
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
from admatch.messages import say

if TYPE_CHECKING:
    from admatch.ids.semantic_id import Modality
    from admatch.match.records import Match


class View(StrEnum):
    """The view of a product that is compared."""

    TEXT = "text"
    IMAGE = "image"
    BOTH = "both"

    @property
    def modality(self) -> "Modality":
        """The first code of this view's ID."""
        from admatch.ids.semantic_id import Modality

        return Modality([*View].index(self))


def search(
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUERY...", help="What a shopper types; quote each query."),
    ] = None,
    image: Annotated[
        Path | None,
        typer.Option(
            "--image", metavar="FILE", help="Find what a picture shows, changed as the words say."
        ),
    ] = None,
    modality: Annotated[
        list[View] | None,
        typer.Option(
            "--modality",
            help="Compare with this view of products only: their text, their picture, or both as"
            " one. Repeatable.",
        ),
    ] = None,
    catalog: CatalogOption = None,
    index: IndexOption = None,
    column: ColumnOption = None,
    encoder: EncoderOption = EncoderChoice.AUTO,
    k: Annotated[int, typer.Option("-k", min=1, help="How many products per query.")] = 10,
    format: FormatOption = Format.TABLE,
) -> None:
    """Find products by meaning, best first. Without --catalog or --index, in the sample.

    With --image, products are also compared by their pictures; words beside a picture change what
    is looked for.

    For example:

    $ admatch search "something sour for fish" "milk without lactose"
    $ admatch search "oat milk" -k 3 --format json
    $ admatch search --image data/sample/images/granny-smith.jpg "in red"
    $ admatch search "something green and round" --modality image
    """
    if not query and image is None:
        raise typer.BadParameter(say("cli.usage.query"))
    query = query or [""]
    source = product_source(catalog, index, column, None, encoder)
    with progress_bars() as progress:
        products = opened(source, progress, query)
    show_index(products)
    views = {view.modality for view in modality} if modality else None
    images = [image] * len(query) if image else []
    found = products.search(query, k=k, images=images, modalities=views)
    labels = [f"{image.name} {words}".strip() for words in query] if image else query
    if format is Format.TABLE:
        _print_tables(labels, found)
        return
    rows = [
        row for words, matches in zip(labels, found, strict=True) for row in _rows(words, matches)
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
    from admatch.display.money import percent

    screen = stdout()
    for words, matches in zip(queries, found, strict=True):
        screen.print(plain(words, "bold"))
        table = new_table("", "sure", "product", "id", "semantic ID", numbers=("", "sure"))
        for rank, match in enumerate(matches, start=1):
            table.add_row(
                f"{rank}",
                "–" if match.probability is None else percent(match.probability),
                short(match.title),
                plain(match.product_id, "dim"),
                plain(match.semantic_id, "cyan"),
            )
        screen.print(table)
        screen.print()

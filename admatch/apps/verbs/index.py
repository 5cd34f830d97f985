"""``admatch index``: a catalog → an index on disk."""

from pathlib import Path
from typing import Annotated

import typer

from admatch.apps.problems import show_problems
from admatch.apps.progress import progress_bars
from admatch.apps.screen import plain, remarks


def index(
    catalog: Annotated[
        Path,
        typer.Argument(metavar="CATALOG", help="Your products: CSV, TSV, XLSX, JSONL, Parquet."),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FOLDER", help="Where the index goes; replaced if there."),
    ],
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="FIELD=HEADER",
            help="Where a column's name is not recognised: title=Artikelname. Give it repeatedly.",
        ),
    ] = None,
    image_cache: Annotated[
        Path | None,
        typer.Option(
            "--image-cache",
            metavar="DIR",
            help="Fetch product pictures from the web into this folder; without it, none are.",
        ),
    ] = None,
) -> None:
    r"""Index a catalog once, so that match, search and show start at once.

    For example:

    $ admatch index data/sample/catalog.csv --out sample-index
    $ admatch search "oat milk" --index sample-index

    A column under a name of your own:

    $ admatch index data/sample/catalog.csv --out sample-index \
        --column title=title
    """
    columns = _columns(column or [])
    from admatch.catalog.reader import read_catalog
    from admatch.pipeline import Index

    with progress_bars() as progress:
        held = read_catalog(catalog, columns=columns, image_cache=image_cache)
        Index.build(held, progress=progress).save(out)
    show_problems(held.problems)
    skipped = f", {held.skipped:,} rows skipped" if held.skipped else ""
    remarks().print(plain(f"{len(held):,} products indexed in {out}{skipped}"))


def _columns(given: list[str]) -> dict[str, str]:
    """Return headers by field; raises a usage error where one is not FIELD=HEADER."""
    columns = {}
    for pair in given:
        field, mark, header = pair.partition("=")
        if not (field.strip() and mark and header.strip()):
            raise typer.BadParameter(f"--column '{pair}' is not FIELD=HEADER, as title=Artikelname")
        columns[field.strip()] = header.strip()
    return columns

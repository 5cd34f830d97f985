"""``admatch index``: a catalog → an index on disk."""

from pathlib import Path
from typing import Annotated

import typer

from admatch.apps.products import (
    ColumnOption,
    EncoderOption,
    ImageCacheOption,
    open_index,
    show_catalog,
)
from admatch.apps.progress import progress_bars
from admatch.apps.screen import plain, remarks
from admatch.encode.choice import EncoderChoice


def index(
    catalog: Annotated[
        Path,
        typer.Argument(metavar="CATALOG", help="Your products: CSV, TSV, XLSX, JSONL, Parquet."),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FOLDER", help="Where the index goes; replaced if there."),
    ],
    column: ColumnOption = None,
    image_cache: ImageCacheOption = None,
    encoder: EncoderOption = EncoderChoice.AUTO,
) -> None:
    r"""Index a catalog once, so that match, search and show start at once.

    For example:

    $ admatch index data/sample/catalog.csv --out sample-index
    $ admatch search "oat milk" --index sample-index

    A column under a name of your own:

    $ admatch index data/sample/catalog.csv --out sample-index \
        --column title=title
    """
    with progress_bars() as progress:
        held = open_index(catalog, None, progress, column, image_cache, encoder)
        held.save(out)
    show_catalog(held.catalog)
    remarks().print(plain(f"{len(held.catalog):,} products indexed in {out}"))

"""The products that a verb works on: the options that name them, and the index made of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admatch.apps.progress import Report
from admatch.apps.sample import sample_folder

if TYPE_CHECKING:
    from admatch.pipeline import Index

CatalogOption = Annotated[
    Path | None,
    typer.Option(
        "--catalog",
        metavar="FILE",
        help="Your products: CSV, TSV, XLSX, JSONL or Parquet; Amazon, Shopify and Merchant"
        " exports as they are.",
    ),
]
IndexOption = Annotated[
    Path | None,
    typer.Option(
        "--index", metavar="FOLDER", help="Your products, indexed before by `admatch index`."
    ),
]


def open_index(catalog: Path | None, index: Path | None, progress: Report) -> "Index":
    """Return the index that the options name; without either, the sample's.

    Raises a usage error where both are given.
    """
    if catalog and index:
        raise typer.BadParameter("give --catalog or --index, not both")
    from admatch.catalog.reader import read_catalog
    from admatch.pipeline import Index

    if index:
        return Index.load(index)
    held = read_catalog(catalog or sample_folder() / "catalog.csv")
    return Index.build(held, progress=progress)

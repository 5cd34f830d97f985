"""Options that several verbs take: which products, and where the work is done."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admatch.cli.console import plain, show_problems, stderr
from admatch.encode.choice import EncoderChoice
from admatch.errors import InputError
from admatch.messages import say
from admatch.progress import Progress

if TYPE_CHECKING:
    from admatch.catalog.records import Catalog
    from admatch.distributed.engine import Engine
    from admatch.errors import Problem
    from admatch.index.index import Index
    from admatch.pipeline.open_index import ProductSource

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


ColumnOption = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="FIELD=HEADER",
        help="Where a catalog column's name is not recognised: title=Artikelname. Repeatable.",
    ),
]
ImageCacheOption = Annotated[
    Path | None,
    typer.Option(
        "--image-cache",
        metavar="DIR",
        help="Fetch product pictures from the web into this folder; without it, none are.",
    ),
]
EncoderOption = Annotated[
    str,
    typer.Option(
        "--encoder",
        metavar="NAME",
        help="What reads products and terms: english, multilingual, or auto, which goes by the"
        " language they are in; open_clip:MODEL/PRETRAINED with a model trained for it.",
    ),
]


def product_source(
    catalog: Path | None,
    index: Path | None,
    column: list[str] | None = None,
    image_cache: Path | None = None,
    encoder: str = EncoderChoice.AUTO,
    model: Path | None = None,
) -> "ProductSource":
    """Return which products the options name.

    Raises a usage error where both are given, an encoder for an index that has its own, or one that
    neither ships nor comes with a ``model`` of one's own.
    """
    if not model and not index and encoder not in [*EncoderChoice]:
        raise typer.BadParameter(say("pipeline.index.no_model", encoder=encoder))
    from admatch.pipeline.open_index import ProductSource

    columns = named_columns(column or [])
    try:
        return ProductSource(catalog, index, columns, image_cache, encoder)
    except InputError as error:
        raise typer.BadParameter(str(error)) from None


def opened(source: "ProductSource", progress: Progress, terms: Sequence[str] = ()) -> "Index":
    """Return the index of the products, with what the user's cache has of it."""
    from admatch.pipeline.cache import FolderCache
    from admatch.pipeline.open_index import open_index

    return open_index(source, progress, terms=terms, cache=FolderCache())


def show_index(index: "Index") -> None:
    """Tell what was passed over while an index was made: rows, cells, pictures."""
    show_products(index.catalog, index.problems)


def show_products(catalog: "Catalog | None", unread: "Sequence[Problem]") -> None:
    """Tell what was passed over of products that were matched: rows, cells, pictures."""
    if catalog is not None:
        show_catalog(catalog)
    show_problems(unread)


def show_catalog(catalog: "Catalog") -> None:
    """Tell what was passed over while the catalog was read, and how many rows."""
    show_problems(catalog.problems)
    if catalog.skipped:
        told = f"{len(catalog):,} products read, {catalog.skipped:,} rows of the catalog skipped"
        stderr().print(plain(told, "yellow"))


def named_columns(given: list[str]) -> dict[str, str]:
    """Return headers by field; raises a usage error where one is not FIELD=HEADER."""
    columns = {}
    for pair in given:
        field, mark, header = pair.partition("=")
        if not (field.strip() and mark and header.strip()):
            raise typer.BadParameter(f"--column '{pair}' is not FIELD=HEADER, as title=Artikelname")
        columns[field.strip()] = header.strip()
    return columns


class EngineChoice(StrEnum):
    """What runs the work."""

    LOCAL = "local"
    RAY = "ray"


EngineOption = Annotated[
    EngineChoice,
    typer.Option(
        "--engine",
        metavar="local|ray",
        help="Where the work is done: in this process, or on a Ray cluster (pip install"
        r" 'admatch\[ray]').",
    ),
]
AddressOption = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="HOST:PORT",
        help="The Ray cluster, or auto for the one that this machine is in; without it, one of"
        " this machine's cores is started.",
    ),
]


def check_address(engine: EngineChoice, address: str | None) -> None:
    """Raise a usage error for an address without the engine that it belongs to."""
    if address and engine is not EngineChoice.RAY:
        raise typer.BadParameter("--address is a Ray cluster's; add --engine ray")


@contextmanager
def engine_of(engine: EngineChoice, address: str | None) -> "Iterator[Engine]":
    """Yield what runs jobs: this process, or the Ray cluster at the address."""
    check_address(engine, address)
    if engine is EngineChoice.RAY:
        from admatch.distributed.cluster import ray_engine

        with ray_engine(address) as workers:
            yield workers
    else:
        from admatch.distributed.engine import LocalEngine

        yield LocalEngine()

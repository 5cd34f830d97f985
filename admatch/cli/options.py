"""Options that several verbs share: which products, and where the work is done."""

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
        help="For a catalog column that is not recognised: title=Artikelname. Repeatable.",
    ),
]
ImageCacheOption = Annotated[
    Path | None,
    typer.Option(
        "--image-cache",
        metavar="DIR",
        help="Fetch product pictures from the web into this folder; without it, none are fetched.",
    ),
]
EncoderOption = Annotated[
    str,
    typer.Option(
        "--encoder",
        metavar="NAME",
        help="What reads products and terms: english, english-full (terms are read by the whole"
        " network, too, which is slower), multilingual, or auto, which chooses by their language;"
        " open_clip:MODEL/PRETRAINED with a model trained for it.",
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
    """Return the products that the options name.

    Raises a usage error for both a catalog and an index, for an encoder with an index, and for an
    encoder that neither ships nor comes with a ``model``.
    """
    if not model and not index and encoder not in [*EncoderChoice]:
        raise typer.BadParameter(say("pipeline.index.no_model", encoder=encoder))
    from admatch.pipeline.open_index import ProductSource

    columns = named_columns(column or [])
    try:
        return ProductSource(catalog, index, columns, image_cache, encoder)
    except InputError as error:
        raise typer.BadParameter(error.message) from None


def opened(source: "ProductSource", progress: Progress, terms: Sequence[str] = ()) -> "Index":
    """Return the index of the products, using the user's cache."""
    from admatch.pipeline.cache import FolderCache
    from admatch.pipeline.open_index import open_index

    return open_index(source, progress, terms=terms, cache=FolderCache())


def show_index(index: "Index") -> None:
    """Print what was skipped while an index was built: rows, cells, pictures."""
    show_products(index.catalog, index.problems)


def show_products(catalog: "Catalog | None", unread: "Sequence[Problem]") -> None:
    """Print what was skipped of the matched products: rows, cells, pictures."""
    if catalog is not None:
        show_catalog(catalog)
    show_problems(unread)


def show_catalog(catalog: "Catalog") -> None:
    """Print what was skipped while the catalog was read, and the number of rows."""
    show_problems(catalog.problems)
    if catalog.skipped:
        message = say("cli.catalog_skipped", products=len(catalog), n=catalog.skipped)
        stderr().print(plain(message, "yellow"))


def named_columns(given: list[str]) -> dict[str, str]:
    """Return headers by field; raises a usage error for anything but FIELD=HEADER."""
    columns = {}
    for pair in given:
        field, mark, header = pair.partition("=")
        if not (field.strip() and mark and header.strip()):
            raise typer.BadParameter(say("cli.usage.column", pair=pair))
        columns[field.strip()] = header.strip()
    return columns


def named_shares(given: list[str], option: str) -> dict[str, float]:
    """Return shares by name; raises a usage error for anything but NAME=30% or NAME=0.3."""
    shares = {}
    for pair in given:
        name, mark, text = pair.rpartition("=")
        number = text.strip().removesuffix("%").rstrip()
        try:
            share = float(number) / (100 if "%" in text else 1)
        except ValueError:
            share = None
        if not (name.strip() and mark) or share is None:
            raise typer.BadParameter(say("cli.usage.share", option=option, pair=pair))
        shares[name.strip()] = share
    return shares


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
        help="The Ray cluster, or auto for the one of this machine; without it, a cluster of this"
        " machine's cores is started.",
    ),
]


def check_address(engine: EngineChoice, address: str | None) -> None:
    """Raise a usage error for an address without --engine ray."""
    if address and engine is not EngineChoice.RAY:
        raise typer.BadParameter(say("cli.usage.address"))


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

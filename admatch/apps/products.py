"""The products that a verb works on: the options that name them, and the index made of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admatch.apps.problems import show_problems
from admatch.apps.sample import sample_folder
from admatch.apps.screen import plain, remarks
from admatch.encode.choice import EncoderChoice
from admatch.errors import InputError
from admatch.progress import Progress

if TYPE_CHECKING:
    from admatch.catalog.records import Catalog
    from admatch.encode.protocol import Encoder
    from admatch.errors import Problem
    from admatch.match.universal import UniversalModel
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


def open_index(
    catalog: "Path | Catalog | None",
    index: Path | None,
    progress: Progress,
    column: list[str] | None = None,
    image_cache: Path | None = None,
    encoder: str = EncoderChoice.AUTO,
    terms: Sequence[str] = (),
    model: Path | None = None,
    build: "Callable[..., Index] | None" = None,
    before: Path | None = None,
) -> "Index":
    """Return the index that the options name; without either, the sample's.

    ``catalog`` is its file, or what was read from it. ``terms`` are those that will be put to it:
    their language counts for the choice of encoder. ``model`` is the folder of one's own, which has
    its own encoder. ``build`` takes the place of ``Index.build``; an index ``before`` that these
    can read is brought up to date instead. What shipped encoders read is kept for the next run
    (``cache_folder``).
    Raises a usage error where both are given, or an encoder for an index that has its own.
    """
    if catalog and index:
        raise typer.BadParameter("give --catalog or --index, not both")
    if index and encoder != EncoderChoice.AUTO:
        raise typer.BadParameter("--index keeps the encoder that it was built with")
    if not model and encoder not in [*EncoderChoice]:
        raise typer.BadParameter(
            f"no model ships for '{encoder}'; make one with `admatch train CATALOG --encoder "
            f"{encoder} --out FOLDER`, then `admatch index CATALOG --model FOLDER`"
        )
    columns = named_columns(column or [])
    if index:
        return _loaded(index)
    from admatch.apps.kept_models import keeping, quickly_opened
    from admatch.catalog.reader import read_catalog
    from admatch.pipeline import Index

    held = catalog or sample_folder() / "catalog.csv"
    if isinstance(held, Path):
        held = read_catalog(held, columns=columns, image_cache=image_cache)
    titles = held.frame["title"].to_list()
    reading, trained = _own(encoder, model) if model else _shipped(encoder, titles, terms)
    if build is None and not model and reading:
        reading, trained = keeping(reading), quickly_opened(trained)
    if build is None and before:
        try:
            known = Index.load(before, encoder=reading, model=trained)
            return known.updated(held, image_cache=image_cache, progress=progress)
        except InputError:
            pass  # of another encoder, model or version of admatch, damaged, or none at all
    return (build or Index.build)(
        held, encoder=reading, model=trained, image_cache=image_cache, progress=progress
    )


def _loaded(folder: Path) -> "Index":
    """Return a saved index; what its shipped encoder reads is kept for the next run."""
    from admatch.apps.kept_models import keeping, quickly_opened
    from admatch.pipeline import Index

    loaded = Index.load(folder)
    parts = loaded.parts
    if parts.model.release is None:
        return loaded
    return Index(replace(parts, encoder=keeping(parts.encoder), model=quickly_opened(parts.model)))


def _own(encoder: str, model: Path) -> "tuple[Encoder | None, UniversalModel]":
    from admatch.match.universal import UniversalModel

    if encoder == EncoderChoice.AUTO:
        return None, UniversalModel.load(model)
    from admatch.encoders import encoder_of

    return encoder_of(encoder), UniversalModel.load(model)


def _shipped(encoder: str, *texts: Sequence[str]) -> "tuple[Encoder, UniversalModel]":
    from admatch.encoders import shipped_pair

    pair = shipped_pair(EncoderChoice(encoder), *texts)
    return pair.encoder, pair.model


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
        remarks().print(plain(told, "yellow"))


def named_columns(given: list[str]) -> dict[str, str]:
    """Return headers by field; raises a usage error where one is not FIELD=HEADER."""
    columns = {}
    for pair in given:
        field, mark, header = pair.partition("=")
        if not (field.strip() and mark and header.strip()):
            raise typer.BadParameter(f"--column '{pair}' is not FIELD=HEADER, as title=Artikelname")
        columns[field.strip()] = header.strip()
    return columns

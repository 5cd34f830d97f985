"""An uploaded catalog → its products, and what was passed over."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from admatch.catalog.images import pictures_within
from admatch.catalog.reader import read_catalog
from admatch.catalog.records import Catalog
from admatch.errors import InputError
from admatch.messages import say
from admatch.progress import Progress
from admatch.tables.atomic import replacing
from admatch.web.limits import Limits
from admatch.web.work.archive import beside_pictures, check_table, unpack_catalog
from admatch.web.work.file_names import FileNames
from admatch.web.work.row_problems import problem_facts
from admatch.web.work.saved import save_catalog


def read_catalog_upload(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Read the catalog of ``folder/source``; write it to ``folder/read`` and return its facts."""
    folder, limits = Path(arguments["folder"]), Limits(**arguments["limits"])
    names = FileNames(arguments["names"])
    progress("checking files", 0, 1)
    file = unpack_catalog(folder, names, limits)
    check_table(file, limits, names)
    progress("reading the catalog", 0, 1)
    with pictures_within(folder):
        catalog = read_products([(file, arguments.get("columns") or {})], folder, names, limits)
    with replacing(folder / "read") as draft:
        draft.mkdir()
        save_catalog(catalog, draft, folder)
    facts = product_facts(catalog)
    return facts | {"skipped": catalog.skipped, **problem_facts(catalog.problems)}


def read_products(
    tables: Sequence[tuple[Path, Mapping[str, str]]],
    folder: Path,
    names: FileNames,
    limits: Limits,
) -> Catalog:
    """Return the products of some tables as one catalog, under the names of their owner.

    Each table comes with the columns that its owner named. A product of several tables is taken
    from the first.
    """
    read = [_read(file, columns, folder, names) for file, columns in tables]
    frame = pl.concat([one.frame for one in read])
    frame = frame.unique("product_id", keep="first", maintain_order=True)
    if len(frame) > limits.rows:
        raise InputError(say("web.catalog.too_large", n=len(frame), most=limits.rows))
    return Catalog(
        frame,
        read[0].source,
        tuple(problem for one in read for problem in one.problems),
        sum(one.skipped for one in read),
    )


def product_facts(catalog: Catalog) -> dict[str, Any]:
    """Return how many products there are, and what is known of them."""
    frame = catalog.frame
    return {
        "products": len(catalog),
        "pictures": int((frame["images"].list.len() > 0).sum()),
        "brands": frame["brand"].drop_nulls().n_unique(),
        "currencies": sorted(frame["currency"].drop_nulls().unique()),
    }


def _read(file: Path, columns: Mapping[str, str], folder: Path, names: FileNames) -> Catalog:
    """Return one table's products with the names and the pictures of their owner."""
    try:
        catalog = read_catalog(beside_pictures(file, folder), columns=columns)
    except InputError as error:
        raise InputError(names.in_message(error.message)) from None
    source = Path(names.of(file))
    frame = _with_plain_paths(catalog.frame, folder)
    problems = tuple(names.in_problem(one) for one in catalog.problems)
    return replace(catalog, frame=frame, source=source, problems=problems)


def _with_plain_paths(frame: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """Return the frame with pictures as paths below ``folder``, where all of them are."""
    root = folder.resolve()
    pictures = [
        [(folder / Path(one).resolve().relative_to(root)).as_posix() for one in images or []]
        for images in frame["images"].to_list()
    ]
    return frame.with_columns(pl.Series("images", pictures, pl.List(pl.String)))

"""What the terms of a report retrieve, kept for the next run: ``matched``."""

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

import admatch
from admatch.apps.cache import cache_place
from admatch.apps.products import named_columns, open_index
from admatch.catalog.mapped import read_mapped
from admatch.encode.choice import EncoderChoice
from admatch.encode.language import foreign_language
from admatch.errors import Problem
from admatch.match.records import PRODUCTS_SCHEMA, TERMS_SCHEMA, Matches
from admatch.progress import Progress
from admatch.reports.keywords import shopper_terms
from admatch.tables.atomic import replacing

if TYPE_CHECKING:
    from admatch.catalog.records import Catalog
    from admatch.pipeline import Index
    from admatch.reports.records import SearchTermReport

_OF_A_PRODUCT = [name for name in PRODUCTS_SCHEMA if name != "search_term"]
_FOUND = pl.List(pl.Struct({name: PRODUCTS_SCHEMA[name] for name in _OF_A_PRODUCT}))
_SCHEMA = pl.Schema({**TERMS_SCHEMA, "found": _FOUND})
_EMPTY = pl.DataFrame(schema=_SCHEMA)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options that say which products, and what reads them."""

    catalog: Path | None
    index: Path | None
    column: list[str] | None = None
    image_cache: Path | None = None
    encoder: str = EncoderChoice.AUTO


def matched(
    report: "SearchTermReport", wanted: Wanted, progress: Progress
) -> tuple[Matches, tuple[Problem, ...]]:
    """Return what ``Index.match`` returns, and the pictures that could not be read.

    What a term retrieves is kept in the user's cache, by the products, their pictures and
    admatch's own files. Where all of it is known nothing is indexed, encoded or ranked, and torch
    is not imported.
    """
    catalog, terms = _catalog(wanted), shopper_terms(report)
    kept = _file(wanted, catalog, terms)
    known = _read(kept)
    new = terms.filter(~terms.is_in(known["search_term"].implode()))
    if known.height and new.is_empty():
        return _unpacked(report, terms, known, catalog or read_mapped(wanted.index or Path())), ()
    index = open_index(
        catalog or wanted.catalog, wanted.index, progress, wanted.column, wanted.image_cache,
        wanted.encoder, terms.to_list(),
    )  # fmt: skip
    asked = report.frame.filter(pl.col("search_term").is_in(new.implode()))
    told = index.match(replace(report, frame=asked), progress=progress)
    found = pl.concat([known, _packed(told)])
    if kept and not index.problems and _fits(index, terms):
        with suppress(OSError), replacing(kept) as draft:
            found.write_parquet(draft)
    return _unpacked(report, terms, found, index.catalog), index.problems


def _catalog(wanted: Wanted) -> "Catalog | None":
    if wanted.catalog is None or wanted.index:
        return None
    from admatch.catalog.reader import read_catalog

    columns = named_columns(wanted.column or [])
    return read_catalog(wanted.catalog, columns=columns, image_cache=wanted.image_cache)


def _file(wanted: Wanted, catalog: "Catalog | None", terms: pl.Series) -> Path | None:
    """Return where matches of these products are kept, whether they are there or not."""
    folder = cache_place("matches")
    wrong = wanted.index and (wanted.catalog or wanted.encoder != EncoderChoice.AUTO)
    if folder is None or wrong:  # which is told where the index is opened
        return None
    told: list[object] = [str(wanted.encoder), _stamps(Path(admatch.__file__).parent.rglob("*"))]
    if catalog is not None:
        pictures = map(Path, catalog.frame["images"].explode().drop_nulls().to_list())
        # with the titles' own it decides which encoder reads both
        language = foreign_language(terms.to_list())
        told += [catalog.content_hash, _stamps(pictures), language]
    if wanted.index:
        told.append(_stamps(wanted.index.rglob("*")))
    return folder / f"{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]}.matches"


def _fits(index: "Index", terms: pl.Series) -> bool:
    """Return whether the encoder reads what it was given; where not, each run is to say so."""
    from admatch.encode.sentence import NAME

    bodies = (index.catalog.frame["title"].to_list(), terms.to_list())
    return index.parts.encoder.name != NAME or not any(map(foreign_language, bodies))


def _stamps(paths: Iterable[Path]) -> list[tuple[str, int, int]]:
    """Return what changes when one of the files does."""
    files = sorted(path for path in paths if path.is_file() and path.suffix != ".pyc")
    return [(str(path), (told := path.stat()).st_size, told.st_mtime_ns) for path in files]


def _read(kept: Path | None) -> pl.DataFrame:
    try:
        return _EMPTY if kept is None else pl.read_parquet(kept).cast(_SCHEMA)
    except (OSError, pl.exceptions.PolarsError):
        return _EMPTY  # not there, or cut off


def _packed(matches: Matches) -> pl.DataFrame:
    """Return a row for each term, with its products in one cell."""
    cells = pl.struct(*_OF_A_PRODUCT).alias("found")
    found = matches.products.group_by("search_term").agg(cells)
    return matches.terms.join(found, on="search_term", how="left", maintain_order="left").cast(
        _SCHEMA
    )


def _unpacked(
    report: "SearchTermReport", terms: pl.Series, packed: pl.DataFrame, catalog: "Catalog"
) -> Matches:
    rows = terms.to_frame().join(packed, on="search_term", how="left", maintain_order="left")
    found = rows.select("search_term", "found").explode("found").drop_nulls("found")
    return Matches(
        report,
        rows.select(*TERMS_SCHEMA),
        found.unnest("found").select(*PRODUCTS_SCHEMA),
        catalog,
    )

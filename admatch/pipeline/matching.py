"""What the terms of a report retrieve; only new terms are matched with an index: ``match``."""

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from admatch.catalog.mapped import read_mapped
from admatch.catalog.records import Catalog
from admatch.encode.choice import EncoderChoice
from admatch.encode.language import foreign_language
from admatch.encode.misfit import (
    ENGLISH,
    ENGLISH_NAME,
    choice_for,
    is_installed,
    unread_titles,
    warn_of_misfit,
)
from admatch.errors import Problem
from admatch.match.records import PRODUCTS_SCHEMA, TERMS_SCHEMA, Matches
from admatch.messages import Message
from admatch.pipeline.cache import Cache, NoCache, stamps, stamps_of_admatch
from admatch.pipeline.catalog_doubts import catalog_doubts
from admatch.pipeline.open_index import ProductSource, open_index
from admatch.progress import Progress, silent
from admatch.reports.account.records import Account
from admatch.reports.records import TermKind
from admatch.reports.terms import shopper_terms

if TYPE_CHECKING:
    from admatch.index.index import Index
    from admatch.pipeline.models import Models
    from admatch.reports.records import SearchTermReport

_OF_A_PRODUCT = [name for name in PRODUCTS_SCHEMA if name != "search_term"]
_FOUND = pl.List(pl.Struct({name: PRODUCTS_SCHEMA[name] for name in _OF_A_PRODUCT}))
# A row for each term, with its products in one cell.
SCHEMA = pl.Schema({**TERMS_SCHEMA, "found": _FOUND})


@dataclass(frozen=True, slots=True)
class Matched:
    """The matches of a report, how many terms were new, and the pictures that could not be read.

    ``texts`` are the matches of what was asked beside its terms.
    """

    matches: Matches
    texts: Matches
    new_terms: int
    problems: tuple[Problem, ...] = ()
    unread: Message | None = None

    @property
    def doubts(self) -> tuple[Message, ...]:
        """Why the catalog seems to be of another account, or cannot be read."""
        return self.doubts_about(None)

    def doubts_about(self, account: Account | None) -> tuple[Message, ...]:
        """Return the same for an account whose files are known."""
        about = catalog_doubts(self.matches, account)
        return about if self.unread is None else (self.unread, *about)


def match(
    report: "SearchTermReport",
    source: ProductSource,
    progress: Progress = silent,
    *,
    texts: pl.Series | None = None,
    cache: Cache | None = None,
    models: "Models | None" = None,
) -> Matched:
    """Return the matches of a report, as ``Index.match`` does.

    ``texts`` are matched like terms, too. What a term retrieves is cached by the products, their
    pictures and admatch's own files. If all terms are cached, nothing is indexed, encoded or
    ranked, and no encoder is loaded.
    """
    cache, terms = cache or NoCache(), shopper_terms(report)
    if source.index is None:
        source = replace(source, catalog=source.read_catalog())
    key = _key(source, terms)
    known = _known(cache, key)
    texts = (terms.clear() if texts is None else texts).alias(terms.name)
    wanted = pl.concat([terms, texts]).unique(maintain_order=True)
    new = wanted.filter(~wanted.is_in(known["search_term"].implode()))
    if known.height and new.is_empty():
        held = _catalog(source)
        unread = _warn_of_misfit(source, held, terms.to_list())
        asked = _unpacked(report, texts, known, held)
        return Matched(_unpacked(report, terms, known, held), asked, 0, unread=unread)
    index = open_index(source, progress, terms=terms.to_list(), cache=cache, models=models)
    rows = report.frame.filter(pl.col("search_term").is_in(new.implode()))
    further = new.filter(~new.is_in(terms.implode())).to_frame("search_term")
    further = further.with_columns(term_kind=pl.lit(TermKind.KEYWORD.value))
    rows = pl.concat([rows, further], how="diagonal")
    fresh = index.match(replace(report, frame=rows), beside=terms.to_list(), progress=progress)
    found = packed(fresh.terms, fresh.products)
    if key and not index.problems and (source.index is None or _fits(index, terms)):
        cache.keep_matches(key, found, index)
    every = pl.concat([known, found])
    matches = _unpacked(report, terms, every, index.catalog)
    asked = _unpacked(report, texts, every, index.catalog)
    unread = unread_titles(index.parts.encoder.name, index.catalog.frame["title"].to_list())
    return Matched(matches, asked, len(new) - len(further), index.problems, unread)


def texts_of(found: Matches, texts: pl.Series) -> Matches:
    """Return what some of the texts that were asked match."""
    own = pl.col("search_term").is_in(texts.implode())
    return replace(found, terms=found.terms.filter(own), products=found.products.filter(own))


def _key(source: ProductSource, terms: pl.Series) -> str | None:
    """Return a key for the products and their encoder; None for an index that is open."""
    parts: list[object] = [str(source.encoder), stamps_of_admatch()]
    if isinstance(source.index, Path):
        return json.dumps([*parts, stamps(source.index.rglob("*"))])
    if not isinstance(source.catalog, Catalog):
        return None
    pictures = map(Path, source.catalog.frame["images"].explode().drop_nulls().to_list())
    # with the language of the titles, these decide which encoder reads both
    language = foreign_language(terms.to_list())
    parts += [source.catalog.content_hash, stamps(pictures), language, is_installed()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _catalog(source: ProductSource) -> Catalog:
    if isinstance(source.catalog, Catalog):
        return source.catalog
    assert isinstance(source.index, Path)  # an open one has no key, so nothing of it is cached
    return read_mapped(source.index)


def _warn_of_misfit(source: ProductSource, catalog: Catalog, terms: list[str]) -> Message | None:
    """Warn as building the index would, and return what is unread.

    Of a saved index nothing is cached that needs a warning.
    """
    if source.index is not None:
        return None
    titles, choice = catalog.frame["title"].to_list(), source.encoder
    if choice == EncoderChoice.AUTO:
        choice = choice_for(titles, terms)
    if choice == EncoderChoice.MULTILINGUAL:
        return None
    for body in (titles, terms):
        warn_of_misfit(ENGLISH_NAME, body)
    return unread_titles(ENGLISH_NAME, titles)


def _fits(index: "Index", terms: pl.Series) -> bool:
    """Return whether the encoder reads these texts; if not, every run must warn again."""
    bodies = (index.catalog.frame["title"].to_list(), terms.to_list())
    return index.parts.encoder.name not in ENGLISH or not any(map(foreign_language, bodies))


def _known(cache: Cache, key: str | None) -> pl.DataFrame:
    try:
        cached = cache.matches(key) if key else None
        return pl.DataFrame(schema=SCHEMA) if cached is None else cached.cast(SCHEMA)
    except pl.exceptions.PolarsError:
        return pl.DataFrame(schema=SCHEMA)  # its columns differ


def packed(terms: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each term, with its products in one cell (``SCHEMA``)."""
    cells = pl.struct(*_OF_A_PRODUCT).alias("found")
    found = products.group_by("search_term", maintain_order=True).agg(cells)
    return terms.join(found, on="search_term", how="left", maintain_order="left").cast(SCHEMA)


def unpacked_products(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each product that a term retrieves, from rows of ``SCHEMA``."""
    found = rows.select("search_term", "found").explode("found").drop_nulls("found")
    return found.unnest("found").select(*PRODUCTS_SCHEMA)


def _unpacked(
    report: "SearchTermReport", terms: pl.Series, known: pl.DataFrame, catalog: Catalog
) -> Matches:
    rows = terms.to_frame().join(known, on="search_term", how="left", maintain_order="left")
    return Matches(report, rows.select(*TERMS_SCHEMA), unpacked_products(rows), catalog)

"""What an account's terms retrieve; only new terms and changed products are encoded."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import polars as pl

from admatch import __version__
from admatch.catalog.records import Catalog
from admatch.encode.cached_encoder import CachedEncoder
from admatch.encode.choice import EncoderChoice
from admatch.errors import InputError
from admatch.ids.semantic_id import written_ids
from admatch.index.index import Index
from admatch.index.shipped import Pair, pair_named, shipped_pair
from admatch.jobs.store.products import keep_products
from admatch.jobs.store.retrieved import keep_matches, kept_matches, unknown_terms
from admatch.match.records import Matches
from admatch.reports.keywords import shopper_terms
from admatch.reports.records import SearchTermReport
from admatch.store.workspace import Workspace
from admatch.tables.atomic import replacing

_KEY = "index.json"


@dataclass(slots=True)
class Models:
    """The encoders and models that were opened: one of a kind serves all accounts of a job."""

    choose: Callable[..., Pair] = shipped_pair
    named: Callable[[object], Pair] = pair_named
    _open: dict[str, Pair] = field(default_factory=dict)

    def for_texts(self, *texts: list[str]) -> Pair:
        """Return the pair that the language of texts asks for."""
        found = self.choose(EncoderChoice.AUTO, *texts)
        return self._open.setdefault(found.encoder.name, found)

    def for_name(self, name: str) -> Pair:
        """Return the pair of an encoder's name."""
        if name not in self._open:
            self._open[name] = self.named(name)
        return self._open[name]


@cache
def shipped_models() -> Models:
    """Return the models that ship with admatch, the same whenever asked."""
    return Models()


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The matches of a report, how many terms were new, and how many texts were encoded."""

    matches: Matches
    new_terms: int
    encoded: int


def retrieve(
    workspace: Workspace,
    account: str,
    models: Models,
    catalog: Catalog,
    report: SearchTermReport,
    folder: Path,
) -> Retrieved:
    """Return what every term of a report retrieves; ``folder`` keeps the index and the vectors."""
    terms = shopper_terms(report)
    key = _known_key(folder, catalog)
    encoded = 0
    index = None
    if key is None:
        index, key, encoded = _build(models, catalog, terms, folder)
    with workspace.writing() as transaction:
        new = unknown_terms(transaction, account, key, terms)
    if len(new):
        index = index or _load(models, catalog, folder) or _build(models, catalog, terms, folder)[0]
        before = _encoded(index)
        asked = report.frame.filter(pl.col("search_term").is_in(new.implode()))
        told = index.match(replace(report, frame=asked.unique("search_term", maintain_order=True)))
        ids = written_ids(index.parts.generator.ids).alias("semantic_id")
        products = index.catalog.frame.select("product_id", "title", ids)
        with workspace.writing() as transaction:
            keep_matches(transaction, account, key, told)
            keep_products(transaction, account, key, products)
        encoded += _encoded(index) - before
    with workspace.writing() as transaction:
        matches = kept_matches(transaction, account, key, report, terms)
    return Retrieved(matches, len(new), encoded)


def _known_key(folder: Path, catalog: Catalog) -> str | None:
    """Return the key of the index that is kept, or None where it is of another catalog."""
    try:
        told = json.loads((folder / _KEY).read_text())
    except (OSError, ValueError):
        return None
    same = told["catalog"] == catalog.content_hash and told["admatch"] == __version__
    return str(told["key"]) if same else None


def _build(
    models: Models, catalog: Catalog, terms: pl.Series, folder: Path
) -> tuple[Index, str, int]:
    """Return the index of a catalog, its key, and how many texts were encoded."""
    pair = models.for_texts(catalog.frame["title"].to_list(), terms.to_list())
    encoder = _kept(pair, folder)
    index = Index.build(catalog, encoder=encoder, model=pair.model, image_cache=folder / "pictures")
    index.save(folder / "index")
    told = {
        "catalog": catalog.content_hash,
        "encoder": pair.encoder.name,
        "codebooks": pair.model.codebooks.hash,
        "admatch": __version__,
    }
    key = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    with replacing(folder / _KEY) as draft:
        draft.write_text(json.dumps({**told, "key": key}, indent=2) + "\n")
    return index, key, encoder.encoded


def _load(models: Models, catalog: Catalog, folder: Path) -> Index | None:
    """Return the index that is kept, or None where it is damaged or of another catalog."""
    pair = models.for_name(json.loads((folder / _KEY).read_text())["encoder"])
    try:
        index = Index.load(folder / "index", encoder=_kept(pair, folder), model=pair.model)
    except InputError:
        return None
    return index if index.catalog.content_hash == catalog.content_hash else None


def _kept(pair: Pair, folder: Path) -> CachedEncoder:
    named = hashlib.sha256(pair.encoder.name.encode()).hexdigest()[:16]
    return CachedEncoder(pair.encoder, folder / f"texts-{named}")


def _encoded(index: Index) -> int:
    encoder = index.parts.encoder
    return encoder.encoded if isinstance(encoder, CachedEncoder) else 0

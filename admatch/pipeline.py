"""The stages composed: a catalog becomes an ``Index``, an index answers terms and reports."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
from safetensors.numpy import load_file, save_file
from safetensors.torch import load_file as load_tensors
from safetensors.torch import save_file as save_tensors

from admatch.catalog.records import Catalog
from admatch.encode.choice import EncoderChoice
from admatch.encode.picture import Picture
from admatch.encode.product_pictures import Pictured, product_pictures
from admatch.encode.product_text import product_texts
from admatch.encode.product_views import product_vectors
from admatch.encode.protocol import Encoder, Vectors
from admatch.encode.seeing import fused
from admatch.encoders import complete_pair, pair_named, shipped_pair, warn_of_misfit
from admatch.errors import InputError, Problem
from admatch.generate.decoder import Decoder
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codes
from admatch.ids.semantic_id import Modality, written_ids
from admatch.match.records import PRODUCTS_SCHEMA, Match, Matches
from admatch.match.retriever import Retrieved, Retriever
from admatch.match.tabulate import tabulate_products, tabulate_terms
from admatch.match.universal import UniversalModel
from admatch.match.views import Views
from admatch.match.words import WordEvidence
from admatch.reports.keywords import shopper_terms
from admatch.reports.records import SearchTermReport
from admatch.tables.atomic import replacing
from admatch.training.corpus import Corpus
from admatch.training.fine_tune import FineTuned, fine_tune

FORMAT = 1
MODEL, TUNED = "model", "decoder.safetensors"  # in an index's folder, where it has its own
PICTURES = "pictures.safetensors"  # where its pictures have been encoded
ENCODED_AT_ONCE = 1024  # texts: how often progress is told
# Scores of one block of terms over the whole catalog stay below 2^23 floats (32 MB) an array.
BLOCK_SCORES, BLOCK_TERMS = 2**23, 256
# What the picture counts in a query of picture and words. "This one, in red" finds such a thing
# among the first ten for 61 of 100 pictures (tests/benchmarks/images.py), with equal shares for 52.
ASKED_PICTURE = 0.3


# Told how far a stage is: ``progress("encoding terms", 1024, 6323)``.
Progress: TypeAlias = Callable[[str, int, int], None]


def _silent(stage: str, done: int, total: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A product near another in the ID tree: leading codes shared, cosine of their vectors."""

    product_id: str
    title: str
    semantic_id: str
    shared_codes: int
    similarity: float


class Index:
    """A catalog that terms can be put to; made by ``Index.build`` or ``Index.load``."""

    def __init__(
        self,
        catalog: Catalog,
        encoder: Encoder,
        model: UniversalModel,
        vectors: Vectors,
        generator: Generator,
        tuned: Decoder | None = None,
        pictured: Pictured | None = None,
    ) -> None:
        self.catalog = catalog
        self.tuned = tuned
        self._encoder = encoder
        self._model = model
        self._vectors = vectors
        self._generator = generator
        self._pictured = pictured
        self._views: Views | None = None
        # Words are cheap to index, so they are not kept on disk.
        texts, titles = product_texts(catalog.frame), catalog.frame["title"].to_list()
        words = WordEvidence.build(texts, titles)
        self._retriever = Retriever(model, generator, vectors, words, tuned)
        self._products = catalog.frame.select(
            "product_id", "title", written_ids(generator.ids).alias("semantic_id")
        )

    @classmethod
    def build(
        cls,
        catalog: Catalog,
        *,
        encoder: Encoder | None = None,
        model: UniversalModel | None = None,
        progress: Progress = _silent,
    ) -> "Index":
        """Return the index of a catalog: encoded, quantized, its IDs in a trie. No training.

        ``encoder`` and ``model`` are those that ship with admatch unless others are given; a model
        fits the encoder it was trained with. Titles that are mostly not English are read by the
        multilingual encoder; where that is not installed, a ``LanguageWarning`` says so. Raises
        InputError for an empty catalog, and where encoder and model do not fit.
        """
        if not len(catalog):
            raise InputError("the catalog holds no products; there is nothing to index")
        titles = catalog.frame["title"].to_list()
        pair = complete_pair(encoder, model, lambda: shipped_pair(EncoderChoice.AUTO, titles))
        encoder, model = pair.encoder, pair.model
        _check_encoder(encoder, model)
        vectors = product_vectors(
            catalog.frame,
            lambda views: encode_in_order(encoder, views, "encoding products", progress),
        )
        modalities = np.full(len(catalog), Modality.TEXT, dtype=np.int16)
        generator = Generator(model.codebooks, modalities, model.codebooks.encode(vectors))
        return cls(catalog, encoder, model, vectors, generator)

    def save(self, folder: Path | str) -> None:
        """Write the index into ``folder``, whole or not at all."""
        codes, ids, model = self._generator.codes, self._generator.ids, self._model
        arrays: dict[str, npt.NDArray[Any]] = {
            "vectors": self._vectors,
            "modality": ids[:, 0].copy(),
            "tree": codes.tree,
            "detail": codes.detail,
        }
        manifest = {
            "format": FORMAT,
            "encoder": self._encoder.name,
            "codebooks": model.codebooks.hash,
            "catalog": self.catalog.content_hash,
        }
        if self._pictured is not None:
            manifest["eyes"] = self._encoder.eyes
        with replacing(Path(folder)) as draft:
            draft.mkdir()
            if model.release is None:
                (draft / MODEL).mkdir()
                model.save(draft / MODEL)
            if self._pictured is not None:
                self._pictured.save(draft / PICTURES)
            if self.tuned:
                save_tensors(self.tuned.state_dict(), draft / TUNED)
            save_file(arrays, draft / "index.safetensors")
            self.catalog.frame.write_parquet(draft / "catalog.parquet")
            (draft / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")

    @classmethod
    def load(
        cls,
        folder: Path | str,
        *,
        encoder: Encoder | None = None,
        model: UniversalModel | None = None,
    ) -> "Index":
        """Return the index saved in ``folder``; raises InputError where it cannot be used.

        Without ``encoder`` and ``model``, those that it was built with are taken: a model that
        does not ship with admatch is kept in the folder.
        """
        folder = Path(folder)
        manifest = _read_manifest(folder)
        if model is None and (folder / MODEL).is_dir():
            model = UniversalModel.load(folder / MODEL)
        pair = complete_pair(encoder, model, lambda: pair_named(manifest.get("encoder")))
        encoder, model = pair.encoder, pair.model
        expected = {
            "format": FORMAT,
            "encoder": encoder.name,
            "codebooks": model.codebooks.hash,
        }
        for name, value in expected.items():
            if manifest.get(name) != value:
                raise InputError(
                    f"the index in {folder} was built with {name} {manifest.get(name)}, "
                    f"now it is {value}; build it again with `admatch index`"
                )
        catalog = Catalog(pl.read_parquet(folder / "catalog.parquet"), source=folder)
        arrays = load_file(folder / "index.safetensors")
        if catalog.content_hash != manifest["catalog"] or len(arrays["vectors"]) != len(catalog):
            raise InputError(f"the index in {folder} is damaged; build it again")
        codes = Codes(arrays["tree"], arrays["detail"])
        generator = Generator(model.codebooks, arrays["modality"], codes)
        tuned = _read_tuned(folder / TUNED, model)
        pictured = None
        if (folder / PICTURES).exists() and manifest.get("eyes") == encoder.eyes:
            pictured = Pictured.load(folder / PICTURES)
        return cls(catalog, encoder, model, arrays["vectors"], generator, tuned, pictured)

    def fine_tuned(
        self, *, seed: int = 7, progress: Progress = _silent
    ) -> tuple["Index", FineTuned]:
        """Return the index with its decoder trained on this catalog, and what that was worth.

        Kept only where it finds more of held-out pseudo-queries' products; else the index comes
        back as it is. Takes a minute for 500 products.
        """
        found = fine_tune(
            Corpus.of(self.catalog.frame, self._vectors),
            self._generator,
            self._model,
            lambda texts: encode_in_order(self._encoder, texts, "encoding queries", progress),
            seed,
            progress,
        )
        if found.decoder is None:
            return self, found
        parts = (self.catalog, self._encoder, self._model, self._vectors, self._generator)
        return Index(*parts, found.decoder, self._pictured), found

    def see(
        self, *, cache: Path | None = None, progress: Progress = _silent
    ) -> tuple[Problem, ...]:
        """Encode the products' pictures now; return those that cannot be read.

        Else it is done when first asked for. What is seen is saved with the index. With a
        ``cache`` folder no picture is encoded twice. An encoder without eyes sees none.
        """
        if self._pictured is None and self._encoder.eyes:
            frame, encoder = self.catalog.frame, self._encoder
            self._pictured = product_pictures(frame, encoder, cache, progress)
        return self._pictured.problems if self._pictured else ()

    def search(
        self,
        queries: Sequence[str],
        k: int = 50,
        *,
        images: Sequence[Picture] = (),
        modalities: Collection[Modality] | None = None,
    ) -> list[list[Match]]:
        """Return for each query its k best products, best first.

        With ``images``, one for each query, a query is the picture with its words ("in green"), or
        the picture alone where the words are blank. ``modalities`` constrains what is compared:
        the products' texts, their pictures, or both as one; by default the fullest that a product
        has. ``queries`` may be empty for images alone. Raises InputError for a picture that cannot
        be read, and for an encoder without eyes.
        """
        if images or modalities is not None:
            queries = queries or [""] * len(images)
            return self._search_views(list(queries), k, images, modalities)
        retrieved = self._retrieve(list(queries), k, _silent)
        found = tabulate_products(retrieved, self._products)
        ranked: list[list[Match]] = [[] for _ in queries]
        for query, _rank, *match in found.iter_rows():
            ranked[query].append(Match(*match))
        return ranked

    def match(
        self, report: SearchTermReport, *, k: int = 5, progress: Progress = _silent
    ) -> Matches:
        """Return for every term of a report its k nearest products, each with its probability.

        Rows that are no search terms (``*``, ASINs, categories) stay, as not applicable. Terms
        that are mostly not in the encoder's language bring a ``LanguageWarning``.
        """
        terms = shopper_terms(report)
        warn_of_misfit(self._encoder, terms.to_list())
        retrieved = self._retrieve(terms.to_list(), k, progress)
        products = tabulate_products(retrieved, self._products)
        return Matches(
            report,
            tabulate_terms(terms, retrieved),
            products.with_columns(search_term=terms[products["query"]]).select(*PRODUCTS_SCHEMA),
        )

    def semantic_id(self, product_id: str) -> str:
        """Return a product's ID, like ``T·31·207·118``."""
        return str(self._products["semantic_id"][self.catalog.position(product_id)])

    def neighbours(self, product_id: str, k: int = 10) -> list[Neighbour]:
        """Return the k nearest products in the ID tree: by leading codes shared, then by cosine."""
        place, ids = self.catalog.position(product_id), self._generator.ids
        shared = np.logical_and.accumulate(ids == ids[place], axis=1)[:, 1:].sum(axis=1)
        cosine = self._vectors @ self._vectors[place]
        nearest = [i for i in np.lexsort((-cosine, -shared)) if i != place][:k]
        return [
            Neighbour(
                **self._products.row(int(i), named=True),
                shared_codes=int(shared[i]),
                similarity=float(cosine[i]),
            )
            for i in nearest
        ]

    def _search_views(
        self,
        queries: list[str],
        k: int,
        images: Sequence[Picture],
        modalities: Collection[Modality] | None,
    ) -> list[list[Match]]:
        asked = self._asked(queries, images)
        if self._views is None:
            self.see()
            nothing = Pictured(np.empty(0, np.int64), np.empty((0, asked.shape[1]), np.float32))
            books = self._model.codebooks
            self._views = Views.build(books, self._vectors, self._pictured or nothing)
        found = self._views.search(self.tuned or self._model.decoder, asked, k, modalities)
        ids, rows = written_ids(self._views.generator.ids), self._products.rows(named=True)
        return [
            [
                Match(**rows[one.product] | {"semantic_id": ids[one.view]}, score=one.cosine)
                for one in sights
            ]
            for sights in found
        ]

    def _asked(self, queries: list[str], images: Sequence[Picture]) -> Vectors:
        """Return the vectors of queries, of their pictures, or of both as one."""
        plain = [" ".join(query.casefold().split()) for query in queries]
        if not images:
            return self._encoder.encode_text(plain)
        if len(images) != len(queries):
            raise InputError(
                f"{len(queries)} queries and {len(images)} images; give one image a query, with "
                "'' as the query for an image alone"
            )
        seen = self._encoder.encode_images(images)
        worded = [place for place, query in enumerate(plain) if query]
        read = self._encoder.encode_text([plain[place] for place in worded])
        seen[worded] = fused(read, seen[worded], ASKED_PICTURE)
        return seen

    def _retrieve(self, terms: list[str], k: int, progress: Progress) -> Retrieved:
        if not terms:
            return Retrieved.nothing()
        # Case and blanks carry no meaning to encoder or words: such variants are encoded once.
        plain = [" ".join(term.casefold().split()) for term in terms]
        distinct = list(dict.fromkeys(plain))
        queries = encode_in_order(self._encoder, distinct, "encoding terms", progress)
        step = min(BLOCK_TERMS, max(1, BLOCK_SCORES // len(self.catalog)))
        blocks = []
        for start in range(0, len(distinct), step):
            part = slice(start, start + step)
            blocks.append(self._retriever.retrieve(distinct[part], queries[part], k))
            progress("generating and ranking", min(start + step, len(distinct)), len(distinct))
        place = {term: i for i, term in enumerate(distinct)}
        return Retrieved.joined(blocks, [place[term] for term in plain])


def encode_in_order(encoder: Encoder, texts: list[str], stage: str, progress: Progress) -> Vectors:
    """Return unit vectors (len(texts), dim); texts of one length go together, which is faster."""
    vectors = np.empty((len(texts), encoder.dim), dtype=np.float32)
    order = np.argsort([len(text) for text in texts], kind="stable")
    for start in range(0, len(texts), ENCODED_AT_ONCE):
        part = order[start : start + ENCODED_AT_ONCE]
        vectors[part] = encoder.encode_text([texts[i] for i in part])
        progress(stage, start + len(part), len(texts))
    return vectors


def _check_encoder(encoder: Encoder, model: UniversalModel) -> None:
    if encoder.name != model.encoder:
        raise InputError(
            f"the model's codebooks were fitted to {model.encoder}, not to {encoder.name}; use "
            "that encoder, or a model trained for this one (`admatch train`)"
        )


def _read_tuned(path: Path, model: UniversalModel) -> Decoder | None:
    if not path.exists():
        return None
    decoder = Decoder(model.codebooks)
    decoder.load_state_dict(load_tensors(path))
    return decoder.eval()


def _read_manifest(folder: Path) -> dict[str, object]:
    try:
        manifest: dict[str, object] = json.loads((folder / "manifest.json").read_text())
    except (OSError, ValueError):
        raise InputError(
            f"{folder} holds no index (no readable manifest.json); make one with `admatch index`"
        ) from None
    return manifest

"""The stages composed: a catalog becomes an ``Index``, which answers terms and reports."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from admatch.arrays import Vectors
from admatch.catalog.records import Catalog
from admatch.display.notebook import SHOWN, notebook_html
from admatch.encode.choice import EncoderChoice
from admatch.encode.misfit import warn_of_misfit
from admatch.encode.multimodal import query_vectors
from admatch.encode.picture import Picture
from admatch.encode.product_text import product_texts
from admatch.encode.protocol import Encoder, vocabulary_of
from admatch.errors import Problem
from admatch.ids.semantic_id import Modality, written_ids
from admatch.index.build import encode_in_order, parts_of, updated_parts
from admatch.index.parts import Parts
from admatch.index.shipped import complete_pair, shipped_pair
from admatch.match.explanation import Explanation, explained
from admatch.match.neighbours import Neighbour, neighbours_of
from admatch.match.records import PRODUCTS_SCHEMA, Match, Matches
from admatch.match.retriever import Retrieved, Retriever
from admatch.match.spelling import Spelling
from admatch.match.tabulate import tabulate_products, tabulate_terms
from admatch.match.universal import UniversalModel
from admatch.match.views import Views
from admatch.progress import Progress, silent
from admatch.reports.records import SearchTermReport
from admatch.reports.terms import shopper_terms
from admatch.training.corpus import Corpus

if TYPE_CHECKING:
    from admatch.training.fine_tune import FineTuned

# The scores of one block of terms over the whole catalog are at most 2^23 floats (32 MB).
BLOCK_SCORES, BLOCK_TERMS = 2**23, 256
EXPLAINED = 200  # products ranked to explain one of them
LARGE = 32  # terms of a block in a catalog where only some products are scored


class Index:
    """A catalog that can be searched; made by ``Index.build`` or ``Index.load``.

    >>> index.search(["oat drink for coffee"], k=1)[0][0].product_id
    'B0SAMPLE46'
    >>> index.semantic_id("B0SAMPLE10").startswith("T·")
    True
    >>> index.save(out / "index")
    >>> am.Index.load(out / "index")
    Index of 81 products, encoded by admatch:english-1
    """

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    @cached_property
    def _retriever(self) -> Retriever:
        parts = self.parts
        return Retriever(
            parts.model, parts.generator, parts.vectors, parts.words, self._words_encoded,
            parts.pictured, parts.tuned,
        )  # fmt: skip

    def spelt(self, term: str) -> str:
        """Return a term in small letters, its misspelt words as titles of the catalog have them."""
        plain = " ".join(term.casefold().split())
        return self._spelling.corrected(plain) if self._spelling else plain

    @cached_property
    def _spelling(self) -> Spelling | None:
        """What corrects terms; only for an encoder whose vocabulary is known."""
        knows = vocabulary_of(self.parts.encoder)
        if knows is None or not self.parts.generator.exhaustive:
            return None
        return Spelling(self.catalog.frame["title"].to_list(), knows)

    def _words_encoded(self, words: list[str]) -> Vectors:
        return encode_in_order(self.parts.encoder, words, "encoding words", silent)

    @cached_property
    def _products(self) -> pl.DataFrame:
        """The products with their IDs as text."""
        products = self.catalog.frame.select("product_id", "title")
        return products.with_columns(semantic_id=written_ids(self.parts.generator.ids))

    @property
    def catalog(self) -> Catalog:
        """The indexed products."""
        return self.parts.catalog

    def __repr__(self) -> str:
        return f"Index of {len(self.catalog):,} products, encoded by {self.parts.encoder.name}"

    def _repr_html_(self) -> str:
        ids = self._products["semantic_id"].head(SHOWN).to_list()
        return notebook_html("catalog", summary=repr(self), catalog=self.catalog, ids=ids)

    @classmethod
    def build(
        cls,
        catalog: Catalog,
        *,
        encoder: Encoder | None = None,
        model: UniversalModel | None = None,
        image_cache: Path | None = None,
        progress: Progress = silent,
    ) -> "Index":
        """Return the index of a catalog; nothing is trained.

        Pictures count in every search, as far as they agree with the texts; those that cannot be
        read are among ``problems``. With an ``image_cache`` folder none is encoded twice.

        ``encoder`` and ``model`` are those that ship with admatch unless others are given; a model
        fits only the encoder it was trained with. Titles that are mostly not English are read by
        the multilingual encoder; if it is not installed, a ``LanguageWarning`` says so. Raises
        InputError for an empty catalog, or if encoder and model do not fit together.
        """
        titles = catalog.frame["title"].to_list()
        pair = complete_pair(encoder, model, lambda: shipped_pair(EncoderChoice.AUTO, titles))
        return cls(parts_of(catalog, pair.encoder, pair.model, image_cache, progress))

    def updated(
        self, catalog: Catalog, *, image_cache: Path | None = None, progress: Progress = silent
    ) -> "Index":
        """Return the index of the catalog as it is now, as ``build`` would, but faster.

        Only products that are new, or whose title or text changed, are encoded. A decoder tuned
        to the former catalog stays. Raises InputError for an empty catalog.
        """
        return Index(updated_parts(self.parts, catalog, image_cache, progress))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The pictures that could not be read when the index was built."""
        return self.parts.pictured.problems

    def save(self, folder: Path | str) -> None:
        """Write the index into ``folder``, whole or not at all."""
        self.parts.save(Path(folder))

    @classmethod
    def load(
        cls,
        folder: Path | str,
        *,
        encoder: Encoder | None = None,
        model: UniversalModel | None = None,
    ) -> "Index":
        """Return the index saved in ``folder``; raises InputError where it cannot be used.

        Without ``encoder`` and ``model``, those that it was built with are used: a model that
        does not ship with admatch is saved in the folder.
        """
        return cls(Parts.load(Path(folder), encoder, model))

    def fine_tuned(
        self, *, seed: int = 7, progress: Progress = silent
    ) -> "tuple[Index, FineTuned]":
        """Return the index with its decoder trained on this catalog, and what that gained.

        The new decoder is used only if it finds the products of held-out pseudo-queries better;
        otherwise the index is returned unchanged. 500 products take a minute.
        """
        # Imports scikit-learn, which takes half a second.
        from admatch.training.fine_tune import fine_tune

        parts = self.parts
        tuned = fine_tune(
            Corpus.of(parts.catalog.frame, parts.vectors),
            parts.generator,
            parts.model,
            lambda texts: encode_in_order(parts.encoder, texts, "encoding queries", progress),
            seed,
            progress,
        )
        return (Index(replace(parts, tuned=tuned.decoder)) if tuned.decoder else self), tuned

    def search(
        self,
        queries: Sequence[str],
        k: int = 50,
        *,
        images: Sequence[Picture] = (),
        modalities: Collection[Modality] | None = None,
    ) -> list[list[Match]]:
        """Return the k best products of each query, best first.

        With ``images``, one for each query, a query is the picture with its words ("in green"), or
        the picture alone where the words are blank. ``modalities`` selects what is compared: the
        products' texts, their pictures, or both combined; by default the fullest that a product
        has. ``queries`` may be empty for images alone. Raises InputError for a picture that cannot
        be read, and for an encoder without an image model.
        """
        if images or modalities is not None:
            queries = queries or [""] * len(images)
            return self._search_views(list(queries), k, images, modalities)
        retrieved = self._retrieve(list(queries), k, silent)
        rows = tabulate_products(retrieved, self.catalog.frame, self.parts.generator.ids)
        ranked: list[list[Match]] = [[] for _ in queries]
        for query, _rank, *match in rows.iter_rows():
            ranked[query].append(Match(*match))
        return ranked

    def match(
        self,
        report: SearchTermReport,
        *,
        k: int = 5,
        beside: Sequence[str] = (),
        progress: Progress = silent,
    ) -> Matches:
        """Return the k nearest products of every term of a report, each with its probability.

        Rows that are not search terms (``*``, ASINs, categories) stay, as not applicable. Terms
        that are mostly not in the encoder's language cause a ``LanguageWarning``; ``beside`` are
        more terms of the account, for a handful of new ones may seem to be in any language.
        """
        terms = shopper_terms(report)
        warn_of_misfit(self.parts.encoder.name, list(dict.fromkeys([*terms, *beside])))
        retrieved = self._retrieve(terms.to_list(), k, progress)
        products = tabulate_products(retrieved, self.catalog.frame, self.parts.generator.ids)
        return Matches(
            report,
            tabulate_terms(terms, retrieved),
            products.with_columns(search_term=terms[products["query"]]).select(*PRODUCTS_SCHEMA),
            self.catalog,
        )

    def explain(self, term: str, product_id: str) -> Explanation:
        """Return why a term is about a product, or is not."""
        row = self.catalog.position(product_id)
        text = product_texts(self.catalog.frame[row])[0]
        retrieved = self._retrieve([term], min(len(self.catalog), EXPLAINED), silent)
        spelt = self.spelt(term)
        query = query_vectors(self.parts.encoder, [spelt])
        similarity = self._retriever.similarity(query)[0]
        ids = self.parts.generator.ids
        return explained(term, spelt, row, text, self.catalog.frame, ids, retrieved, similarity)

    def semantic_id(self, product_id: str) -> str:
        """Return a product's ID, like ``T·31·207·118``."""
        row = self.catalog.position(product_id)
        return str(written_ids(self.parts.generator.ids[[row]])[0])

    def neighbours(self, product_id: str, k: int = 10) -> list[Neighbour]:
        """Return the k nearest products in the ID tree: by leading codes shared, then by cosine."""
        row, parts = self.catalog.position(product_id), self.parts
        return neighbours_of(row, self._products, parts.generator.ids, parts.vectors, k)

    def _search_views(
        self,
        queries: list[str],
        k: int,
        images: Sequence[Picture],
        modalities: Collection[Modality] | None,
    ) -> list[list[Match]]:
        vectors = query_vectors(self.parts.encoder, queries, images)
        decoder = self.parts.tuned or self.parts.model.decoder
        results = self._views.search(decoder, vectors, k, modalities)
        ids, rows = written_ids(self._views.generator.ids), self._products.rows(named=True)
        return [
            [
                Match(**rows[hit.product] | {"semantic_id": ids[hit.view]}, score=hit.cosine)
                for hit in hits
            ]
            for hits in results
        ]

    @cached_property
    def _views(self) -> Views:
        parts = self.parts
        return Views.build(parts.model.codebooks, parts.vectors, parts.pictured)

    def _retrieve(self, terms: list[str], k: int, progress: Progress) -> Retrieved:
        if not terms:
            return Retrieved.nothing()
        # Case and spaces mean nothing to encoder or words: such variants are encoded once.
        plain = [self.spelt(term) for term in terms]
        distinct = list(dict.fromkeys(plain))
        queries = encode_in_order(self.parts.encoder, distinct, "encoding terms", progress)
        scored = len(self.catalog) if self.parts.generator.exhaustive else BLOCK_SCORES // LARGE
        step = min(BLOCK_TERMS, max(1, BLOCK_SCORES // scored))
        blocks = []
        for start in range(0, len(distinct), step):
            part = slice(start, start + step)
            blocks.append(self._retriever.retrieve(distinct[part], queries[part], k))
            progress("generating and ranking", min(start + step, len(distinct)), len(distinct))
        row = {term: i for i, term in enumerate(distinct)}
        return Retrieved.joined(blocks, [row[term] for term in plain])

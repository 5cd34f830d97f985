"""Everything that the aspects of an audit look at, gathered once: ``Material``."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.audit.pictures import Pictures, see_pictures
from admatch.audit.reference import Reference
from admatch.audit.vocabulary import Vocabulary
from admatch.encode.language import language_shares
from admatch.encode.protocol import Vectors
from admatch.ids.codebooks import Codes
from admatch.index.build import encode_in_order
from admatch.index.parts import Parts
from admatch.match.universal import UniversalModel
from admatch.progress import Progress

OTHERS = 500  # listings of the catalog, and as many generic ones, to compare with
LINE, LINES = 1_000, 20  # letters of a title, a bullet and an attribute, and bullets, looked at
BODY = 1_500  # letters of a description, bullets and back-end terms that are read: 250 words
SHARPNESS = 20.0  # of softmax over cosines: of 5 … 80, the least error on swapped pictures
HIDDEN = "search_terms"  # attributes with this name are back-end keywords, hidden from shoppers
MOSTLY = 0.5  # share of English titles above which rules for English apply
SEED = 7


@dataclass(frozen=True)
class Material:
    """A catalog of n products as an audit sees it.

    ``titles`` and ``vectors`` (n, dim) are vectors of titles and of whole texts, ``bodies`` the
    rest of each listing's words, ``hidden`` its back-end search terms. ``others`` (m, dim) are
    vectors of listings to compare with: some of the catalog's titles, whose row numbers are
    ``sampled``, and as many generic products.
    """

    frame: pl.DataFrame
    vectors: Vectors
    titles: Vectors
    bodies: list[str]
    hidden: list[str]
    pictures: Pictures
    words: Vocabulary
    others: Vectors
    sampled: npt.NDArray[np.int64]
    reference: Reference
    english: bool
    encode: Callable[[list[str], str], Vectors]

    def __len__(self) -> int:
        return self.frame.height

    @classmethod
    def gathered(cls, parts: Parts, cache: Path | None, progress: Progress) -> "Material":
        """Return the material of an index: titles, words and pictures encoded."""

        def encode(texts: list[str], stage: str) -> Vectors:
            return encode_in_order(parts.encoder, texts, stage, progress)

        frame = _as_read(parts.catalog.frame)
        named, bodies, hidden = frame["title"].to_list(), _bodies(frame), hidden_terms(frame)
        distinct = list(dict.fromkeys(named))
        number = {title: at for at, title in enumerate(distinct)}
        titles = encode(distinct, "encoding titles")[[number[title] for title in named]]
        pictures = see_pictures(parts, cache, progress)
        words = Vocabulary.of(
            [*named, *bodies, *hidden], lambda texts: encode(texts, "encoding words")
        )
        sampled = np.random.default_rng(SEED).permutation(len(titles))[:OTHERS]
        return cls(
            frame,
            parts.vectors,
            titles,
            bodies,
            hidden,
            pictures,
            words,
            np.concatenate([titles[sampled], _generic(parts.model)]),
            sampled,
            Reference(parts.encoder),
            language_shares(named).get("en", 0.0) >= MOSTLY,
            encode,
        )

    def fit(
        self, vectors: Vectors, own: Vectors, rows: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """Return how much better ``vectors`` (k, dim) fit ``own`` (k, dim) than other listings.

        In nats: the log of the own listing's softmax weight relative to an average other one. 0 is
        no better than average, 3 twenty times as much. ``rows`` (k,) are the row numbers of the
        products.
        """
        likeness = SHARPNESS * (vectors @ self.others.T)
        likeness[np.nonzero(rows[:, None] == self.sampled)] = -np.inf  # the own title is no other
        top = likeness.max(axis=1, keepdims=True)
        usual = np.log(np.exp(likeness - top).mean(axis=1)) + top[:, 0]
        own_likeness = SHARPNESS * np.einsum("kd,kd->k", vectors, own)
        return np.asarray(own_likeness - usual, dtype=np.float64)

    def title(self, row: int) -> str:
        """Return a product's title as messages quote it."""
        title = str(self.frame["title"][row])
        return f"“{title if len(title) <= 80 else title[:79] + '…'}”"


def _as_read(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the listings as far as anybody would read them: shops allow 200 letters of a title.

    Words of a title are compared with one another, so an endless one would take all memory.
    """
    text, pair = pl.element().str.slice(0, LINE), pl.element().struct
    values = pl.struct(name=pair["name"], value=pair["value"].str.slice(0, LINE))
    return frame.with_columns(
        pl.col("title").str.slice(0, LINE),
        pl.col("description").str.slice(0, 10 * LINE),
        pl.col("bullets").list.head(LINES).list.eval(text),
        pl.col("attributes").list.head(10 * LINES).list.eval(values),
    )


def _bodies(frame: pl.DataFrame) -> list[str]:
    """Return what each listing shows beside its title: bullets, description, attributes."""
    pair = pl.element()
    hidden = pair.struct["name"].str.starts_with(HIDDEN)
    values = pl.col("attributes").list.eval(pair.struct["value"].filter(~hidden)).list.join(" ")
    parts = (pl.col("bullets").list.join(". "), pl.col("description"), values)
    text = pl.concat_str([part.fill_null("") for part in parts], separator=" ")
    return frame.select(text.str.slice(0, BODY).alias("body"))["body"].to_list()


def hidden_terms(frame: pl.DataFrame) -> list[str]:
    """Return each product's back-end search terms, all fields joined."""
    pair = pl.element()
    values = pair.struct["value"].filter(pair.struct["name"].str.starts_with(HIDDEN))
    text = pl.col("attributes").list.eval(values).list.join(" ").fill_null("")
    return frame.select(text.alias("hidden"))["hidden"].to_list()


def _generic(model: UniversalModel) -> Vectors:
    """Return unit vectors of generic products, decoded from their IDs in the universal trie."""
    codes = model.universe.codes
    step = max(1, len(codes.tree) // OTHERS)
    some = Codes(codes.tree[::step][:OTHERS], codes.detail[::step][:OTHERS])
    books = model.codebooks
    vectors = books.decode_tree(some.tree) + books.decode_detail(some.detail)
    unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit.astype(np.float32)

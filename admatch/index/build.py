"""Catalog → the parts of an index; and from an index's parts to those of the catalog of today."""

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.catalog.records import Catalog
from admatch.encode.product_pictures import product_pictures
from admatch.encode.product_text import product_texts, product_vectors
from admatch.encode.protocol import Encoder, Vectors
from admatch.errors import InputError
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codes
from admatch.ids.semantic_id import Modality
from admatch.index.parts import Parts
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence
from admatch.progress import Progress

ENCODED_AT_ONCE = 1024  # texts: how often progress is told

# Told how far a stage is: ``progress("encoding terms", 1024, 6323)``.

_Number = TypeVar("_Number", bound=np.generic)


def parts_of(
    catalog: Catalog,
    encoder: Encoder,
    model: UniversalModel,
    image_cache: Path | None,
    progress: Progress,
) -> Parts:
    """Return the parts of a catalog's index: encoded, quantized, its words sorted in.

    Raises InputError for an empty catalog, and where encoder and model do not fit.
    """
    _check_encoder(encoder, model)
    _check_catalog(catalog)
    vectors = _encoded(catalog.frame, encoder, progress)
    generator = Generator(model.codebooks, _modalities(catalog), model.codebooks.encode(vectors))
    pictured = product_pictures(catalog.frame, encoder, image_cache, progress)
    titles = catalog.frame["title"].to_list()
    words = WordEvidence.build(product_texts(catalog.frame), titles)
    return Parts(catalog, encoder, model, vectors, generator, pictured, words)


def updated_parts(
    parts: Parts, catalog: Catalog, image_cache: Path | None, progress: Progress
) -> Parts:
    """Return the parts of another catalog's index; only new and changed products are encoded.

    A product is the same where ID, title and text are. Equal to ``parts_of`` but for a decoder
    tuned to the catalog of before, which stays. Pictures are looked at anew, as a file may hold
    another one by now; with an ``image_cache`` none is encoded twice.
    """
    _check_catalog(catalog)
    kept = _kept(parts.catalog.frame, catalog.frame)
    new = catalog.frame.filter(pl.Series(kept < 0))
    fresh = _encoded(new, parts.encoder, progress)
    generator, encoded = parts.generator, parts.model.codebooks.encode(fresh)
    codes = Codes(
        _merged(generator.codes.tree, encoded.tree, kept),
        _merged(generator.codes.detail, encoded.detail, kept),
    )
    return replace(
        parts,
        catalog=catalog,
        vectors=_merged(parts.vectors, fresh, kept),
        generator=Generator(generator.codebooks, _modalities(catalog), codes),
        pictured=product_pictures(catalog.frame, parts.encoder, image_cache, progress),
        words=parts.words.updated(kept, product_texts(new), new["title"].to_list()),
    )


def encode_in_order(encoder: Encoder, texts: list[str], stage: str, progress: Progress) -> Vectors:
    """Return unit vectors (len(texts), dim); texts of one length go together, which is faster."""
    vectors = np.empty((len(texts), encoder.dim), dtype=np.float32)
    order = np.argsort([len(text) for text in texts], kind="stable")
    for start in range(0, len(texts), ENCODED_AT_ONCE):
        part = order[start : start + ENCODED_AT_ONCE]
        vectors[part] = encoder.encode_text([texts[i] for i in part])
        progress(stage, start + len(part), len(texts))
    return vectors


def _encoded(frame: pl.DataFrame, encoder: Encoder, progress: Progress) -> Vectors:
    def encode(views: list[str]) -> Vectors:
        return encode_in_order(encoder, views, "encoding products", progress)

    return product_vectors(frame, encode)


def _kept(before: pl.DataFrame, after: pl.DataFrame) -> npt.NDArray[np.int64]:
    """Return the number that each product had before, or -1 for a new or changed one."""
    columns = ["product_id", "title", "text"]
    told = [
        frame.select("product_id", "title", pl.Series("text", product_texts(frame), pl.String))
        for frame in (before, after)
    ]
    rows = told[1].join(told[0].with_row_index("at"), on=columns, how="left", maintain_order="left")
    return rows["at"].cast(pl.Int64).fill_null(-1).to_numpy()


def _merged(
    before: npt.NDArray[_Number], new: npt.NDArray[_Number], kept: npt.NDArray[np.int64]
) -> npt.NDArray[_Number]:
    """Return the rows that are kept, and ``new`` ones in their order in the places between."""
    rows = np.empty((len(kept), *before.shape[1:]), before.dtype)
    rows[kept >= 0] = before[kept[kept >= 0]]
    rows[kept < 0] = new
    return rows


def _modalities(catalog: Catalog) -> npt.NDArray[np.int16]:
    return np.full(len(catalog), Modality.TEXT, dtype=np.int16)


def _check_catalog(catalog: Catalog) -> None:
    if not len(catalog):
        raise InputError("the catalog holds no products; there is nothing to index")


def _check_encoder(encoder: Encoder, model: UniversalModel) -> None:
    if encoder.name != model.encoder:
        raise InputError(
            f"the model's codebooks were fitted to {model.encoder}, not to {encoder.name}; use "
            "that encoder, or a model trained for this one (`admatch train`)"
        )

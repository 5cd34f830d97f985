"""Catalog → the parts of an index, from scratch or from an earlier catalog's index."""

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from admatch.arrays import Ints, SemanticIds, Vectors
from admatch.catalog.records import Catalog
from admatch.encode.product_pictures import product_pictures
from admatch.encode.product_text import product_texts, product_vectors
from admatch.encode.protocol import Encoder
from admatch.errors import InputError
from admatch.generate.generator import Generator
from admatch.ids.codebooks import Codes
from admatch.ids.semantic_id import Modality
from admatch.index.parts import Parts
from admatch.match.universal import UniversalModel
from admatch.match.words import WordEvidence
from admatch.messages import say
from admatch.progress import Progress

ENCODED_AT_ONCE = 1024  # texts between two reports of progress

_Number = TypeVar("_Number", bound=np.generic)


def parts_of(
    catalog: Catalog,
    encoder: Encoder,
    model: UniversalModel,
    image_cache: Path | None,
    progress: Progress,
) -> Parts:
    """Return the parts of a catalog's index: its vectors, its IDs and its words.

    Raises InputError for an empty catalog, or if encoder and model do not fit together.
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

    A product is unchanged if its ID, title and text are. The result equals that of ``parts_of``,
    except that a decoder tuned to the former catalog stays. Pictures are read again, as a file may
    hold another picture by now; with an ``image_cache`` none is encoded twice.
    """
    _check_catalog(catalog)
    former = _former_rows(parts.catalog.frame, catalog.frame)
    new = catalog.frame.filter(pl.Series(former < 0))
    vectors = _encoded(new, parts.encoder, progress)
    generator, encoded = parts.generator, parts.model.codebooks.encode(vectors)
    codes = Codes(
        _merged(generator.codes.tree, encoded.tree, former),
        _merged(generator.codes.detail, encoded.detail, former),
    )
    return replace(
        parts,
        catalog=catalog,
        vectors=_merged(parts.vectors, vectors, former),
        generator=Generator(generator.codebooks, _modalities(catalog), codes),
        pictured=product_pictures(catalog.frame, parts.encoder, image_cache, progress),
        words=parts.words.updated(former, product_texts(new), new["title"].to_list()),
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


def _former_rows(before: pl.DataFrame, after: pl.DataFrame) -> Ints:
    """Return the row that each product had before, or -1 for a new or changed one."""
    columns = ["product_id", "title", "text"]
    old, new = (
        frame.select("product_id", "title", pl.Series("text", product_texts(frame), pl.String))
        for frame in (before, after)
    )
    rows = new.join(old.with_row_index("row"), on=columns, how="left", maintain_order="left")
    return rows["row"].cast(pl.Int64).fill_null(-1).to_numpy()


def _merged(
    before: npt.NDArray[_Number], new: npt.NDArray[_Number], former: Ints
) -> npt.NDArray[_Number]:
    """Return the rows ``former`` of ``before``, with those of ``new`` in order where it is -1."""
    rows = np.empty((len(former), *before.shape[1:]), before.dtype)
    rows[former >= 0] = before[former[former >= 0]]
    rows[former < 0] = new
    return rows


def _modalities(catalog: Catalog) -> SemanticIds:
    return np.full(len(catalog), Modality.TEXT, dtype=np.int16)


def _check_catalog(catalog: Catalog) -> None:
    if not len(catalog):
        raise InputError(say("index.empty_catalog"))


def _check_encoder(encoder: Encoder, model: UniversalModel) -> None:
    if encoder.name != model.encoder:
        raise InputError(say("index.encoder.misfit", fitted=model.encoder, given=encoder.name))

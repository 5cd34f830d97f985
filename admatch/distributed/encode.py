"""Texts → vectors, cached by the hash of the text, and a catalog's index built from them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from admatch.catalog.records import Catalog
from admatch.distributed.engine import Engine
from admatch.encode.cached_encoder import CachedEncoder
from admatch.encode.cached_texts import CachedTexts
from admatch.encode.choice import EncoderChoice
from admatch.encode.product_text import product_views
from admatch.encode.protocol import Encoder, Vectors
from admatch.errors import AdmatchError
from admatch.index.index import Index
from admatch.index.shipped import complete_pair, shipped_pair
from admatch.match.universal import UniversalModel
from admatch.progress import Progress, silent

WORKER = 2**30  # bytes that a worker with an encoder takes, mostly for torch


@dataclass(frozen=True)
class EncodeTexts:
    """The job of a worker: a chunk of texts → unit vectors (n, dim)."""

    encoder: Encoder
    memory: int = WORKER

    def open(self) -> Callable[[Sequence[str]], Vectors]:
        """Return the function that encodes a chunk."""
        return self.encoder.encode_text


def encode_ahead(
    texts: Iterable[str], cache: CachedTexts, engine: Engine, progress: Progress
) -> int:
    """Encode the texts that are not in the cache yet, and return their number.

    Each chunk is on disk as soon as it arrives, so a stopped run continues where it was. Workers
    do not need to see the folder. Raises what the encoder raises.
    """
    chunks = cache.missing(texts)
    done, total = 0, sum(map(len, chunks))
    for number, vectors in engine.run(EncodeTexts(cache.encoder), chunks):
        if isinstance(vectors, AdmatchError):
            raise vectors
        cache.add(chunks[number], vectors)
        done += len(chunks[number])
        progress("encoding texts", done, total)
    return done


def index_catalog(
    catalog: Catalog,
    *,
    cache: Path,
    engine: Engine,
    encoder: Encoder | None = None,
    model: UniversalModel | None = None,
    image_cache: Path | None = None,
    progress: Progress = silent,
) -> Index:
    """Return the index that ``Index.build`` returns, with texts encoded by all workers.

    Their vectors are cached in the folder ``cache``. Pictures are encoded in this process.
    """
    titles = catalog.frame["title"].to_list()
    pair = complete_pair(encoder, model, lambda: shipped_pair(EncoderChoice.AUTO, titles))
    reading = CachedEncoder(pair.encoder, cache)
    encode_ahead(product_views(catalog.frame), reading.cache, engine, progress)
    return Index.build(
        catalog, encoder=reading, model=pair.model, image_cache=image_cache, progress=progress
    )

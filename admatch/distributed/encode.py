"""Texts → vectors kept by the hash of the text, and a catalog's index made of them."""

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

WORKER = 2**30  # bytes that a worker with an encoder takes: most are torch's own


@dataclass(frozen=True)
class EncodeTexts:
    """The job of a worker: a chunk of texts becomes unit vectors (n, dim)."""

    encoder: Encoder
    memory: int = WORKER

    def open(self) -> Callable[[Sequence[str]], Vectors]:
        """Return what encodes a chunk."""
        return self.encoder.encode_text


def encode_ahead(
    texts: Iterable[str], kept: CachedTexts, engine: Engine, progress: Progress
) -> int:
    """Encode the texts that are not kept yet, keep their vectors, and return how many.

    Each chunk is on disk as soon as it comes, so a run that was stopped goes on where it was.
    Workers need not see the folder. Raises what the encoder raises.
    """
    chunks = kept.missing(texts)
    done, total = 0, sum(map(len, chunks))
    for number, vectors in engine.run(EncodeTexts(kept.encoder), chunks):
        if isinstance(vectors, AdmatchError):
            raise vectors
        kept.add(chunks[number], vectors)
        done += len(chunks[number])
        progress("encoding texts", done, total)
    return done


def index_catalog(
    catalog: Catalog,
    *,
    kept: Path,
    engine: Engine,
    encoder: Encoder | None = None,
    model: UniversalModel | None = None,
    image_cache: Path | None = None,
    progress: Progress = silent,
) -> Index:
    """Return what ``Index.build`` does, its texts encoded by all workers and kept in a folder.

    Pictures are encoded here.
    """
    titles = catalog.frame["title"].to_list()
    pair = complete_pair(encoder, model, lambda: shipped_pair(EncoderChoice.AUTO, titles))
    reading = CachedEncoder(pair.encoder, kept)
    encode_ahead(product_views(catalog.frame), reading.cache, engine, progress)
    return Index.build(
        catalog, encoder=reading, model=pair.model, image_cache=image_cache, progress=progress
    )

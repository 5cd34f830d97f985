"""Encoders and indexes that stay loaded in a worker."""

import os
from collections import OrderedDict
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from admatch.encode.choice import EncoderChoice
from admatch.encode.misfit import choice_for
from admatch.progress import Progress
from admatch.threads import set_threads
from admatch.web.work.saved import load_catalog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from admatch.index.index import Index
    from admatch.index.shipped import Pair

_MOST_INDEXES = 4  # in memory: of 100,000 products each they are 1 GB
_indexes: "OrderedDict[Path, Index]" = OrderedDict()


def load_models(arguments: dict[str, Any], progress: Progress) -> None:
    """Load the models that nearly every run needs, with the tables that they make when first used.

    After that the first search takes as long as every other.
    """
    progress("loading models", 0, 2)
    set_threads(arguments.get("threads") or max(1, (os.cpu_count() or 2) - 1))
    from admatch.index.index import Index  # noqa: F401 - so that no search waits for it

    pair = _pair(EncoderChoice.ENGLISH)
    choice_for(["first"])
    query = pair.encoder.encode_text(["first"])
    progress("loading models", 1, 2)
    pair.model.decode_freely(pair.model.decoder(query))
    progress("loading models", 2, 2)


def index_of(folder: Path, terms: "Sequence[str]", progress: Progress) -> "Index":
    """Return the index of an uploaded catalog, from memory, from its folder, or built.

    The language of ``terms`` counts for the choice of encoder.
    """
    from admatch.index.index import Index

    choice = _choice(folder, terms)
    path = folder / f"index-{choice.value}"
    if path in _indexes:
        _indexes.move_to_end(path)
        return _indexes[path]
    progress("loading models", 0, 1)
    pair = _pair(choice)
    progress("loading models", 1, 1)
    if path.is_dir():
        index = Index.load(path, encoder=pair.encoder, model=pair.model)
    else:
        catalog = load_catalog(folder / "read", folder)
        index = Index.build(catalog, encoder=pair.encoder, model=pair.model, progress=progress)
        _save(index, path)
    _indexes[path] = index
    while len(_indexes) > _MOST_INDEXES:
        _indexes.popitem(last=False)
    return index


def _choice(folder: Path, terms: "Sequence[str]") -> EncoderChoice:
    known = _choice_of_titles(folder)
    return known if known is EncoderChoice.MULTILINGUAL else choice_for(terms)


@lru_cache(64)
def _choice_of_titles(folder: Path) -> EncoderChoice:
    """Return the encoder for the titles of an uploaded catalog, which never changes."""
    return choice_for(load_catalog(folder / "read", folder).frame["title"].to_list())


def _save(index: "Index", path: Path) -> None:
    """Save an index, unless another worker was faster with the same one."""
    try:
        if not path.is_dir():
            index.save(path)
    except OSError:
        if not path.is_dir():
            raise


@cache
def _pair(choice: EncoderChoice) -> "Pair":
    from admatch.index.shipped import shipped_pair

    return shipped_pair(choice)

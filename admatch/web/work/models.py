"""Encoders and indexes that stay loaded in a worker."""

import os
from collections import OrderedDict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from admatch.encode.choice import EncoderChoice
from admatch.progress import Progress
from admatch.web.work.kept import load_catalog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from admatch.index.index import Index
    from admatch.index.shipped import Pair

_HELD = 4  # indexes: of 100,000 products each they are 1 GB
_indexes: "OrderedDict[Path, Index]" = OrderedDict()


def warm_up(arguments: dict[str, Any], progress: Progress) -> None:
    """Load what nearly every run needs."""
    import torch

    torch.set_num_threads(arguments.get("threads") or max(1, (os.cpu_count() or 2) - 1))
    pair = _pair(EncoderChoice.ENGLISH)
    pair.encoder.encode_text(["warm"])


def index_of(folder: Path, terms: "Sequence[str]", progress: Progress) -> "Index":
    """Return the index of an uploaded catalog, from memory, from its folder, or built.

    ``terms`` count for the choice of encoder, as their language does.
    """
    from admatch.index.index import Index
    from admatch.index.shipped import choice_for

    catalog = load_catalog(folder / "read", folder)
    titles = catalog.frame["title"].to_list()
    choice = choice_for(titles, terms)
    place = _place(folder, choice)
    if place in _indexes:
        _indexes.move_to_end(place)
        return _indexes[place]
    progress("loading models", 0, 1)
    pair = _pair(choice)
    progress("loading models", 1, 1)
    if place.is_dir():
        index = Index.load(place, encoder=pair.encoder, model=pair.model)
    else:
        index = Index.build(catalog, encoder=pair.encoder, model=pair.model, progress=progress)
        _save(index, place)
    _indexes[place] = index
    while len(_indexes) > _HELD:
        _indexes.popitem(last=False)
    return index


def _save(index: "Index", place: Path) -> None:
    """Keep an index, unless another worker was faster with the same one."""
    try:
        if not place.is_dir():
            index.save(place)
    except OSError:
        if not place.is_dir():
            raise


def _place(folder: Path, choice: EncoderChoice) -> Path:
    return folder / f"index-{choice.value}"


@cache
def _pair(choice: EncoderChoice) -> "Pair":
    from admatch.index.shipped import shipped_pair

    return shipped_pair(choice)

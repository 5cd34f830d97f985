"""The index that an analysis uses, opened or built: ``ProductSource``, ``open_index``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from admatch.encode.choice import EncoderChoice
from admatch.errors import InputError
from admatch.messages import say
from admatch.pipeline.cache import Cache, NoCache
from admatch.pipeline.sample import sample_folder
from admatch.progress import Progress

if TYPE_CHECKING:
    from admatch.catalog.records import Catalog
    from admatch.index.index import Index
    from admatch.pipeline.models import Models


@dataclass(frozen=True, slots=True)
class ProductSource:
    """The products of an analysis, and the encoder that reads them.

    ``catalog`` is a file, or what was read from it; ``index`` the folder of a saved index, or an
    open index. ``columns`` are headers by field, for columns that are not recognised. Pictures are
    fetched into the folder ``image_cache``; without it, none are fetched.
    """

    catalog: "Path | Catalog | None" = None
    index: "Path | Index | None" = None
    columns: Mapping[str, str] = field(default_factory=dict)
    image_cache: Path | None = None
    encoder: str = EncoderChoice.AUTO

    def __post_init__(self) -> None:
        if self.catalog is not None and self.index is not None:
            raise InputError(say("pipeline.index.both"))
        if self.index is not None and self.encoder != EncoderChoice.AUTO:
            raise InputError(say("pipeline.index.encoder"))

    def read_catalog(self) -> "Catalog":
        """Return the catalog; that of the sample if there is neither a catalog nor an index."""
        from admatch.catalog.reader import read_catalog

        held = self.catalog or sample_folder() / "catalog.csv"
        if not isinstance(held, Path):
            return held
        return read_catalog(held, columns=dict(self.columns), image_cache=self.image_cache)


def open_index(
    source: ProductSource,
    progress: Progress,
    *,
    terms: Sequence[str] = (),
    cache: Cache | None = None,
    models: "Models | None" = None,
) -> "Index":
    """Return the index of a source: as it is, loaded, or built.

    The language of ``terms``, which will be matched with it, counts for the choice of encoder, as
    does that of the titles. Raises ``InputError`` for an encoder without a shipped model.
    """
    from admatch.index.index import Index
    from admatch.pipeline.models import shipped_models

    cache = cache or NoCache()
    if isinstance(source.index, Path):
        return _cached(Index.load(source.index), cache)
    if source.index is not None:
        return source.index
    choice, held = _choice(source), source.read_catalog()
    pair = (models or shipped_models()).pair(choice, held.frame["title"].to_list(), list(terms))
    return Index.build(
        held, encoder=cache.encoder(pair.encoder), model=cache.model(pair.model),
        image_cache=source.image_cache, progress=progress,
    )  # fmt: skip


def build_or_update(
    source: ProductSource,
    progress: Progress,
    *,
    cache: Cache | None = None,
    model: Path | None = None,
    build: "Callable[..., Index] | None" = None,
    before: Path | None = None,
) -> "Index":
    """Return the index of a catalog, to be saved.

    ``model`` is the folder of your own model, which has its own encoder. ``build`` replaces
    ``Index.build``. An index ``before`` that encoder and model can read is updated instead of
    building another.
    """
    from admatch.index.index import Index
    from admatch.pipeline.models import shipped_models

    cache, held = cache or NoCache(), source.read_catalog()
    if model is not None:
        from admatch.index.shipped import encoder_of
        from admatch.match.universal import UniversalModel

        own = source.encoder != EncoderChoice.AUTO
        encoder, trained = encoder_of(source.encoder) if own else None, UniversalModel.load(model)
    else:
        pair = shipped_models().pair(_choice(source), held.frame["title"].to_list())
        encoder, trained = pair.encoder, pair.model
        if build is None:
            encoder, trained = cache.encoder(pair.encoder), cache.model(pair.model)
    if build is None and before:
        try:
            known = Index.load(before, encoder=encoder, model=trained)
            return known.updated(held, image_cache=source.image_cache, progress=progress)
        except InputError:
            pass  # another encoder, model or version of admatch; damaged, or missing
    return (build or Index.build)(
        held, encoder=encoder, model=trained, image_cache=source.image_cache, progress=progress
    )


def _choice(source: ProductSource) -> EncoderChoice:
    if source.encoder not in [*EncoderChoice]:
        raise InputError(say("pipeline.index.no_model", encoder=source.encoder))
    return EncoderChoice(source.encoder)


def _cached(index: "Index", cache: Cache) -> "Index":
    """Return a loaded index whose shipped encoder uses the cache."""
    from admatch.index.index import Index

    parts = index.parts
    if parts.model.release is None:
        return index
    encoder, model = cache.encoder(parts.encoder), cache.model(parts.model)
    return Index(replace(parts, encoder=encoder, model=model))

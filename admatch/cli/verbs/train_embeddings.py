"""``admatch train-embeddings``: the texts of ``admatch train`` → their vectors, ahead of it."""

from pathlib import Path

from admatch.cli.console import plain, stderr
from admatch.cli.options import (
    AddressOption,
    ColumnOption,
    EngineChoice,
    EngineOption,
    engine_of,
    named_columns,
    show_catalog,
)
from admatch.cli.progress import progress_bars
from admatch.cli.verbs.train import (
    CatalogsArgument,
    TermsOption,
    TrainedEncoderOption,
    TrainingCacheOption,
    read_lines,
)
from admatch.encode.choice import EncoderChoice
from admatch.tables.address import at_hand


def train_embeddings(
    catalogs: CatalogsArgument,
    terms: TermsOption = None,
    column: ColumnOption = None,
    encoder: TrainedEncoderOption = EncoderChoice.ENGLISH.value,
    cache: TrainingCacheOption = Path(".admatch-train"),
    engine: EngineOption = EngineChoice.LOCAL,
    address: AddressOption = None,
) -> None:
    r"""Encode what `admatch train` will ask for, on all cores or a cluster.

    Vectors are kept by the hash of their text, so that `admatch train` with the same --cache
    encodes only the queries that it makes up. Run again, it goes on where it was. For example:

    $ admatch train-embeddings data/sample/catalog.csv --engine ray
    $ admatch train data/sample/catalog.csv --seeds 1 --out my-model
    """
    from admatch.catalog.reader import read_catalog
    from admatch.distributed.encode import encode_ahead
    from admatch.encode.cached_texts import CachedTexts
    from admatch.encode.product_text import product_views
    from admatch.index.shipped import encoder_of

    texts = read_lines(terms) if terms else []
    for path in catalogs:
        with at_hand(path) as held:
            catalog = read_catalog(held, columns=named_columns(column or []))
        show_catalog(catalog)
        texts += product_views(catalog.frame)
    with progress_bars() as progress, engine_of(engine, address) as workers:
        kept = CachedTexts(encoder_of(encoder), cache, progress)
        done = encode_ahead(texts, kept, workers, progress)
    told = f"{done:,} texts encoded, {len(set(texts)) - done:,} were kept before in {cache}"
    stderr().print(plain(told))

"""``admatch train-embeddings``: the texts of ``admatch train`` → their vectors, ahead of it."""

from pathlib import Path

from admatch.apps.engines import AddressOption, EngineChoice, EngineOption, engine_of
from admatch.apps.products import ColumnOption, named_columns, show_catalog
from admatch.apps.progress import progress_bars
from admatch.apps.screen import plain, remarks
from admatch.apps.verbs.train import (
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
    from admatch.encode.product_views import product_views
    from admatch.encoders import encoder_of
    from admatch.training.vectors import KeptTexts

    texts = read_lines(terms) if terms else []
    for path in catalogs:
        with at_hand(path) as held:
            catalog = read_catalog(held, columns=named_columns(column or []))
        show_catalog(catalog)
        texts += product_views(catalog.frame)
    with progress_bars() as progress, engine_of(engine, address) as workers:
        kept = KeptTexts(encoder_of(encoder), cache, progress)
        done = encode_ahead(texts, kept, workers, progress)
    told = f"{done:,} texts encoded, {len(set(texts)) - done:,} were kept before in {cache}"
    remarks().print(plain(told))

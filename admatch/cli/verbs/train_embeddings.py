"""``admatch train-embeddings``: the texts of ``admatch train``, encoded in advance."""

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
from admatch.messages import say
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
    r"""Encode the texts that `admatch train` will need, on all cores or a cluster.

    Vectors are cached by the hash of their text, so `admatch train` with the same --cache encodes
    only the queries that it generates. Run again, it continues. For example:

    $ admatch train-embeddings data/sample/catalog.csv --engine ray
    $ admatch train data/sample/catalog.csv --seeds 1 --out my-model
    """
    from admatch.catalog.reader import read_catalog
    from admatch.distributed.encode import encode_ahead
    from admatch.encode.cached_texts import CachedTexts
    from admatch.encode.product_text import product_views
    from admatch.index.shipped import encoder_of

    views: list[str] = []
    for path in catalogs:
        with at_hand(path) as local:
            catalog = read_catalog(local, columns=named_columns(column or []))
        show_catalog(catalog)
        views += product_views(catalog.frame)
    texts = list(dict.fromkeys([*views, *(read_lines(terms) if terms else [])]))
    with progress_bars() as progress, engine_of(engine, address) as workers:
        cached = CachedTexts(encoder_of(encoder), cache, progress)
        done = encode_ahead(texts, cached, workers, progress)
    earlier = len(texts) - done
    stderr().print(plain(say("cli.train.encoded", n=done, earlier=earlier, folder=str(cache))))

"""``admatch train-encoder``: catalogs and terms → the network of the English encoder."""

from pathlib import Path
from typing import Annotated

import typer

from admatch.cli.console import plain, stderr
from admatch.cli.options import ColumnOption, named_columns, show_catalog
from admatch.cli.progress import progress_bars
from admatch.cli.verbs.train import CatalogsArgument, TermsOption, TrainingCacheOption, read_lines
from admatch.messages import say


def train_encoder(
    catalogs: CatalogsArgument,
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Where the network goes; replaced.")
    ],
    terms: TermsOption = None,
    column: ColumnOption = None,
    cache: TrainingCacheOption = Path(".admatch-train"),
    seed: Annotated[int, typer.Option("--seed", help="Seed of texts and training.")] = 7,
) -> None:
    r"""Train the English encoder's network: half of all-MiniLM-L6-v2, with nearly its vectors.

    It learns the vectors that the whole network gives to terms, titles and words. A stopped run
    continues after its last pass. The file it writes takes the place of the one in
    admatch/models/english-1. For example:

    $ admatch train-encoder toys.csv electronics.csv --terms queries.txt --out english
    """
    import polars as pl

    from admatch.catalog.reader import read_catalog
    from admatch.training.student import distil
    from admatch.training.student_texts import student_texts

    columns = named_columns(column or [])
    read = [read_catalog(path, columns=columns) for path in catalogs]
    for catalog in read:
        show_catalog(catalog)
    products = pl.concat([catalog.frame for catalog in read])
    texts = student_texts(products, read_lines(terms) if terms else (), seed)
    with progress_bars() as progress:
        close = distil(texts, out, cache, seed, progress)
    mean, low = f"{close.mean:.3f}", f"{close.fifth_percentile:.3f}"
    stderr().print(plain(say("cli.train.closeness", mean=mean, low=low, folder=str(out))))

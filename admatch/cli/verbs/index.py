"""``admatch index``: a catalog → an index on disk."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from admatch.cli.console import plain, stderr
from admatch.cli.options import (
    AddressOption,
    ColumnOption,
    EncoderOption,
    EngineChoice,
    EngineOption,
    ImageCacheOption,
    engine_of,
    product_source,
    show_index,
)
from admatch.cli.progress import progress_bars
from admatch.encode.choice import EncoderChoice
from admatch.messages import say
from admatch.tables.address import address_of, at_hand, local_path


def index(
    catalog: Annotated[
        Path,
        typer.Argument(
            metavar="CATALOG",
            help="Your products: CSV, TSV, XLSX, JSONL, Parquet, a folder of Parquet files, or the"
            " address of one, such as s3://…",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="FOLDER",
            help="Where the index goes, a folder or an address; an existing index is updated.",
        ),
    ],
    column: ColumnOption = None,
    image_cache: ImageCacheOption = None,
    encoder: EncoderOption = EncoderChoice.AUTO,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="FOLDER", help="A model made by `admatch train`."),
    ] = None,
    fine_tune: Annotated[
        bool,
        typer.Option("--fine-tune", help="Train the decoder on this catalog; used if it helps."),
    ] = False,
    engine: EngineOption = EngineChoice.LOCAL,
    address: AddressOption = None,
) -> None:
    r"""Index a catalog once, so that match, search and show start at once.

    For example:

    $ admatch index data/sample/catalog.csv --out sample-index
    $ admatch search "oat milk" --index sample-index

    Run again after the catalog has changed, it encodes only what is new or changed.

    A column with another name:

    $ admatch index data/sample/catalog.csv --out sample-index \
        --column title=title

    With the decoder trained on this catalog, which takes a minute for 500 products:

    $ admatch index data/sample/catalog.csv --out sample-index --fine-tune

    A large catalog, encoded on all cores or a cluster; run again, it encodes only new texts:

    $ admatch index catalog.parquet --out big-index --engine ray
    """
    from admatch.distributed.index_folder import open_index_folder
    from admatch.pipeline.cache import FolderCache
    from admatch.pipeline.open_index import build_or_update

    here = local_path(out)
    with (
        progress_bars() as progress,
        engine_of(engine, address) as workers,
        at_hand(catalog) as products,
        open_index_folder(out) as folder,
    ):
        build = None
        if engine is EngineChoice.RAY:
            from admatch.distributed.encode import index_catalog

            vectors = (here or Path(out.name)).with_name(f"{out.name}.vectors")
            build = partial(index_catalog, cache=vectors, engine=workers)
        built = build_or_update(
            product_source(products, None, column, image_cache, encoder, model),
            progress,
            cache=FolderCache(),
            model=model,
            build=build,
            before=folder,
        )
        tuned = None
        if fine_tune:
            built, tuned = built.fine_tuned(progress=progress)
        built.save(folder)
    show_index(built)
    if tuned:
        fate = say("cli.index.better") if tuned.decoder else say("cli.index.no_better")
        before, after = f"{tuned.before:.3f}", f"{tuned.after:.3f}"
        stderr().print(plain(say("cli.index.tuned", before=before, after=after, fate=fate)))
    where = str(here or address_of(out))
    stderr().print(plain(say("cli.index.done", n=len(built.catalog), where=where)))
    if build:
        stderr().print(plain(say("cli.index.vectors", folder=str(vectors)), "dim"))

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
            help="Where the index goes, a folder or an address; one that is there is brought up to"
            " date.",
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
        typer.Option("--fine-tune", help="Train the decoder on this catalog; kept if it helps."),
    ] = False,
    engine: EngineOption = EngineChoice.LOCAL,
    address: AddressOption = None,
) -> None:
    r"""Index a catalog once, so that match, search and show start at once.

    For example:

    $ admatch index data/sample/catalog.csv --out sample-index
    $ admatch search "oat milk" --index sample-index

    Run again after the catalog changed, only what is new or changed is encoded.

    A column under a name of your own:

    $ admatch index data/sample/catalog.csv --out sample-index \
        --column title=title

    With the decoder trained on this very catalog, a minute for 500 products:

    $ admatch index data/sample/catalog.csv --out sample-index --fine-tune

    A big one, its texts encoded on all cores or a cluster; run again, only new texts are:

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

            kept = (here or Path(out.name)).with_name(f"{out.name}.vectors")
            build = partial(index_catalog, cache=kept, engine=workers)
        held = build_or_update(
            product_source(products, None, column, image_cache, encoder, model),
            progress,
            cache=FolderCache(),
            model=model,
            build=build,
            before=folder,
        )
        tuned = None
        if fine_tune:
            held, tuned = held.fine_tuned(progress=progress)
        held.save(folder)
    show_index(held)
    if tuned:
        fate = "kept" if tuned.decoder else "not kept: held-out queries did not improve"
        told = f"fine-tuning: mean reciprocal rank {tuned.before:.3f} → {tuned.after:.3f}, {fate}"
        stderr().print(plain(told))
    where = here or address_of(out)
    stderr().print(plain(f"{len(held.catalog):,} products indexed in {where}"))
    if build:
        stderr().print(plain(f"vectors are kept in {kept} for the next time", "dim"))

"""``admatch train``: catalogs and judged pairs → your own model."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from admatch.cli.console import plain, stderr, stdout
from admatch.cli.options import ColumnOption, named_columns, show_catalog
from admatch.cli.progress import progress_bars
from admatch.encode.choice import EncoderChoice
from admatch.errors import InputError
from admatch.messages import say

if TYPE_CHECKING:
    from admatch.match.universal import UniversalModel

CatalogsArgument = Annotated[
    list[Path],
    typer.Argument(metavar="CATALOG...", help="Products to train on: one or more catalogs."),
]
TermsOption = Annotated[
    Path | None,
    typer.Option(
        "--terms",
        metavar="FILE",
        help="Real search terms about anything, one per line; else those of the judged pairs.",
    ),
]
TrainedEncoderOption = Annotated[
    str,
    typer.Option(
        "--encoder",
        metavar="NAME",
        help="The encoder that the codes are made for: english, multilingual, or"
        " open_clip:MODEL/PRETRAINED.",
    ),
]
TrainingCacheOption = Annotated[
    Path,
    typer.Option("--cache", metavar="FOLDER", help="Where vectors and seeds are cached."),
]


def train(
    catalogs: CatalogsArgument,
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Where the model goes; replaced.")
    ],
    pairs: Annotated[
        Path | None,
        typer.Option(
            "--pairs",
            metavar="FILE",
            help="Judged pairs: CSV or Parquet with query, product_id and grade (or esci_label).",
        ),
    ] = None,
    terms: TermsOption = None,
    notes: Annotated[
        Path | None,
        typer.Option(
            "--notes", metavar="FILE", help="Your own words for the model card: licences, limits."
        ),
    ] = None,
    column: ColumnOption = None,
    encoder: TrainedEncoderOption = EncoderChoice.ENGLISH.value,
    seeds: Annotated[
        int, typer.Option("--seeds", min=1, help="How many seeds to try; the best is used.")
    ] = 3,
    cache: TrainingCacheOption = Path(".admatch-train"),
) -> None:
    r"""Train codes, decoder and calibration on your own products.

    A stopped run continues when started again. For example, on the sample's 81 products (too few
    for a useful model, enough to see how it works):

    $ admatch train data/sample/catalog.csv --seeds 1 --out my-model
    $ admatch index data/sample/catalog.csv --model my-model --out my-index

    On Amazon's ESCI data, with one row per product_id in its products file:

    $ admatch train esci_products.parquet --column title=product_title \
        --pairs shopping_queries_dataset_examples.parquet --out esci-model
    """
    from admatch.catalog.reader import read_catalog
    from admatch.index.shipped import encoder_of
    from admatch.training.train import Material
    from admatch.training.train import train as train_model

    columns = named_columns(column or [])
    read = {path.name: read_catalog(path, columns=columns) for path in catalogs}
    for catalog in read.values():
        show_catalog(catalog)
    material = Material(
        read, read_lines(terms) if terms else (), pairs, notes.read_text() if notes else ""
    )
    with progress_bars() as progress:
        model = train_model(
            material,
            encoder_of(encoder),
            out,
            seeds=range(7, 7 + seeds),
            cache=cache,
            progress=progress,
        )
    _show(model)
    stderr().print(plain(say("cli.train.done", folder=str(out))))


def read_lines(path: Path) -> list[str]:
    """Return the lines of a file that are not blank; raises InputError if it is not text."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(say("cli.train.no_terms", file=str(path), why=str(error))) from None
    return [line.strip() for line in lines if line.strip()]


def _show(model: "UniversalModel") -> None:
    table = Table("seed", "exact search", "IDs, untrained", "IDs, trained", "")
    for one in model.about["seeds"]:
        cells = [f"{one[name]:.3f}" for name in ("dense", "untrained", "trained")]
        chosen = "used" if one["seed"] == model.about["seed"] else ""
        table.add_row(str(one["seed"]), *cells, chosen)
    stdout().print(table)

"""A file of judged pairs → ``Pairs``: which product a query means, and how well."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from admatch.arrays import Floats32, Ints
from admatch.errors import InputError
from admatch.messages import say

# The grade of each label, 0 … 1: ESCI's own gains (Reddy et al. 2022, arXiv 2206.06588).
LABELS = {"exact": 1.0, "substitute": 0.1, "complement": 0.01, "irrelevant": 0.0}
GRADES = ("grade", "esci_label", "label", "relevance")


@dataclass(frozen=True)
class Pairs:
    """Judged pairs: ``grades[i]``, 0 … 1, of ``queries[i]`` and product number ``products[i]``.

    ``left_out`` counts the pairs whose product is in no catalog.
    """

    queries: Sequence[str]
    products: Ints
    grades: Floats32
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.queries)


def read_pairs(path: Path, product_ids: Sequence[str]) -> Pairs:
    """Return the pairs of a CSV or Parquet file with the columns query, product_id and grade.

    A grade is a number from 0 (not at all) to the largest of the file, or a label of ESCI (E, S,
    C, I); the column may also be called esci_label. Without such a column every pair fits.
    ``product_ids`` are those of the catalogs. Raises InputError for any other file.
    """
    frame = _read(path)
    missing = {"query", "product_id"} - set(frame.columns)
    if missing:
        names, n = ", ".join(sorted(missing)), len(missing)
        raise InputError(say("training.pairs.no_column", n=n, file=path.name, columns=names))
    grade = next((name for name in GRADES if name in frame.columns), None)
    grades = _grades(path, frame[grade]) if grade else pl.repeat(1.0, frame.height, eager=True)
    numbers = pl.DataFrame(
        {"product_id": list(product_ids), "product": np.arange(len(product_ids))}
    ).unique("product_id", keep="first")
    rows = frame.select(pl.col("query").cast(pl.String), pl.col("product_id").cast(pl.String))
    rows = rows.with_columns(grade=grades).join(
        numbers, on="product_id", how="left", maintain_order="left"
    )
    known = rows.drop_nulls()
    if known.is_empty():
        raise InputError(say("training.pairs.no_product", file=path.name, pairs=rows.height))
    return Pairs(
        known["query"].to_list(),
        known["product"].to_numpy(),
        known["grade"].to_numpy().astype(np.float32),
        rows.height - known.height,
    )


def _read(path: Path) -> pl.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        return pl.read_csv(path, infer_schema=False)
    except (OSError, PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(say("training.pairs.unreadable", file=str(path), reason=reason)) from None


def _grades(path: Path, cells: pl.Series) -> pl.Series:
    """Return grades from 0 to 1; raises InputError for a cell that is neither number nor label."""
    numbers = cells.cast(pl.Float64, strict=False)
    most = numbers.max()
    if isinstance(most, float) and most > 0:
        numbers = numbers / most
    words = LABELS | {label[0]: value for label, value in LABELS.items()}
    labels = cells.cast(pl.String).str.strip_chars().str.to_lowercase()
    grades = numbers.fill_null(labels.replace_strict(words, default=None))
    bad = (grades.is_null() | (grades < 0)).arg_true()
    if len(bad):
        raise InputError(
            say(
                "training.pairs.no_grade",
                file=path.name,
                row=int(bad[0]) + 2,
                column=cells.name,
                value=str(cells[bad[0]]),
            )
        )
    return grades

"""A file of judged pairs → ``Pairs``: which product a query means, and how well."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from polars.exceptions import PolarsError

from admatch.errors import InputError

# What a label is worth, 0 … 1: ESCI's own gains (Reddy et al. 2022, arXiv 2206.06588).
LABELS = {"exact": 1.0, "substitute": 0.1, "complement": 0.01, "irrelevant": 0.0}
GRADES = ("grade", "esci_label", "label", "relevance")


@dataclass(frozen=True)
class Pairs:
    """Judged pairs: ``queries[i]`` and product number ``products[i]`` fit by ``grades[i]``, 0 … 1.

    ``left_out`` counts the pairs whose product is in no catalog.
    """

    queries: Sequence[str]
    products: npt.NDArray[np.int64]
    grades: npt.NDArray[np.float32]
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.queries)


def read_pairs(path: Path, product_ids: Sequence[str]) -> Pairs:
    """Return the pairs of a CSV or Parquet file with the columns query, product_id and grade.

    A grade is a number from 0 (not at all) to the largest of the file, or a label of ESCI (E, S,
    C, I); the column may also be called esci_label. Without one, every pair fits. ``product_ids``
    are those of the catalogs. Raises InputError where the file is not such a one.
    """
    frame = _read(path)
    missing = {"query", "product_id"} - set(frame.columns)
    if missing:
        raise InputError(
            f"{path.name} has no column {' or '.join(sorted(missing))}; judged pairs need query, "
            "product_id and grade"
        )
    grade = next((name for name in GRADES if name in frame.columns), None)
    grades = _grades(path, frame[grade]) if grade else pl.repeat(1.0, frame.height, eager=True)
    places = pl.DataFrame(
        {"product_id": list(product_ids), "product": np.arange(len(product_ids))}
    ).unique("product_id", keep="first")
    rows = frame.select(pl.col("query").cast(pl.String), pl.col("product_id").cast(pl.String))
    rows = rows.with_columns(grade=grades).join(
        places, on="product_id", how="left", maintain_order="left"
    )
    known = rows.drop_nulls()
    if known.is_empty():
        raise InputError(
            f"{path.name}: none of its {rows.height:,} products is in the catalogs given; the "
            "column product_id must hold the catalogs' own ids"
        )
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
        first = str(error).splitlines()[0]
        raise InputError(f"{path}: no judged pairs could be read ({first})") from None


def _grades(path: Path, told: pl.Series) -> pl.Series:
    """Return grades from 0 to 1; raises InputError where one is neither number nor label."""
    numbers = told.cast(pl.Float64, strict=False)
    most = numbers.max()
    if isinstance(most, float) and most > 0:
        numbers = numbers / most
    words = LABELS | {label[0]: value for label, value in LABELS.items()}
    labels = told.cast(pl.String).str.strip_chars().str.to_lowercase()
    grades = numbers.fill_null(labels.replace_strict(words, default=None))
    bad = (grades.is_null() | (grades < 0)).arg_true()
    if len(bad):
        raise InputError(
            f"{path.name}, row {bad[0] + 2}, column {told.name}: '{told[bad[0]]}' is no grade; "
            "give a number from 0 up, or Exact, Substitute, Complement, Irrelevant"
        )
    return grades

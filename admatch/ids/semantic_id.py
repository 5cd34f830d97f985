"""A product's address in meaning: a modality code, then residual codes from coarse to fine."""

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl


class Modality(IntEnum):
    """The first code: what a vector was made of. It is assigned, never learned."""

    TEXT = 0
    IMAGE = 1
    TEXT_IMAGE = 2

    @property
    def letter(self) -> str:
        """T, I or B (both)."""
        return "TIB"[self]


def written_ids(ids: npt.NDArray[np.integer[Any]]) -> pl.Series:
    """Return the IDs of an array (n, depth), modality first, as text like ``T·31·207·118``."""
    codes = pl.DataFrame(ids, schema=[str(depth) for depth in range(ids.shape[1])])
    letters = pl.Series([modality.letter for modality in Modality])
    first = letters[codes["0"].to_numpy()].alias("0")
    return codes.with_columns(first).select(id=pl.concat_str(pl.all(), separator="·"))["id"]

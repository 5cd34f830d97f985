"""A product's address in meaning: a modality code, then residual codes from coarse to fine."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl


class Modality(IntEnum):
    """The first code: what a vector was made of. Assigned, never learned."""

    TEXT = 0
    IMAGE = 1
    TEXT_IMAGE = 2

    @property
    def letter(self) -> str:
        """T, I or B (both)."""
        return "TIB"[self]


@dataclass(frozen=True, slots=True)
class SemanticId:
    """One ID; written like ``T·31·207·118``."""

    modality: Modality
    codes: tuple[int, ...]

    @classmethod
    def from_row(cls, row: npt.NDArray[np.integer[Any]]) -> "SemanticId":
        """Return the ID that a row of an ID array (modality first) stands for."""
        return cls(Modality(int(row[0])), tuple(int(code) for code in row[1:]))

    def __str__(self) -> str:
        return "·".join([self.modality.letter, *map(str, self.codes)])


def written_ids(ids: npt.NDArray[np.integer[Any]]) -> pl.Series:
    """Return the IDs of an array (n, depth), modality first, as they are written."""
    codes = pl.DataFrame(ids, schema=[str(depth) for depth in range(ids.shape[1])])
    letters = pl.Series([modality.letter for modality in Modality])
    first = letters[codes["0"].to_numpy()].alias("0")
    return codes.with_columns(first).select(id=pl.concat_str(pl.all(), separator="·"))["id"]

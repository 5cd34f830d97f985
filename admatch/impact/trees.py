"""What is slow to learn of an account and slow to change, so that it can be kept: ``Trees``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm

from admatch.errors import Problem


@dataclass(frozen=True)
class Trees:
    """LightGBM's trees, of which ``rounds`` count; 0 where ad groups alone told as much.

    ``looks_at`` names what they look at. ``whole`` are those of all rows, ``folds`` those that have
    not seen a fold's terms; a large account has none. ``note`` tells why there are none, or that a
    part was learned from.
    """

    rounds: int
    looks_at: tuple[str, ...]
    whole: lightgbm.Booster | None
    folds: tuple[lightgbm.Booster, ...]
    note: Problem | None

    def told(self) -> dict[str, Any]:
        """Return the same as JSON holds it; ``read`` makes trees of it that tell the same rates."""
        trees = [] if self.whole is None else [self.whole, *self.folds]
        return {
            "rounds": self.rounds,
            "looks_at": list(self.looks_at),
            "trees": [one.model_to_string(num_iteration=self.rounds) for one in trees],
            "note": self.note and [self.note.what, self.note.remedy],
        }

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Trees":
        """Return what ``told`` gave."""
        note = Problem(Path("report"), *told["note"]) if told["note"] else None
        trees = [lightgbm.Booster(model_str=one) for one in told["trees"]]
        whole, folds = (trees[0], tuple(trees[1:])) if trees else (None, ())
        return cls(told["rounds"], tuple(told["looks_at"]), whole, folds, note)

"""What is slow to learn about an account and slow to change, hence cached: ``Trees``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm

from admatch.errors import Problem
from admatch.messages import as_json, from_json

_RENAMED = {"kin": "related"}  # pools that an earlier admatch wrote under another name


@dataclass(frozen=True)
class Trees:
    """LightGBM's trees, of which ``rounds`` count; 0 where ad groups alone predict as well.

    ``looks_at`` names their features. ``whole`` are those of all rows, ``folds`` those that have
    not seen a fold's terms; a large account has none. ``note`` says why there are no trees, or that
    they were learned from a part of the rows.
    """

    rounds: int
    looks_at: tuple[str, ...]
    whole: lightgbm.Booster | None
    folds: tuple[lightgbm.Booster, ...]
    note: Problem | None

    def to_dict(self) -> dict[str, Any]:
        """Return the trees as JSON holds them; ``from_dict`` gives back the same rates."""
        trees = [] if self.whole is None else [self.whole, *self.folds]
        note = self.note
        return {
            "rounds": self.rounds,
            "looks_at": list(self.looks_at),
            "trees": [one.model_to_string(num_iteration=self.rounds) for one in trees],
            "note": note and [as_json(note.what), as_json(note.remedy)],
        }

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any]) -> "Trees":
        """Return the trees that ``to_dict`` wrote; notes of an earlier admatch are plain texts."""
        note: Problem | None = None
        if payload["note"]:
            what, remedy = (from_json(one) for one in payload["note"])
            note = Problem(Path("report"), what, remedy)
        trees = [lightgbm.Booster(model_str=one) for one in payload["trees"]]
        whole, folds = (trees[0], tuple(trees[1:])) if trees else (None, ())
        looks_at = tuple(_RENAMED.get(one, one) for one in payload["looks_at"])
        return cls(payload["rounds"], looks_at, whole, folds, note)

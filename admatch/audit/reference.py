"""What is typical of listings: quantiles of a reference population, shipped as JSON."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from admatch.audit.records import Floats
from admatch.encode.protocol import Encoder

_SHIPPED = Path(__file__).with_name("reference.json")
LEAST = 20  # listings of a catalog, below which it is no population of its own
DOUBT = 8  # listings of a catalog at which its own level and the population's weigh the same


@dataclass(frozen=True)
class Reference:
    """Quantiles of signals over a population of listings, and weights fitted to it.

    The file is written by ``python -m tests.benchmarks.audit_reference`` with the shipped encoder.
    Signals of another encoder are compared within the catalog alone.
    """

    encoder: Encoder

    @cached_property
    def _shipped(self) -> dict[str, Any]:
        shipped: dict[str, Any] = json.loads(_SHIPPED.read_text(encoding="utf-8"))
        return shipped

    @cached_property
    def same_text_encoder(self) -> bool:
        """Whether texts are encoded as the population's were."""
        return bool(self.encoder.name == self._shipped["text_encoder"])

    @cached_property
    def same_image_model(self) -> bool:
        """Whether pictures, too, are encoded as the population's were."""
        name = str(self.encoder.image_model).split("@")[0]
        return self.same_text_encoder and bool(name == self._shipped["image_model"])

    def standing(self, name: str, signals: Floats, *, seen: bool = False) -> Floats:
        """Return for each signal (n,) how many of 100 listings have a lower one; NaN stays.

        ``seen`` is for signals made from pictures. How well an image model sees a product differs
        between kinds of products, so these signals are first brought to the population's level and
        spread: the more listings the catalog has, the more so. Where the encoder is not the
        population's, the listings are those of the catalog itself.
        """
        known = np.isfinite(signals)
        standings, given = np.full(len(signals), np.nan), signals[known]
        if self.same_image_model if seen else self.same_text_encoder:
            usual = np.array(self._shipped["quantiles"][name])
            given = _levelled(given, usual) if seen and len(given) else given
        elif len(given) >= LEAST:
            usual = np.quantile(given, np.linspace(0, 1, 201))
        else:
            return standings
        shares = np.linspace(0, 100, len(usual))
        # Of listings with the same signal, half count as lower.
        low = np.interp(given, usual, shares, left=0, right=100)
        high = 100 - np.interp(-given, -usual[::-1], shares, left=0, right=100)
        standings[known] = (low + high) / 2
        return standings

    def weights(self, name: str) -> dict[str, Any]:
        """Return the weights fitted for a signal."""
        fitted: dict[str, Any] = self._shipped[name]
        return fitted


def _levelled(given: Floats, usual: Floats) -> Floats:
    """Return a catalog's signals at the population's level and spread."""
    here, there = (np.quantile(part, (0.25, 0.5, 0.75)) for part in (given, usual))
    trust = len(given) / (len(given) + DOUBT)
    level = trust * here[1] + (1 - trust) * there[1]
    spread = trust * (here[2] - here[0]) + (1 - trust) * (there[2] - there[0])
    scaled: Floats = (given - level) / max(spread, 1e-3) * (there[2] - there[0]) + there[1]
    return scaled

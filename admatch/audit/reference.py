"""What is usual among listings: quantiles of a reference population, shipped as JSON."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from admatch.audit.records import Floats
from admatch.encode.protocol import Encoder

_SHIPPED = Path(__file__).with_name("reference.json")
LEAST = 20  # listings: below it, a catalog is no population of its own
DOUBT = 8  # listings at which the level of a catalog and the population's count alike


@dataclass(frozen=True)
class Reference:
    """Quantiles of signals over a population of listings, and weights fitted to it.

    Made by ``python -m tests.benchmarks.audit_reference`` with the encoder that ships. A signal
    that another encoder makes is compared with the catalog alone.
    """

    encoder: Encoder

    @cached_property
    def _kept(self) -> dict[str, Any]:
        kept: dict[str, Any] = json.loads(_SHIPPED.read_text(encoding="utf-8"))
        return kept

    @cached_property
    def reads(self) -> bool:
        """Whether texts are read as the population's were."""
        return bool(self.encoder.name == self._kept["reader"])

    @cached_property
    def sees(self) -> bool:
        """Whether pictures are seen as the population's were."""
        eyes = str(self.encoder.image_model).split("@")[0]
        return self.reads and bool(eyes == self._kept["eyes"])

    def standing(self, name: str, signals: Floats, *, seen: bool = False) -> Floats:
        """Return for each signal (n,) how many of 100 listings have a lower one; NaN stays.

        ``seen`` is for signals that pictures made: how well an encoder sees a kind of thing
        differs between kinds, so they are first brought to the population's level and spread, the
        more the more listings the catalog has. Where the encoder is not the population's, the
        listings are those of the catalog itself.
        """
        known = np.isfinite(signals)
        found, given = np.full(len(signals), np.nan), signals[known]
        if self.sees if seen else self.reads:
            usual = np.array(self._kept["quantiles"][name])
            given = _levelled(given, usual) if seen and len(given) else given
        elif len(given) >= LEAST:
            usual = np.quantile(given, np.linspace(0, 1, 201))
        else:
            return found
        shares = np.linspace(0, 100, len(usual))
        # Of listings with the same signal half count as lower.
        low = np.interp(given, usual, shares, left=0, right=100)
        high = 100 - np.interp(-given, -usual[::-1], shares, left=0, right=100)
        found[known] = (low + high) / 2
        return found

    def weights(self, name: str) -> dict[str, Any]:
        """Return the weights fitted for a signal."""
        fitted: dict[str, Any] = self._kept[name]
        return fitted


def _levelled(given: Floats, usual: Floats) -> Floats:
    """Return a catalog's signals at the level and spread of the population's."""
    here, there = (np.quantile(part, (0.25, 0.5, 0.75)) for part in (given, usual))
    trust = len(given) / (len(given) + DOUBT)
    level = trust * here[1] + (1 - trust) * there[1]
    spread = trust * (here[2] - here[0]) + (1 - trust) * (there[2] - there[0])
    scaled: Floats = (given - level) / max(spread, 1e-3) * (there[2] - there[0]) + there[1]
    return scaled

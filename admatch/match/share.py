"""How many of an account's terms are about its products moves the odds of each: ``with_share``.

A calibration counts on one share of own terms; accounts have from a tenth to nine tenths. The share
that makes all probabilities fit together is found by expectation maximisation (Saerens, Latinne and
Decaestecker, 2002), from meaning alone.
"""

import numpy as np
from scipy.special import expit, logit

from admatch.arrays import Floats

# The share that the calibration's probabilities fit best, of .25, .33 and .4 on ``python -m
# tests.benchmarks.belonging``; as many terms speak for it before any is seen.
USUAL, BEFORE = 0.4, 50.0
_CLIP = 1e-6
_NEAR, _STEPS = 1e-6, 100


def with_share(prior: Floats) -> Floats:
    """Return the probabilities (n,) of an account's terms with the share that they show."""
    odds = logit(np.clip(prior, _CLIP, 1 - _CLIP)) - logit(USUAL)
    share, found = USUAL, prior
    for _ in range(_STEPS):
        found = expit(odds + logit(share))
        last, share = share, (found.sum() + BEFORE * USUAL) / (len(found) + BEFORE)
        if abs(share - last) < _NEAR:
            break
    return found

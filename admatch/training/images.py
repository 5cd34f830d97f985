"""Pictures and the texts that they show → a ``Projection`` of pictures among texts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import cross_entropy, dropout, normalize

from admatch.arrays import Floats32 as Floats
from admatch.encode.image import Projection, projection_inputs
from admatch.encode.network import CLASSES
from admatch.encode.protocol import Vectors
from admatch.errors import InputError
from admatch.progress import Progress, silent

RIDGE = 0.03  # of the mean variance: a start only, which training hardly depends on
# Probabilities are below 1 and features reach 6; so weighted, the penalty is the same for both.
CLASS_WEIGHT = 8.0
EPOCHS, BATCH, RATE = 10, 512, 3e-4  # thrice the rate makes no clear difference
SHARPNESS, DROPPED = 20.0, 0.2


@dataclass(frozen=True)
class Shown:
    """Pictures and what they show.

    ``features`` (n, 1280) and ``scores`` (n, 1000) are a network's, ``texts`` (m, dim) vectors of
    texts, ``shows`` (n,) the number of each picture's text, ``weights`` (n,) what it counts.
    """

    features: Floats
    scores: Floats
    texts: Vectors
    shows: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]


def fit_projection(
    shown: Shown,
    class_texts: Vectors,
    encoder: str,
    *,
    seed: int = 7,
    progress: Progress = silent,
) -> Projection:
    """Return the projection that puts pictures beside their texts and apart from others.

    Ridge regression to the texts' vectors is where a contrastive fit starts from: alone it finds
    the product of 92 of 100 shop photos among the first five of 81, so trained 96. ``class_texts``
    (1000, dim) are the vectors of ImageNet's class names. Raises InputError below 2 texts.
    """
    if len(np.unique(shown.shows)) < 2:
        raise InputError("pictures of one text alone teach nothing; give at least two products")
    probabilities = projection_inputs(shown.features, shown.scores)[:, -CLASSES:]
    inputs = np.hstack([shown.features, CLASS_WEIGHT * probabilities @ class_texts])
    weights = shown.weights / shown.weights.sum()
    start = _ridge(inputs, shown.texts[shown.shows], weights)
    weight, bias = _contrasted(inputs, shown, weights, start, seed, progress)
    # What goes by way of the classes' names is one matrix from probabilities to vectors.
    dim = shown.features.shape[1]
    whole = np.concatenate([weight[:dim], CLASS_WEIGHT * class_texts @ weight[dim:]])
    return Projection(encoder, whole.astype(np.float32), bias)


def _ridge(
    inputs: Floats, goals: Vectors, weights: npt.NDArray[np.float64]
) -> tuple[Floats, Floats]:
    """Return weight and bias of the weighted ridge regression."""
    middle, goal = weights @ inputs, weights @ goals
    away = inputs - middle
    spread = away.T @ (away * weights[:, None])
    spread += RIDGE * np.trace(spread) / len(spread) * np.eye(len(spread))
    weight = np.linalg.solve(spread, away.T @ ((goals - goal) * weights[:, None]))
    return weight.astype(np.float32), (goal - middle @ weight).astype(np.float32)


def _contrasted(
    inputs: Floats,
    shown: Shown,
    weights: npt.NDArray[np.float64],
    start: tuple[Floats, Floats],
    seed: int,
    progress: Progress,
) -> tuple[Floats, Floats]:
    """Return weight and bias after training each batch's pictures to tell its texts apart."""
    rng = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)  # dropout takes no generator
    rows, texts = torch.from_numpy(inputs), torch.from_numpy(shown.texts)
    shows = torch.from_numpy(shown.shows)
    middle, chances = rows.mean(0), torch.from_numpy(weights)
    weight, bias = (torch.from_numpy(part).requires_grad_() for part in start)
    optimiser = torch.optim.Adam([weight, bias], lr=RATE)
    steps = max(1, EPOCHS * len(rows) // BATCH)
    decay = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, steps)
    for step in range(steps):
        drawn = torch.multinomial(chances, BATCH, replacement=True, generator=rng)
        batch = middle + dropout(rows[drawn] - middle, DROPPED)
        numbers, own = torch.unique(shows[drawn], return_inverse=True)
        vectors = normalize(batch @ weight + bias, dim=1)
        loss = _loss(SHARPNESS * vectors @ texts[numbers].T, own)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        decay.step()
        progress("fitting pictures to texts", step + 1, steps)
    return weight.detach().numpy(), bias.detach().numpy()


def _loss(likeness: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
    """Return the loss of pictures (rows) among texts (columns), and half that of the reverse."""
    among = torch.zeros_like(likeness.T).scatter_(0, own[None], 1.0)
    among /= among.sum(1, keepdim=True)
    return cross_entropy(likeness, own) + 0.5 * cross_entropy(likeness.T, among)

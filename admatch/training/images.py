"""Pictures and the texts of what they show → a ``Projection`` of pictures into texts' space."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import cross_entropy, dropout, normalize

from admatch.arrays import Floats, Floats32, Ints, Vectors
from admatch.encode.image import Projection, projection_inputs
from admatch.encode.network import CLASSES
from admatch.errors import InputError
from admatch.messages import say
from admatch.progress import Progress, silent

RIDGE = 0.03  # of the mean variance; this is only the start, on which training hardly depends
# Probabilities are below 1 and features reach 6; with this weight both are penalised equally.
CLASS_WEIGHT = 8.0
EPOCHS, BATCH, RATE = 10, 512, 3e-4  # three times the rate makes no clear difference
SHARPNESS, DROPPED = 20.0, 0.2


@dataclass(frozen=True)
class Shown:
    """Pictures and what they show.

    ``features`` (n, 1280) and ``scores`` (n, 1000) are a network's outputs, ``texts`` (m, dim)
    vectors of texts, ``shows`` (n,) the number of each picture's text, ``weights`` (n,) each
    picture's weight.
    """

    features: Floats32
    scores: Floats32
    texts: Vectors
    shows: Ints
    weights: Floats


def fit_projection(
    shown: Shown,
    class_texts: Vectors,
    encoder: str,
    *,
    seed: int = 7,
    progress: Progress = silent,
) -> Projection:
    """Return the projection that puts pictures near their own texts and away from others.

    A contrastive fit starts from ridge regression to the texts' vectors: the regression alone finds
    the product of 92 of 100 shop photos among the first five of 81, after training it is 96.
    ``class_texts`` (1000, dim) are the vectors of ImageNet's class names. Raises InputError for
    fewer than two texts.
    """
    if len(np.unique(shown.shows)) < 2:
        raise InputError(say("training.one_text"))
    probabilities = projection_inputs(shown.features, shown.scores)[:, -CLASSES:]
    inputs = np.hstack([shown.features, CLASS_WEIGHT * probabilities @ class_texts])
    weights = shown.weights / shown.weights.sum()
    start = _ridge(inputs, shown.texts[shown.shows], weights)
    weight, bias = _contrasted(inputs, shown, weights, start, seed, progress)
    # The path through the classes' names is one matrix from probabilities to vectors.
    dim = shown.features.shape[1]
    whole = np.concatenate([weight[:dim], CLASS_WEIGHT * class_texts @ weight[dim:]])
    return Projection(encoder, whole.astype(np.float32), bias)


def _ridge(inputs: Floats32, goals: Vectors, weights: Floats) -> tuple[Floats32, Floats32]:
    """Return weight and bias of the weighted ridge regression."""
    mean, goal = weights @ inputs, weights @ goals
    centred = inputs - mean
    spread = centred.T @ (centred * weights[:, None])
    spread += RIDGE * np.trace(spread) / len(spread) * np.eye(len(spread))
    weight = np.linalg.solve(spread, centred.T @ ((goals - goal) * weights[:, None]))
    return weight.astype(np.float32), (goal - mean @ weight).astype(np.float32)


def _contrasted(
    inputs: Floats32,
    shown: Shown,
    weights: Floats,
    start: tuple[Floats32, Floats32],
    seed: int,
    progress: Progress,
) -> tuple[Floats32, Floats32]:
    """Return weight and bias after training a batch's pictures to find their own texts."""
    rng = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)  # dropout takes no generator
    rows, texts = torch.from_numpy(inputs), torch.from_numpy(shown.texts)
    shows = torch.from_numpy(shown.shows)
    mean, chances = rows.mean(0), torch.from_numpy(weights)
    weight, bias = (torch.from_numpy(part).requires_grad_() for part in start)
    optimiser = torch.optim.Adam([weight, bias], lr=RATE)
    steps = max(1, EPOCHS * len(rows) // BATCH)
    decay = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, steps)
    for step in range(steps):
        drawn = torch.multinomial(chances, BATCH, replacement=True, generator=rng)
        batch = mean + dropout(rows[drawn] - mean, DROPPED)
        numbers, own = torch.unique(shows[drawn], return_inverse=True)
        vectors = normalize(batch @ weight + bias, dim=1)
        loss = _loss(SHARPNESS * vectors @ texts[numbers].T, own)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        decay.step()
        progress("fitting pictures to texts", step + 1, steps)
    return weight.detach().numpy(), bias.detach().numpy()


def _loss(similarity: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
    """Return the loss of pictures (rows) among texts (columns), plus half that of the reverse."""
    pictures = torch.zeros_like(similarity.T).scatter_(0, own[None], 1.0)
    pictures /= pictures.sum(1, keepdim=True)
    return cross_entropy(similarity, own) + 0.5 * cross_entropy(similarity.T, pictures)

"""Texts → a smaller network that gives them the vectors of all-MiniLM-L6-v2: ``distil``."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from admatch.arrays import Rows
from admatch.encode.cached_texts import CachedTexts
from admatch.encode.english import SCALE, TOKENIZER, WEIGHTS
from admatch.encode.minilm import Network
from admatch.encode.sentence import SentenceEncoder, default_folder
from admatch.encode.wordpieces import MOST_TOKENS, WordPieces
from admatch.errors import InputError
from admatch.messages import say
from admatch.progress import Progress
from admatch.tables.atomic import replacing

KEPT = (0, 2, 5)  # layers of the whole network that the smaller one starts from
PASSES, BATCH = 4, 128
RATE, WARM, LEAST = 5e-4, 400, 0.02  # learning rate; steps until it is reached; share at the end
PAIRWISE = 2.0  # weight of the cosines between the texts of a batch
ENOUGH = 16  # texts from which on these count
HELD_OUT = 12  # one text in so many is held out
LEAST_TEXTS = 1_000
STEPS = 127  # on either side of zero, in 8 bits
_LAYER = re.compile(r"(?<=encoder\.layer\.)\d+")


@dataclass(frozen=True, slots=True)
class Closeness:
    """Cosines of held-out texts' vectors with those of the whole network."""

    mean: float
    fifth_percentile: float


@dataclass(frozen=True)
class _Lesson:
    """Texts as tokens, and the unit vectors (n, dim) that they shall get."""

    tokens: Sequence[Sequence[int]]
    vectors: Tensor

    def batches(self, rows: Rows, rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the tokens and vectors of texts of one length, in random order."""
        lengths = np.array([len(self.tokens[row]) for row in rows])
        mixed = rng.permutation(len(rows))
        order = rows[mixed[np.argsort(lengths[mixed], kind="stable")]]
        ends = np.cumsum(np.unique(lengths, return_counts=True)[1])
        groups = np.split(order, ends[:-1])
        parts = [one[i : i + BATCH] for one in groups for i in range(0, len(one), BATCH)]
        for number in rng.permutation(len(parts)):
            part = parts[number]
            yield torch.tensor([self.tokens[row] for row in part]), self.vectors[part]


class _Student(nn.Module):
    """Some layers of a network, as parameters."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        fewer = dict(_fewer(weights))
        self._names = list(fewer)
        self._parts = nn.ParameterList(nn.Parameter(one.clone()) for one in fewer.values())

    def weights(self) -> dict[str, Tensor]:
        """Return the weights by upstream's names."""
        return dict(zip(self._names, self._parts, strict=True))

    def forward(self, ids: Tensor) -> Tensor:
        """Return unit vectors of texts of one length."""
        return Network.of(self.weights()).read(ids)


def distil(
    texts: Sequence[str], out: Path, cache: Path, seed: int, progress: Progress
) -> Closeness:
    """Write three layers trained on ``texts`` into the folder ``out``; return how close they are.

    The state after each pass is kept in ``cache``, so that a stopped run continues there. A hundred
    thousand texts of seven tokens take forty minutes on two cores. Raises InputError for too few.
    """
    distinct = sorted(set(texts))
    if len(distinct) < LEAST_TEXTS:
        raise InputError(say("training.too_few_texts", texts=len(distinct), least=LEAST_TEXTS))
    vectors = CachedTexts(SentenceEncoder(), cache, progress).encode(distinct, "encoding texts")
    upstream = load_file(default_folder() / "model.safetensors")
    tokens = WordPieces(default_folder() / TOKENIZER).tokens(distinct)
    lesson, student = _Lesson(tokens, torch.from_numpy(vectors)), _Student(upstream)
    mixed = np.random.default_rng(seed).permutation(len(distinct))
    held, learning = np.split(mixed, [len(mixed) // HELD_OUT])
    _train(student, lesson, learning, cache / f"student-{seed}.pt", seed, progress)
    with replacing(out) as draft:
        draft.mkdir(parents=True)
        learned = {name: one.detach() for name, one in student.weights().items()}
        write_weights(learned, draft / WEIGHTS)
    return _closeness(student, lesson, held)


def write_weights(weights: Mapping[str, Tensor], path: Path) -> None:
    """Write weights, matrices in 8 bits with a scale for each row: a quarter of their size."""
    held = {}
    for name, one in weights.items():
        if one.ndim < 2:
            held[name] = one.contiguous()
            continue
        scale = one.abs().amax(dim=1, keepdim=True).clamp(min=1e-12) / STEPS
        held[name], held[name + SCALE] = (one / scale).round().char(), scale
    save_file(held, path)


def _fewer(weights: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Yield the weights of the kept layers, numbered anew, and those that belong to no layer."""
    for name, one in weights.items():
        layer = _LAYER.search(name)
        if layer and int(layer[0]) in KEPT:
            yield _LAYER.sub(str(KEPT.index(int(layer[0]))), name), one
        elif name.startswith("embeddings.") and one.is_floating_point():
            yield name, one[:MOST_TOKENS] if "position" in name else one


def _train(
    student: _Student, lesson: _Lesson, rows: Rows, state: Path, seed: int, progress: Progress
) -> None:
    steps = PASSES * sum(1 for _ in lesson.batches(rows, np.random.default_rng(seed)))
    learner = torch.optim.AdamW(student.parameters(), lr=RATE, weight_decay=0.01, fused=True)
    first, step = 0, 0
    if state.exists():
        kept = torch.load(state, weights_only=True)
        student.load_state_dict(kept["student"])
        learner.load_state_dict(kept["learner"])
        first, step = kept["passes"], kept["step"]
    for number in range(first, PASSES):
        for ids, wanted in lesson.batches(rows, np.random.default_rng((seed, number))):
            for group in learner.param_groups:
                group["lr"] = RATE * _share(step, steps)
            # small batches, the last of their length, count less
            loss = _loss(student(ids), wanted) * len(ids) / BATCH
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(student.parameters(), 1.0)
            learner.step()
            learner.zero_grad()
            step += 1
            progress("training the encoder", step, steps)
        held = {"student": student.state_dict(), "learner": learner.state_dict()}
        with replacing(state) as draft:
            torch.save(held | {"passes": number + 1, "step": step}, draft)


def _share(step: int, steps: int) -> float:
    """Return the learning rate's share: up while warm, then down along a cosine."""
    down = 0.5 * (1 + np.cos(np.pi * step / steps))
    return float(min(1, step / WARM) * max(LEAST, down))


def _loss(found: Tensor, wanted: Tensor) -> Tensor:
    away = 1 - (found * wanted).sum(1).mean()
    if len(found) <= ENOUGH:
        return away
    return away + PAIRWISE * (found @ found.T - wanted @ wanted.T).square().mean()


@torch.inference_mode()
def _closeness(student: _Student, lesson: _Lesson, rows: Rows) -> Closeness:
    batches = lesson.batches(rows, np.random.default_rng(0))
    cosines = torch.cat([(student(ids) * wanted).sum(1) for ids, wanted in batches]).numpy()
    return Closeness(float(cosines.mean()), float(np.quantile(cosines, 0.05)))

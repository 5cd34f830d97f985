"""Three layers that learn the vectors of the whole network."""

import numpy as np
import polars as pl
import pytest
import torch

from admatch.encode.english import FOLDER, TOKENIZER, WEIGHTS, OnCpu, read_weights
from admatch.encode.sentence import SentenceEncoder
from admatch.encode.wordpieces import WordPieces
from admatch.errors import InputError
from admatch.progress import silent
from admatch.training import student
from admatch.training.student import distil, write_weights
from admatch.training.student_texts import student_texts

THINGS = ("hose", "pump", "lamp", "chair", "kettle", "rug", "drill", "scarf", "mug", "clock")
LOOKS = ("red", "blue", "steel", "small", "folding", "warm", "old", "round", "light", "garden")
FOR = ("", "kids", "office", "garage", "women", "dogs", "travel", "beginners", "2 pack", "outdoor")
TEXTS = [f"{look} {thing} {use}".strip() for look in LOOKS for thing in THINGS for use in FOR]


def test_the_texts_of_a_catalog_are_distinct_small_and_the_same_for_a_seed():
    frame = pl.DataFrame({"title": [f"{one}, Pack of 2" for one in TEXTS]})
    texts = student_texts(frame, ["Rubber Duck"], 7)
    assert len(set(texts)) == len(texts)
    assert {"rubber duck", "kettle", TEXTS[0] + ", Pack of 2"} <= set(texts)
    assert texts == student_texts(frame, ["Rubber Duck"], 7)


def test_too_few_texts_are_refused(tmp_path):
    with pytest.raises(InputError, match="at least"):
        distil(TEXTS[:10], tmp_path / "out", tmp_path, 7, silent)


@pytest.mark.long
def test_held_out_terms_come_close_and_a_stopped_run_continues(tmp_path, monkeypatch):
    monkeypatch.setattr(student, "WARM", 5)
    close = distil(TEXTS, tmp_path / "whole", tmp_path / "a", 7, silent)
    assert close.mean > 0.9
    assert close.fifth_percentile < close.mean
    network = OnCpu(read_weights(tmp_path / "whole" / WEIGHTS))
    found = network.encode(WordPieces(FOLDER / TOKENIZER).tokens(TEXTS))
    near = (found * SentenceEncoder().encode_text(TEXTS)).sum(axis=1)
    assert near.mean() > 0.9

    def stopped(stage, done, total):
        if stage.startswith("training") and done > total // 2 + 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        distil(TEXTS, tmp_path / "resumed", tmp_path / "b", 7, stopped)
    assert distil(TEXTS, tmp_path / "resumed", tmp_path / "b", 7, silent) == close
    one, other = (read_weights(tmp_path / name / WEIGHTS) for name in ("whole", "resumed"))
    assert all(np.array_equal(one[name], other[name]) for name in one)
    assert np.isfinite(close.mean)


def test_weights_in_8_bits_are_as_close_as_their_scale(tmp_path):
    rng = torch.Generator().manual_seed(7)
    weights = {"matrix": torch.randn(5, 64, generator=rng), "bias": torch.randn(5, generator=rng)}
    weights["empty"] = torch.zeros(2, 3)
    write_weights(weights, tmp_path / "w.safetensors")
    read = read_weights(tmp_path / "w.safetensors")
    assert set(read) == set(weights)
    assert np.array_equal(read["bias"], weights["bias"])
    step = weights["matrix"].abs().amax(dim=1, keepdim=True).numpy() / 127
    assert (np.abs(read["matrix"] - weights["matrix"].numpy()) <= step / 2 + 1e-6).all()

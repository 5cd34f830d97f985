"""Three layers that learn the vectors of the whole network."""

import numpy as np
import polars as pl
import pytest
import torch

from admatch.encode.minilm import MiniLM
from admatch.encode.sentence import TOKENIZER, SentenceEncoder, default_folder
from admatch.encode.terms import FILE, read_weights
from admatch.errors import InputError
from admatch.progress import silent
from admatch.training import term_encoder
from admatch.training.term_encoder import distil
from admatch.training.term_texts import term_texts

THINGS = ("hose", "pump", "lamp", "chair", "kettle", "rug", "drill", "scarf", "mug", "clock")
LOOKS = ("red", "blue", "steel", "small", "folding", "warm", "old", "round", "light", "garden")
FOR = ("", "kids", "office", "garage", "women", "dogs", "travel", "beginners", "2 pack", "outdoor")
TEXTS = [f"{look} {thing} {use}".strip() for look in LOOKS for thing in THINGS for use in FOR]


def test_the_texts_of_a_catalog_are_distinct_small_and_the_same_for_a_seed():
    frame = pl.DataFrame({"title": [f"{one}, Pack of 2" for one in TEXTS]})
    texts = term_texts(frame, ["Rubber Duck"], 7)
    assert len(set(texts)) == len(texts)
    assert {"rubber duck", "kettle", TEXTS[0] + ", Pack of 2"} <= set(texts)
    assert texts == term_texts(frame, ["Rubber Duck"], 7)


def test_too_few_texts_are_refused(tmp_path):
    with pytest.raises(InputError, match="at least"):
        distil(TEXTS[:10], tmp_path / "out", tmp_path, 7, silent)


@pytest.mark.long
def test_held_out_terms_come_close_and_a_stopped_run_continues(tmp_path, monkeypatch):
    monkeypatch.setattr(term_encoder, "WARM", 5)
    close = distil(TEXTS, tmp_path / "whole", tmp_path / "a", 7, silent)
    assert close.mean > 0.9
    assert close.fifth_percentile < close.mean
    network = MiniLM(default_folder() / TOKENIZER, read_weights(tmp_path / "whole" / FILE))
    near = (network.encode(TEXTS) * SentenceEncoder().encode_text(TEXTS)).sum(axis=1)
    assert near.mean() > 0.9

    def stopped(stage, done, total):
        if stage.startswith("training") and done > total // 2 + 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        distil(TEXTS, tmp_path / "resumed", tmp_path / "b", 7, stopped)
    assert distil(TEXTS, tmp_path / "resumed", tmp_path / "b", 7, silent) == close
    one, other = (read_weights(tmp_path / name / FILE) for name in ("whole", "resumed"))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert np.isfinite(close.mean)

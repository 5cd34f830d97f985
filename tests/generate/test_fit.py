import numpy as np
import torch

from admatch.generate.decoder import Decoder
from admatch.generate.fit import Examples, Recipe, Targets, fit_decoder
from admatch.generate.generator import Generator
from tests.conftest import random_unit


def ranks(decoder, generator, queries, meant):
    scores = generator.score_all(decoder(queries.numpy()))
    own = np.take_along_axis(scores, meant.numpy()[:, None], 1)
    return (scores >= own).sum(1)


def skewed(codebooks):
    """Products, and queries that are each product's vector turned by one fixed rotation."""
    vectors = random_unit(300, seed=3)
    rng = np.random.default_rng(4)
    turn = np.linalg.qr(np.eye(16) + 0.35 * rng.normal(size=(16, 16)))[0].astype(np.float32)
    meant = torch.from_numpy(rng.integers(0, 300, 4000))
    queries = torch.from_numpy((vectors @ turn)[meant.numpy()])
    targets = Targets(codebooks, codebooks.encode(vectors), torch.from_numpy(vectors))
    return targets, Examples(queries, meant, torch.ones(4000))


def test_training_learns_how_queries_differ_from_products(codebooks):
    targets, examples = skewed(codebooks)
    generator = Generator(codebooks, np.zeros(300, np.int16), targets.codes)
    trained = fit_decoder(targets, examples, Recipe(60, kinds=3), seed=5)
    before, after = (
        ranks(one, generator, examples.queries[:200], examples.products[:200]).mean()
        for one in (Decoder.untrained(codebooks), trained)
    )
    assert after < before


def test_the_same_seed_gives_the_same_decoder(codebooks):
    targets, examples = skewed(codebooks)
    one, two = (fit_decoder(targets, examples, Recipe(3), seed=5) for _ in range(2))
    for first, second in zip(one.corrections, two.corrections, strict=True):
        np.testing.assert_array_equal(first.down, second.down)
        np.testing.assert_array_equal(first.up, second.up)


def test_training_goes_on_from_a_decoder(codebooks):
    targets, examples = skewed(codebooks)
    first = fit_decoder(targets, examples, Recipe(20), seed=5)
    same = fit_decoder(targets, examples, Recipe(1), seed=6, start=first)
    for one, other in zip(first.corrections, same.corrections, strict=True):
        assert np.abs(one.down - other.down).max() < 0.01
        assert np.abs(one.up - other.up).max() < 0.01


def test_an_example_without_weight_teaches_nothing(codebooks):
    targets, examples = skewed(codebooks)
    half = torch.arange(4000) % 2 == 0
    wrong = torch.where(half, examples.products, (examples.products + 7) % 300)
    weighted = Examples(examples.queries, wrong, half.float())
    generator = Generator(codebooks, np.zeros(300, np.int16), targets.codes)
    with_weights, without = (
        fit_decoder(targets, given, Recipe(60, kinds=3), seed=5)
        for given in (weighted, Examples(examples.queries, wrong, torch.ones(4000)))
    )
    asked = (examples.queries[:400], examples.products[:400])
    assert ranks(with_weights, generator, *asked).mean() < ranks(without, generator, *asked).mean()

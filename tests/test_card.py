"""Everything that a card computes, computed on one, or on the stand-in for one."""

import numpy as np
import pytest
import torch

import admatch as am
from admatch.distributed.driver import _Actor
from admatch.encode.device import device_for
from admatch.encode.product_pictures import Pictured
from admatch.encode.sentence import SentenceEncoder
from admatch.generate.decoder import Correction, Decoder
from admatch.generate.fit import Examples, Recipe, Targets, fit_decoder
from admatch.generate.generator import Generator
from admatch.generate.search import SearchBudget
from admatch.ids.semantic_id import Modality
from admatch.index.index import Index
from admatch.match.retriever import Retriever
from admatch.match.views import Views
from admatch.match.words import WordEvidence
from admatch.operations import on, to_numpy
from tests.card import OnCard, card, on_both
from tests.conftest import WordEncoder, random_codebooks, random_unit, small_model

N, K = 300, 10
TERMS = ["thing3 part3", "model7", "nothing known", "thing1"]
PICTURED = np.arange(0, N, 3)


def tuned() -> Decoder:
    """A decoder whose corrections do something."""
    codebooks, chance = random_codebooks(7), np.random.default_rng(3)
    weights = chance.normal(scale=0.1, size=(4, 2, 64, 16)).astype(np.float32)
    return Decoder(codebooks, tuple(Correction(down, up.T) for down, up in weights))


def pictured() -> Pictured:
    vectors = random_unit(N, seed=21)[PICTURED] + 0.3 * random_unit(len(PICTURED), seed=5)
    return Pictured(PICTURED, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def generator() -> Generator:
    codebooks = random_codebooks(7)
    return Generator(codebooks, np.zeros(N, np.int16), codebooks.encode(random_unit(N, seed=21)))


def retrieved(**parts):
    titles = [f"thing{i % 7} part{i % 5}" for i in range(N)]
    words = WordEvidence.build([f"{title} model{i}" for i, title in enumerate(titles)], titles)
    model = small_model(random_codebooks(7))
    retriever = Retriever(
        model, generator(), random_unit(N, seed=21), words, WordEncoder().encode_text, **parts
    )
    return retriever.retrieve(TERMS, random_unit(len(TERMS), seed=22), K)


@pytest.fixture(params=["small", "large"])
def size(request, monkeypatch):
    if request.param == "large":
        monkeypatch.setattr("admatch.generate.generator.EXHAUSTIVE", 0)
        monkeypatch.setattr("admatch.generate.generator.BUDGET", SearchBudget(8, 40, 24))


@pytest.mark.usefixtures("size")
@pytest.mark.parametrize(
    "parts", [dict, lambda: {"tuned": tuned()}, lambda: {"pictured": pictured()}]
)
def test_a_card_retrieves_what_the_processor_does(parts):
    expected, found = on_both(lambda: retrieved(**parts()))
    for name in ("items", "paths"):
        np.testing.assert_array_equal(getattr(expected, name), getattr(found, name))
    for name in ("log_odds", "related_odds", "features"):
        np.testing.assert_allclose(getattr(expected, name), getattr(found, name), atol=1e-4)


def test_an_index_opened_from_disk_answers_alike(tmp_path):
    model = small_model(random_codebooks(7))
    products = [am.Product(f"P{i}", f"thing{i % 7} part{i % 5}") for i in range(30)]
    catalog = am.Catalog.from_products(products)
    Index.build(catalog, encoder=WordEncoder(), model=model).save(tmp_path / "index")

    def answers():
        index = Index.load(tmp_path / "index", encoder=WordEncoder(), model=model)
        best = [row[0] for row in index.search(TERMS, k=3)]
        why = index.explain(TERMS[0], "P3")
        return [one.product_id for one in best], [one.probability for one in best], why.rank

    expected, found = on_both(answers)
    assert expected[::2] == found[::2]
    assert expected[1] == pytest.approx(found[1], abs=1e-4)


def generated(beam):
    place = device_for(random_unit(N, seed=21))
    asked = on(place, random_unit(3, seed=8))
    found = generator().to(place).generate(tuned().to(place)(asked), K, {Modality.TEXT}, beam)
    return [to_numpy(part) for part in (found.items, found.scores)]


@pytest.mark.usefixtures("size")
@pytest.mark.parametrize("beam", [None, 3])
def test_a_card_generates_what_the_processor_does(beam, monkeypatch):
    monkeypatch.setattr("admatch.generate.search.WHOLE_LEVEL", 5)
    expected, found = on_both(lambda: generated(beam))
    np.testing.assert_array_equal(expected[0], found[0])
    np.testing.assert_allclose(expected[1], found[1], atol=1e-5)


def sights(modalities):
    views = Views.build(random_codebooks(7), random_unit(N, seed=21), pictured())
    return views.search(tuned(), random_unit(2, seed=8), K, modalities)


@pytest.mark.usefixtures("size")
@pytest.mark.parametrize("modalities", [None, {Modality.IMAGE}])
def test_a_card_finds_by_pictures_what_the_processor_does(modalities):
    for row, other in zip(*on_both(lambda: sights(modalities)), strict=True):
        assert [one[:2] for one in row] == [one[:2] for one in other]
        np.testing.assert_allclose([one[2] for one in row], [one[2] for one in other], atol=1e-5)


@pytest.mark.parametrize(("form", "near"), [(torch.float32, 1e-5), (torch.bfloat16, 5e-3)])
def test_a_card_encodes_what_the_processor_does(form, near):
    texts = ["oat drink for coffee", "garden hose", "Gartenschlauch 25 m"]
    expected, found = on_both(lambda: SentenceEncoder().encode_text(texts), form)
    np.testing.assert_allclose(expected, found, atol=near)


def fitted() -> Decoder:
    codebooks, vectors = random_codebooks(7), random_unit(N, seed=21)
    about = torch.arange(2000) % N
    queries = torch.from_numpy(np.roll(vectors, 1, axis=1))[about]
    targets = Targets(codebooks, codebooks.encode(vectors), torch.from_numpy(vectors))
    return fit_decoder(targets, Examples(queries, about, torch.ones(2000)), Recipe(5), seed=5)


def test_a_card_trains_what_the_processor_does():
    expected, found = on_both(fitted)
    for one, other in zip(expected.corrections, found.corrections, strict=True):
        np.testing.assert_allclose(one.down, other.down, atol=1e-4, rtol=1e-3)
        np.testing.assert_allclose(one.up, other.up, atol=1e-4, rtol=1e-3)
    assert found.corrections[0].up.any()


def test_what_does_not_fit_beside_others_stays_on_the_processor():
    vectors = np.broadcast_to(np.float32(0), (2**20, 384))  # 1.5 GiB
    for free, share, fits in ((2**33, 1.0, True), (2**31, 1.0, False), (2**33, 0.2, False)):
        with card(free, share):
            assert (device_for(vectors) != "cpu") == fits


def test_a_worker_leaves_others_their_share_of_a_card(monkeypatch):
    taken = []
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", taken.append)
    with card():
        for gpus in (0.25, 0.0):
            _Actor(None, gpus)
    assert taken == [0.25]


def test_the_stand_in_refuses_what_a_card_would():
    with card():
        there, here = torch.zeros(2, 3).to("meta"), torch.ones(3)
        assert isinstance(there + torch.tensor(1.0), OnCard)
        for refused in (lambda: there + here, lambda: there[here.long()], lambda: there.numpy()):
            with pytest.raises(RuntimeError):
                refused()

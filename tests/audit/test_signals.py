import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from admatch.audit.claims import claimed_colour, colours
from admatch.audit.looks import looks, oddness
from admatch.audit.neighbours import nearest
from admatch.audit.reference import Reference
from admatch.audit.stuffing import FEATURES, title_features
from admatch.audit.tints import lab, tint_shares
from admatch.audit.vocabulary import Vocabulary
from admatch.encode.misfit import ENGLISH_NAME
from tests.conftest import WordEncoder, random_unit


class Shipped:
    """An encoder that claims to be the one that the reference population was read with."""

    name = ENGLISH_NAME
    image_model = "efficientnet-lite0+images-1@abc"


finite = st.floats(-50, 50, allow_nan=False)


@given(arrays(np.float64, st.integers(1, 40), elements=finite | st.just(float("nan"))))
@pytest.mark.parametrize("seen", [False, True])
def test_standings_keep_the_order_and_what_is_unknown(seen, signals):
    name = "image_title" if seen else "stuffing"
    scores = Reference(Shipped()).standing(name, signals, seen=seen)
    known = np.isfinite(signals)
    assert (np.isnan(scores) == ~known).all()
    assert ((scores[known] >= 0) & (scores[known] <= 100)).all()
    order = np.argsort(signals[known], kind="stable")
    assert (np.diff(scores[known][order]) >= -1e-9).all()


def test_standings_in_the_catalog_where_the_encoder_is_another():
    reference = Reference(WordEncoder())
    scores = reference.standing("stuffing", np.arange(100.0))
    assert scores[50] == pytest.approx(50, abs=2)
    assert np.isnan(reference.standing("stuffing", np.arange(5.0))).all()


def test_pictures_of_a_kind_seen_badly_are_not_all_called_bad():
    low = np.random.default_rng(0).normal(-5, 1, 500)
    scores = Reference(Shipped()).standing("image_title", low, seen=True)
    assert 30 < np.median(scores) < 70


@given(st.integers(0, 25), st.integers(1, 6), st.integers(0, 99))
def test_neighbours_are_those_of_a_plain_search(size, k, seed):
    vectors = random_unit(size, seed)
    found = nearest(vectors, k)
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -np.inf)
    expected = -np.sort(-likeness, axis=1)[:, : found.others.shape[1]]
    assert found.others.shape == (size, min(k, max(size - 1, 0)))
    np.testing.assert_allclose(found.cosines, expected, atol=1e-6)
    assert all(row not in others for row, others in enumerate(found.others))


def features(title: str, body: str = "") -> dict[str, float]:
    vocabulary = Vocabulary.of([title, body], WordEncoder().encode_text)
    return dict(zip(FEATURES, title_features(vocabulary, [title], [body])[0], strict=True))


def test_features_of_a_stuffed_title():
    plain, stuffed = features("oat drink barista"), features("oat drink, oat drink, oat drink")
    assert (plain["repeated"], plain["signs"]) == (0, 0)
    assert stuffed["repeated"] == pytest.approx(4 / 6)
    assert stuffed["repeated_pairs"] == 3
    assert stuffed["signs"] == pytest.approx(2 / 6)
    assert stuffed["meanings"] < plain["meanings"]
    assert np.isnan(plain["unsaid"])


def test_words_that_the_listing_backs():
    body = "an oat drink of whole grain for coffee and baking"
    assert features("oat drink coffee", body)["unsaid"] == 0
    assert features("oat drink xbox headset", body)["unsaid"] == pytest.approx(0.5)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_title_has_features(title, body):
    values = title_features(
        Vocabulary.of([title, body], WordEncoder().encode_text), [title], [body]
    )
    assert values.shape == (1, len(FEATURES))


@pytest.mark.parametrize(
    ("title", "attribute", "rest", "claims", "silent"),
    [
        ("Red dress", "", "", "red", False),
        ("Navy shirt", "", "", "blue", False),
        ("Red and blue dress", "", "", None, False),
        ("Orange juice", "", "", None, False),
        ("Juicer", "Orange", "", "orange", False),
        ("Red Bull can", "blue", "", "blue", False),
        ("A shelf", "", "in white", None, False),
        ("A shelf", "", "of oak", None, True),
        ("Регал", "", "", None, True),
    ],
)
def test_the_colour_that_a_listing_claims(title, attribute, rest, claims, silent):
    colour, named_none = claimed_colour(title, attribute, rest)
    assert (colours().names[colour] if colour is not None else None) == claims
    assert named_none == silent


def test_colours_of_points():
    white, black = lab(np.array([[255, 255, 255], [0, 0, 0]], dtype=np.uint8))
    np.testing.assert_allclose(white, [100, 0, 0], atol=0.05)
    np.testing.assert_allclose(black, [0, 0, 0], atol=0.05)


def test_tints_of_a_thing_before_its_background(tmp_path):
    picture = Image.new("RGB", (40, 40), "white")
    picture.paste((200, 20, 30), (10, 10, 30, 30))
    picture.save(tmp_path / "red.png")
    (tmp_path / "broken.png").write_bytes(b"")
    shares = tint_shares([str(tmp_path / "red.png"), str(tmp_path / "broken.png")])
    names = colours().names
    assert shares[0, names.index("red")] > 0.9
    assert shares[0, names.index("blue")] == shares[0, names.index("white")] == 0
    assert (shares[1] == 1).all()


def test_the_odd_picture_of_a_brand(tmp_path):
    files = []
    for number in range(10):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (20, 20), "white" if number else "darkgreen").save(path)
        files.append(str(path))
    odd = oddness(looks(files))
    assert odd.argmax() == 0
    assert odd[0] > 4 > odd[1:].max()


def test_a_decimal_comma_parts_no_list():
    assert features("hose 2,5 mm, red")["signs"] == pytest.approx(1 / 4, abs=0.06)
    assert features("hose 2,5 mm")["signs"] == 0

from string import ascii_lowercase

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.generate.augment import Listing
from admatch.match.heads import evidence, term_words, unmet
from admatch.match.near_misses import NearMiss, name_query, near_miss
from admatch.match.tokens import words
from admatch.match.word_vectors import WordVectors
from admatch.match.words import WordEvidence

LISTING = Listing("Acme Garlic Press, Stainless Steel, 18 cm, Red", "Acme", "Birch")


def made(count=400):
    rng = np.random.default_rng(7)
    sold = set(words(LISTING.title))
    return [one for _ in range(count) if (one := near_miss(LISTING, sold, rng))]


def test_near_misses_are_about_something_else():
    by_kind = {kind: [term for term, found in made() if found is kind] for kind in NearMiss}
    assert all(by_kind.values())
    for term in by_kind[NearMiss.THING] + by_kind[NearMiss.NAMED]:
        assert words(term)[-1] not in words(LISTING.title)
    assert all("birch" in term for term in by_kind[NearMiss.BRAND])
    assert not any("18" in term.split() for term in by_kind[NearMiss.SIZE])
    assert all(any(map(str.isdigit, term)) for term in by_kind[NearMiss.SIZE])


def test_a_bare_title_has_no_near_misses():
    rng = np.random.default_rng(7)
    assert not any(near_miss(Listing("…"), set(), rng) for _ in range(50))
    assert not name_query(Listing("…"), rng)


def test_a_name_query_ends_the_name():
    rng = np.random.default_rng(7)
    assert all("press" in name_query(LISTING, rng).split() for _ in range(30))


@pytest.mark.parametrize(
    ("term", "head"),
    [
        ("garlic press", "press"),
        ("case for iphone 11", "case"),
        ("silikonschlauch 8mm", "silikonschlauch"),
        ("presse à ail pour cuisine", "presse"),
        ("usb c cable 2 m", "cable"),
        ("gartenzaun metall", "gartenzaun"),
        ("garlic press black", "press"),
        ("wine glass", "wine"),
        ("cara cara orange", "orange"),
        ("passionfruit fresh", "passionfruit"),
    ],
)
def test_the_head_word(term, head):
    assert term_words(term).head == head


def test_a_term_of_sizes_has_no_words():
    assert term_words("10 mm") is None
    assert unmet("10 mm", "anything") == []
    assert evidence("10 mm", {}) == (1, 0, 1, 1)


def test_words_that_a_title_does_not_meet():
    title = "Garlic Bulbs, Pack of 6"
    assert unmet("garlic press", title) == ["press"]
    assert unmet("schlauch rot 5 mm", "Gartenschlauch 5 mm, roter") == []
    assert evidence("garlic press", {"press": 0.3}) == (0, 0.5, 0.3, 0.3)
    assert evidence("garlic press", {"garlic": 0.4}) == (1, 0.5, 0.4, 1)
    assert evidence("garlic press", {}) == (1, 0, 1, 1)


@pytest.mark.parametrize("slip", ["avacado", "avocdo", "avocadoo", "avcoado"])
def test_a_misspelt_word_is_met(slip):
    assert unmet(slip, "Ripe Avocado") == []
    assert unmet(slip, "Ripe Avocet") == [slip]


def test_evidence_of_products_is_that_of_their_titles_and_texts():
    titles = ["Garlic Bulbs, Pack of 6", "Press"]
    words_of = WordEvidence.build([titles[0] + ". For any clove", titles[1]], titles)
    items = np.array([[0, 1], [1, 0], [0, 1]])
    vectors = WordVectors(letters)
    head, missing, least, nearest = words_of.met(
        ["garlic press", "garlic", "clove"], items, vectors
    )
    assert head.tolist() == [[0, 1], [0, 1], [1, 0]]
    assert missing.tolist() == [[0.5, 0.5], [1, 0], [0, 1]]
    near = max(cosine("press", word) for word in words(titles[0]))
    assert least[0, 0].item() == pytest.approx(near)
    assert nearest[0].tolist() == [pytest.approx(near), 1]
    assert least[2, 1].item() == nearest[2, 1].item() == pytest.approx(cosine("clove", "press"))


def letters(words):
    """A unit vector for each word, from its letters."""
    counts = (
        np.array([[word.count(one) for one in ascii_lowercase] for word in words], float) + 0.01
    )
    return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)


def cosine(one, other):
    return float(letters([one])[0] @ letters([other])[0])


@given(
    st.lists(st.lists(st.text("abcd", min_size=1, max_size=4), max_size=3), min_size=1, max_size=6),
    st.data(),
)
def test_the_nearest_word_is_the_one_found_slowly(lacking, data):
    titles = [data.draw(st.sampled_from(["abc dab", "bad", "", "12 ccc"])) for _ in lacking]
    found = WordVectors(letters).nearest(lacking, titles)
    for some, title, near in zip(lacking, titles, found, strict=True):
        known = words(title)
        slow = {word: max((cosine(word, one) for one in known), default=0.0) for word in some}
        assert near == pytest.approx(slow, abs=1e-5)


def test_a_word_is_encoded_once(monkeypatch):
    asked = []
    vectors = WordVectors(lambda some: asked.append(list(some)) or letters(some))
    vectors.of(["a", "b", "a"])
    vectors.of(["b", "c"])
    assert asked == [["a", "b"], ["c"]]
    monkeypatch.setattr("admatch.match.word_vectors.MOST", 3)
    np.testing.assert_array_equal(vectors.of(["d", "a"]), letters(["d", "a"]))
    assert asked[-1] == ["d", "a"]  # nothing else is kept


def test_without_vectors_no_word_comes_near_another():
    words_of = WordEvidence.build(["Garlic Bulbs"], ["Garlic Bulbs"])
    found = words_of.met(["garlic press", "garlic"], np.array([[0], [0]]), None)
    assert found[:, :, 0].T.tolist() == [[0, 0.5, 0, 0], [1, 0, 1, 1]]

import numpy as np
import pytest
import torch

from admatch.generate.augment import Listing
from admatch.match.heads import evidence, term_words, unmet
from admatch.match.near_misses import NearMiss, name_query, near_miss
from admatch.match.tokens import words
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
    ],
)
def test_the_head_word(term, head):
    assert term_words(term).head == head


def test_a_term_of_sizes_has_no_words():
    assert term_words("10 mm") is None
    assert evidence("10 mm", unmet("10 mm", "anything")) == (1, 0)


def test_words_that_a_title_does_not_meet():
    title = "Garlic Bulbs, Pack of 6"
    assert unmet("garlic press", title) == ["press"]
    assert unmet("schlauch rot 5 mm", "Gartenschlauch 5 mm, roter") == []
    assert evidence("garlic press", ["press"]) == (0, 0.5)
    assert evidence("garlic press", ["garlic"]) == (1, 0.5)


@pytest.mark.parametrize("slip", ["avacado", "avocdo", "avocadoo", "avcoado"])
def test_a_misspelt_word_is_met(slip):
    assert unmet(slip, "Ripe Avocado") == []
    assert unmet(slip, "Ripe Avocet") == [slip]


def test_evidence_of_products_is_that_of_their_titles_and_texts():
    titles = ["Garlic Bulbs, Pack of 6", "Press"]
    words_of = WordEvidence.build([titles[0] + ". For any clove", titles[1]], titles)
    items = torch.tensor([[0, 1], [1, 0], [0, 1]])
    head, missing = words_of.met(["garlic press", "garlic", "clove"], items)
    assert head.tolist() == [[0, 1], [0, 1], [1, 0]]
    assert missing.tolist() == [[0.5, 0.5], [1, 0], [0, 1]]

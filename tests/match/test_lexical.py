import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.match import lexical
from admatch.match.lexical import K1, B, LexicalIndex, with_rarest
from admatch.match.tokens import pairs, words

VOCABULARY = ["hose", "garden", "red", "fitting", "brass", "kit"]
texts = st.lists(
    st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=6).map(" ".join),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Garden Hoses, 10m!", ["garden", "hose", "10m"]),
        ("Glass & dress", ["glass", "dress"]),
        ("ＡＢＣ Schläuche", ["abc", "schläuche"]),
        ("日本茶", ["日本", "本茶"]),
        ("茶 cup", ["茶", "cup"]),
        ("usb充電器", ["充電", "電器", "usb"]),
        ("", []),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


def slow_coverage(term: str, documents: list[str]) -> list[float]:
    """BM25 as in a textbook, divided by the term's highest possible score."""
    split = [words(text) for text in documents]
    mean = sum(map(len, split)) / len(split)

    def rarity(holders: int) -> float:
        return math.log(1 + (len(split) - holders + 0.5) / (holders + 0.5))

    wanted = set(words(term))
    most = sum(rarity(sum(word in text for text in split)) for word in wanted)
    scores = []
    for text in split:
        score = 0.0
        for word in wanted:
            count = text.count(word)
            weight = count / (count + K1 * (1 - B + B * len(text) / mean))
            score += rarity(sum(word in other for other in split)) * weight
        scores.append(score / most if most else 0.0)
    return scores


@settings(max_examples=60, deadline=None)
@given(texts, st.lists(st.sampled_from([*VOCABULARY, "unheard"]), max_size=4).map(" ".join))
def test_coverage_equals_the_textbook(documents, term):
    found = LexicalIndex.build(documents).coverage([term])[0]
    np.testing.assert_allclose(found, slow_coverage(term, documents), atol=1e-5)


def test_a_term_of_unknown_words_is_not_covered():
    index = LexicalIndex.build(["garden hose", "brass fitting"])
    assert index.coverage(["gaming laptop", "", "???"]).tolist() == [[0, 0], [0, 0], [0, 0]]


def test_products_without_words_do_no_harm():
    index = LexicalIndex.build(["", "hose"])
    covered = index.coverage(["hose"])[0]
    assert covered[0] == 0
    assert covered[1] > 0.5


def test_pairs_are_neighbours():
    assert pairs("Coffee tables, oak") == ["coffee table", "table oak"]
    assert pairs("oak") == []


def test_a_phrase_is_covered_where_its_words_stand_side_by_side():
    index = LexicalIndex.build(["oak coffee table", "table of coffee"], pairs)
    assert index.coverage(["coffee table"])[0].tolist() == [pytest.approx(0.75, abs=0.1), 0]
    assert index.coverage(["coffee"])[0].tolist() == [0, 0]


@settings(max_examples=60, deadline=None)
@given(texts, st.lists(st.sampled_from([*VOCABULARY, "unheard"]), max_size=4).map(" ".join))
def test_looking_products_up_equals_covering_all(documents, term):
    index = LexicalIndex.build(documents)
    every = np.arange(len(documents), dtype=np.int32)
    found = index.postings([term])[0].coverage(every)
    np.testing.assert_allclose(found, index.coverage([term])[0], atol=1e-6)


def test_the_rarest_words_come_first_and_common_ones_by_their_champions(monkeypatch):
    monkeypatch.setattr(lexical, "LOOKED_AT", 4)
    texts = ["brass hose"] * 2 + ["hose"] + ["hose garden kit red"] * 6
    index = LexicalIndex.build(texts)
    # Both with "brass", then room for two more: "hose" is worth most where it stands alone.
    found = with_rarest(index.postings(["brass hose"])[0].postings).tolist()
    assert found[:3] == [0, 1, 2]
    assert len(found) <= 4
    assert with_rarest(index.postings(["hose"])[0].postings).tolist() == [0, 1, 2, 3]
    assert with_rarest(index.postings(["unheard"])[0].postings).tolist() == []


@settings(max_examples=80, deadline=None)
@given(texts, st.data())
def test_an_index_updated_equals_one_built_anew(documents, data):
    """Some products stay, in any order, others are left out, and new ones are among them."""
    numbers = list(range(len(documents)))
    stay = data.draw(st.permutations(numbers).flatmap(lambda o: st.sampled_from([o[:2], o])))
    new = data.draw(texts)
    former = data.draw(st.permutations([*stay, *([-1] * len(new))]))
    updated = LexicalIndex.build(documents).updated(np.array(former), new)
    fresh = iter(new)
    anew = LexicalIndex.build([documents[i] if i >= 0 else next(fresh) for i in former])
    for one in ("keys", "starts", "products", "times", "weights", "lengths"):
        np.testing.assert_array_equal(getattr(updated, one), getattr(anew, one))

"""Near-misspellings of one's own names: ``misspelt_names``."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice, pairwise

import polars as pl

from admatch.decisions.words import plain, stems

# Letters of an own word from which one slip, and two, still leave it recognisable. What is a slip
# away from a shorter word is usually another word.
_ONE_SLIP, _TWO_SLIPS = 5, 9
_ALONE = 7  # letters of a word that is recognised without another one beside it
_JOINED = 8  # letters of two words that are written as one, or of one that is written as two
_READINGS = 64  # of one term
_LONGEST = 1000  # letters of a word, and hence slips


def misspelt_names(terms: pl.Series, brands: pl.Series, names: pl.Series) -> pl.Series:
    """Return "brand" or "own product" where a term misspells one, null elsewhere.

    A slip is a letter that is missing, added, wrong, or swapped
    with its neighbour; a blank too many or too few is one, too. A term misspells a brand if it
    holds it once it is spelt right, and a product if it is then a run of words of its name.
    """
    terms, brands, names = plain(terms), plain(brands), plain(names)
    distinct = tuple(terms.unique(maintain_order=True).to_list())
    found = _found(distinct, tuple(brands), tuple(names))
    return pl.Series([found.get(term) for term in terms], dtype=pl.String)


@lru_cache(maxsize=4)  # other targets for the same report ask for the same terms
def _found(
    terms: tuple[str, ...], brands: tuple[str, ...], names: tuple[str, ...]
) -> Mapping[str, str]:
    """Return what each term misspells."""
    written = set(chain.from_iterable(map(_spans, terms)))
    of_brands = _Spelling(pl.Series(brands, dtype=pl.String), written)
    of_names = _Spelling(pl.Series(names, dtype=pl.String), written)
    own_brands = [f" {brand} " for brand in brands if brand]
    all_names = "\n".join(f" {name} " for name in names)
    branded, named = {}, {}
    for term in terms:
        right = [f" {one} " for one in of_brands.readings(term, every_word=False)]
        if right := [one for one in right if any(brand in one for brand in own_brands)]:
            branded[term] = right
        right = [f" {one} " for one in of_names.readings(term, every_word=True)]
        if right := [one for one in right if one in all_names]:
            named[term] = right
    misspelt = _misspelt(branded), _misspelt(named)
    return dict.fromkeys(misspelt[1], "own product") | dict.fromkeys(misspelt[0], "brand")


def _misspelt(right: Mapping[str, list[str]]) -> list[str]:
    """Return the terms with a right spelling that is more than another number of it."""
    texts = list(dict.fromkeys(chain(right, *right.values())))
    stem = dict(zip(texts, stems(pl.Series(texts, dtype=pl.String)), strict=True))
    return [term for term, ways in right.items() if any(stem[one] != stem[term] for one in ways)]


def _spans(text: str) -> Iterator[str]:
    """Yield each word, and each two neighbours as one."""
    words = text.split()
    yield from words
    yield from ("".join(pair) for pair in pairwise(words))


class _Spelling:
    """What written words may mean: ``near`` has the own words, or pairs of them, behind each."""

    def __init__(self, own: pl.Series, written: Iterable[str]) -> None:
        self.words = set(chain.from_iterable(one.split() for one in own))
        meant = {word: word for word in self.words}
        for pair in chain.from_iterable(pairwise(one.split()) for one in own):
            meant.setdefault("".join(pair), " ".join(pair))
        alike = defaultdict(list)  # by first letter and length
        for joined in meant:
            alike[joined[0], len(joined)].append((joined, _letters(joined), _slips(joined)))
        self.near: dict[str, list[str]] = {}
        for word in written:
            letters, near = _letters(word), set[str]()
            for more in range(-2, 3):
                for joined, others, slips in alike.get((word[0], len(word) + more), ()):
                    # a slip changes at most two letters, one that goes and one that comes
                    few = abs(more) <= slips and (letters ^ others).bit_count() <= 2 * slips
                    if few and _distance(word, joined, slips) <= slips:
                        near.add(meant[joined])
            self.near[word] = sorted(near)

    def readings(self, term: str, *, every_word: bool) -> Iterator[str]:
        """Yield the term in other spellings, all of own words unless not ``every_word``."""
        words = term.split()
        if not any(self.near[span] for span in _spans(term)):
            return
        least = _ALONE if len(words) == 1 else 0
        found = islice(self._readings(words, every_word, least), _READINGS)
        yield from (" ".join(one) for one in found if one != words)

    def _readings(self, words: list[str], every_word: bool, least: int) -> Iterator[list[str]]:
        if not words:
            yield []
            return
        first = words[0]
        options = [(first, 1)] if first in self.words or not every_word else []
        options += [(own, 1) for own in self.near[first] if _fits(first, own, least)]
        if len(words) > 1:
            both = first + words[1]
            options += [(own, 2) for own in self.near[both] if " " not in own and _long(own)]
        for own, taken in options:
            for rest in self._readings(words[taken:], every_word, least):
                yield [own, *rest]


def _fits(written: str, own: str, least: int) -> bool:
    """Return whether one word may stand for an own word, or for two of them."""
    return _long(own) if " " in own else written != own and len(own) >= least


def _long(own: str) -> bool:
    return len(own.replace(" ", "")) >= _JOINED


def _slips(own: str) -> int:
    return (len(own) >= _ONE_SLIP) + (len(own) >= _TWO_SLIPS)


def _letters(word: str) -> int:
    """Return which letters a word has, and which twice, as bits; rare ones may share a bit."""
    once = twice = 0
    for letter in word:
        bit = 1 << ord(letter) % 64
        twice |= once & bit
        once |= bit
    return once | twice << 64


def _distance(one: str, other: str, most: int = _LONGEST) -> int:
    """Return how many slips turn one word into the other (optimal string alignment).

    Where they are more than ``most``, only that many and one are counted.
    """
    one, other = _without_common_end(*_without_common_start(one, other))
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        older, before, row = before, row, [at] + [most + 1] * len(other)
        for to in range(max(1, at - most), min(len(other), at + most) + 1):
            wanted = other[to - 1]
            least = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                least = min(least, older[to - 2] + 1)
            row[to] = least
        if min(row) > most and min(before) > most:  # a swap looks two rows back
            return most + 1
    return min(row[-1], most + 1)


def _without_common_start(one: str, other: str) -> tuple[str, str]:
    same = 0
    for letter, wanted in zip(one, other, strict=False):
        if letter != wanted:
            break
        same += 1
    return one[same:], other[same:]


def _without_common_end(one: str, other: str) -> tuple[str, str]:
    turned = _without_common_start(one[::-1], other[::-1])
    return turned[0][::-1], turned[1][::-1]

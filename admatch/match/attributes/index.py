"""What each product's title states, as sorted numbers: ``AttributeIndex``.

Every statement is one number, its key: attributes lie far apart on the line, and within one of them
a quantity lies at its logarithm, so that a look-up by binary search finds all products that state
nearly the same, and all that state something else of the same attribute.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, log

import numpy as np
import numpy.typing as npt

from admatch.arrays import AnyArray, Floats, Floats32, Ints, Mask
from admatch.match.attributes.lexicon import Value, stated
from admatch.match.attributes.quantities import Quantity, quantities, with_extents

# Half an inch is sold as 13 mm, and 500 GB as 512: sizes that differ by less are the same.
NEARLY = 0.033
# A length of 25 m says nothing of a diameter of 4 mm: only sizes within this factor can contradict.
WITHIN = 30.0
APART, MIDDLE = 4096.0, 2048.0  # of two attributes on the line; where a quantity of 1 lies
ATTRIBUTES = 2**20  # on the line: keys stay exact to a thousandth
MOST = 2  # contradictions of a term that count
PREFIX = "attributes"

_Spans = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]


@dataclass(frozen=True, slots=True)
class TermAttributes:
    """The products that agree with each attribute of a term, and those that contradict it."""

    agreeing: tuple[npt.NDArray[np.int32], ...]
    contradicting: tuple[npt.NDArray[np.int32], ...]


@dataclass(frozen=True)
class Agreement:
    """What terms and products say of the same attributes; ``terms`` by the number of the term."""

    terms: Mapping[int, TermAttributes]

    def of(self, items: Ints) -> Floats32:
        """Return how many attributes products (n, k) agree with, and contradict: (2, n, k)."""
        counts, items = np.zeros((2, *items.shape), np.float32), items.astype(np.int32)
        for row, term in self.terms.items():
            for count, parts in zip(counts, (term.agreeing, term.contradicting), strict=True):
                for products in parts:
                    count[row] += _holds(products, items[row])
        return np.minimum(counts, MOST)


@dataclass(frozen=True)
class AttributeIndex:
    """What products state: ``keys``, ascending, and the product of each; ``size`` products."""

    keys: Floats
    products: npt.NDArray[np.int32]
    size: int

    @classmethod
    def build(cls, titles: Sequence[str]) -> "AttributeIndex":
        """Return the index of products with these titles."""
        stated_by = [_title_keys(title) for title in titles]
        products = np.repeat(np.arange(len(titles), dtype=np.int32), list(map(len, stated_by)))
        keys = np.array([key for each in stated_by for key in each], np.float64)
        return cls._sorted(keys, products, len(titles))

    @classmethod
    def _sorted(cls, keys: Floats, products: npt.NDArray[np.int32], size: int) -> "AttributeIndex":
        order = np.lexsort((products, keys))
        return cls(keys[order], products[order], size)

    def updated(self, former: Ints, titles: Sequence[str]) -> "AttributeIndex":
        """Return the index of other products; only new ``titles`` are read.

        ``former`` is each product's number here, at most once, or -1 for the next of ``titles``.
        """
        new = AttributeIndex.build(titles)
        goes = np.full(self.size, -1, np.int32)
        goes[former[former >= 0]] = np.flatnonzero(former >= 0)
        target = goes[self.products]
        fresh = np.flatnonzero(former < 0).astype(np.int32)
        keys = np.concatenate([self.keys[target >= 0], new.keys])
        products = np.concatenate([target[target >= 0], fresh[new.products]])
        return self._sorted(keys, products, len(former))

    def tables(self) -> dict[str, AnyArray]:
        """Return the tables that ``from_tables`` restores the index from."""
        return {f"{PREFIX}.keys": self.keys, f"{PREFIX}.products": self.products}

    @classmethod
    def from_tables(cls, tables: Mapping[str, AnyArray], size: int) -> "AttributeIndex":
        """Return the index that was saved as ``tables``."""
        return cls(tables[f"{PREFIX}.keys"], tables[f"{PREFIX}.products"], size)

    def agreement(self, terms: Sequence[str]) -> Agreement:
        """Return what these terms and the products say of the same attributes."""
        found = ((row, self._of(term)) for row, term in enumerate(terms))
        return Agreement({row: one for row, one in found if one})

    def _of(self, term: str) -> TermAttributes | None:
        wanted: list[Quantity | Value] = [*quantities(term), *stated(term.casefold())]
        spans = [self.spans(one) for one in wanted]
        return TermAttributes(*zip(*spans, strict=True)) if spans else None

    def spans(self, wanted: Quantity | Value) -> _Spans:
        """Return the products that state the same, and those that state something else."""
        return self._quantity(wanted) if isinstance(wanted, Quantity) else self._value(wanted)

    def _quantity(self, quantity: Quantity) -> _Spans:
        start = _start(quantity)
        low, high = (start + MIDDLE + log(max(x, 1e-9)) for x in (quantity.low, quantity.high))
        around = MIDDLE if quantity.model else log(WITHIN)
        return self._spans(low - NEARLY, high + NEARLY, low - around, high + around)

    def _value(self, value: Value) -> _Spans:
        key = _value_key(value.attribute, value.name)
        start = _start(value.attribute)
        return self._spans(key - NEARLY, key + NEARLY, start, start + APART)

    def _spans(self, low: float, high: float, first: float, last: float) -> _Spans:
        a, b, c, d = np.searchsorted(self.keys, (low, high, first, last))
        same, stating = _distinct(self.products[a:b]), _distinct(self.products[c:d])
        return same, np.setdiff1d(stating, same, assume_unique=True)


def _distinct(products: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return ``np.unique``, which takes several times as long as it hashes."""
    ordered = np.sort(products)
    return ordered[np.diff(ordered, prepend=-1) > 0]


def _holds(products: npt.NDArray[np.int32], items: npt.NDArray[np.int32]) -> Mask:
    """Return which items are among products, which ascend."""
    if not len(products):
        return np.zeros(len(items), bool)
    found: Mask = products[np.minimum(products.searchsorted(items), len(products) - 1)] == items
    return found


def _title_keys(title: str) -> list[float]:
    """Return the keys of what a title states, each once."""
    keys: dict[float, None] = {}
    for quantity in with_extents(quantities(title), title):
        start = _start(quantity) + MIDDLE
        low, high = log(max(quantity.low, 1e-9)), log(max(quantity.high, 1e-9))
        # A range is stored in steps that are nearer to each other than what counts as the same.
        steps = ceil((high - low) / (2 * NEARLY))
        keys |= dict.fromkeys((start + np.linspace(low, high, steps + 1)).tolist())
    for value in stated(title.casefold()):
        for name in (value.name, *value.kinds):
            keys[_value_key(value.attribute, name)] = None
    return list(keys)


def _start(attribute: Quantity | str) -> float:
    name = attribute if isinstance(attribute, str) else attribute.dimension
    model = not isinstance(attribute, str) and attribute.model
    return APART * (_number(f"{'model ' if model else ''}{name}") % ATTRIBUTES)


def _value_key(attribute: str, name: str) -> float:
    return _start(attribute) + _number(name) % int(APART)


@lru_cache(maxsize=2**16)
def _number(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=6).digest(), "little")

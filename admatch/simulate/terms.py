"""Search terms of every kind that an advertiser meets, each with its true products."""

import itertools
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib.resources import files
from typing import Any

import numpy as np

from admatch.catalog.records import Catalog, Product
from admatch.simulate.words import fold, folded, misspell, name_of, plural, tokens


class Kind(StrEnum):
    """Why a term is in the report; decides what it is about and how often it converts."""

    RELEVANT = "relevant"
    VAGUE = "vague"
    MISSPELT = "misspelt"
    COMPETITOR = "competitor"
    OFF_CATALOG = "off_catalog"
    ASIN = "asin"
    STAR = "star"


SHARES = {  # of the distinct terms; all others are relevant
    Kind.VAGUE: 0.08,
    Kind.MISSPELT: 0.13,
    Kind.COMPETITOR: 0.12,
    Kind.OFF_CATALOG: 0.20,
    Kind.ASIN: 0.07,
}
PHRASED = 0.25  # share of the relevant terms that stand inside a phrase
SOLD_SHARE = 0.005  # share of products with a field's words above which the field is sold
_ATTEMPTS = 40  # draws for each term, as small catalogs soon repeat themselves
_PLACE_NAMES = frozenset({"origin", "country", "size", "pack"})  # attributes nobody searches by


@dataclass(frozen=True, slots=True)
class Term:
    """A search term and the products that it is about.

    ``category`` is the category that they share, None where they need not share one. ``plain`` is
    the term in the catalog's own spelling, which keywords are matched against. The words beside a
    rival's name count: "chobani vanilla yogurt" is about the vanilla yoghurts.
    """

    text: str
    kind: Kind
    product_ids: tuple[str, ...]
    category: str | None
    plain: str


@dataclass(frozen=True, slots=True)
class Item:
    """A product, as the words that shoppers use for it."""

    product_id: str
    name: tuple[str, ...]
    brand: str | None
    leaf: str | None
    top: str
    traits: tuple[str, ...]
    words: frozenset[str]


def load_shopper_terms() -> dict[str, Any]:
    """Return the tables of ``shopper_terms.toml``."""
    return tomllib.loads(files(__package__).joinpath("shopper_terms.toml").read_text("utf-8"))


def take_apart(catalog: Catalog) -> list[Item]:
    """Return the catalog's products as items, in the catalog's order."""
    return [_item(product) for product in catalog]


class TermMaker:
    """Makes distinct terms about the products of a catalog, and about none of them."""

    def __init__(self, items: Sequence[Item], rng: np.random.Generator) -> None:
        self.items = items
        self.rng = rng
        self.tables = load_shopper_terms()
        self._carriers: defaultdict[str, set[int]] = defaultdict(set)
        for number, item in enumerate(items):
            for word in item.words:
                self._carriers[word].add(number)
        self._written = {word for item in items for word in (*item.name, *tokens(item.leaf or ""))}
        self._brands = {item.brand.lower() for item in items if item.brand}
        self._sold = [field for field in self.tables["field"] if self._is_sold(field)]
        self._unsold = [field for field in self.tables["field"] if field not in self._sold]

    def make(self, count: int) -> list[Term]:
        """Return about ``count`` distinct terms, of all kinds in the proportions of ``SHARES``."""
        wanted = {kind: round(count * share) for kind, share in SHARES.items()}
        wanted[Kind.RELEVANT] = count - sum(wanted.values()) - 1
        makers: dict[Kind, Callable[[], Iterator[Term | None]]] = {
            Kind.RELEVANT: self._relevant,
            Kind.VAGUE: self._vague,
            Kind.MISSPELT: self._misspelt,
            Kind.COMPETITOR: self._competitor,
            Kind.OFF_CATALOG: self._off_catalog,
            Kind.ASIN: self._asin,
        }
        found = {"*": Term("*", Kind.STAR, (), None, "*")}
        for kind, make in makers.items():
            tries = itertools.islice(make(), wanted[kind] * _ATTEMPTS)
            _take(tries, wanted[kind], found)
        return list(found.values())

    def _relevant(self) -> Iterator[Term | None]:
        yield from (self._need(entry, Kind.RELEVANT, 1) for entry in self.tables["meaning"])
        while True:
            yield self._named(PHRASED)

    def _named(self, phrased: float) -> Term:
        """Return a term that names a product, at times inside a phrase (``fresh …``)."""
        item = self._any(self.items)
        words, leaf = self._wording(item)
        about = self._about(folded(" ".join(words)), leaf)
        phrasing = self._any(self._phrasings(item)) if self.rng.random() < phrased else "{}"
        text = phrasing.format(self._as_typed(words))
        return Term(text, Kind.RELEVANT, about, leaf, phrasing.format(" ".join(words)))

    def _vague(self) -> Iterator[Term | None]:
        yield from (self._need(entry, Kind.VAGUE, 2) for entry in self.tables["vague"])
        tops = sorted({item.top for item in self.items if item.leaf})
        for _ in range(len(tops) * _ATTEMPTS):
            top = self._any(tops)
            about = tuple(item.product_id for item in self.items if item.top == top)
            words = " ".join(tokens(top))
            phrasing = self._any(["{}", *self.tables["phrasings"], "fresh {}", "healthy {}"])
            yield Term(phrasing.format(words), Kind.VAGUE, about, None, words)

    def _need(self, entry: dict[str, Any], kind: Kind, least: int) -> Term | None:
        """Return a term of the data file if at least ``least`` products answer it."""
        groups = (self._carrying(folded(words)) for words in entry["words"])
        about = sorted(set[int]().union(*groups))
        if len(about) < least:
            return None
        return Term(entry["term"], kind, self._ids(about), None, entry["term"])

    def _misspelt(self) -> Iterator[Term | None]:
        while True:
            right = self._named(phrased=0.0)
            wrong = misspell(right.text, self.rng)
            slips = set(wrong.split()) - set(right.text.split())
            is_wrong = any(fold(word) not in self._carriers for word in slips)
            yield replace(right, text=wrong, kind=Kind.MISSPELT) if is_wrong else None

    def _competitor(self) -> Iterator[Term]:
        rivalled = [(item, rivals) for item in self.items if (rivals := self._rivals(item))]
        while rivalled:
            item, rivals = self._any(rivalled)
            rival = self._any(rivals)
            words, leaf = self._any(self._kinds(item))
            about = self._about(folded(" ".join(words)), leaf)
            plain = f"{rival} {' '.join(words)}"
            text = f"{rival} {self._as_typed(words)}"
            yield Term(text, Kind.COMPETITOR, about, leaf, plain)

    def _off_catalog(self) -> Iterator[Term]:
        terms = [term for field in self._unsold for term in field["terms"]]
        for number in self.rng.permutation(len(terms)):
            if not self._carrying(folded(terms[number])):
                yield Term(terms[number], Kind.OFF_CATALOG, (), None, terms[number])

    def _asin(self) -> Iterator[Term]:
        while True:
            item = self._any(self.items)
            if self.rng.random() < 0.25 and _is_asin(item.product_id):
                own = item.product_id.lower()
                yield Term(own, Kind.ASIN, (item.product_id,), item.leaf, own)
            else:
                rival = f"b0rival{self.rng.integers(1000):03d}"  # plainly nobody's
                yield Term(rival, Kind.ASIN, (), None, rival)

    def _wording(self, item: Item) -> tuple[list[str], str | None]:
        """Return words that ask for an item, and the category that limits them, if any."""
        leaf, brand = tokens(item.leaf or ""), tokens(item.brand or "")
        ways = [(list(item.name), item.leaf), *self._kinds(item)]
        if len(item.name) > 2:
            ways.append(([item.name[-1], *item.name[:-1]], item.leaf))
        if brand:
            ways += [(brand + list(item.name), item.leaf), (brand + leaf, item.leaf), (brand, None)]
        words, limit = self._any(ways)
        return list(dict.fromkeys(words)), limit

    def _kinds(self, item: Item) -> list[tuple[list[str], str | None]]:
        """Return the ways to ask for the kind of thing an item is, without its name or brand."""
        if item.leaf is None:
            return [(list(item.name), None)]
        leaf = tokens(item.leaf)
        traits = [(list(dict.fromkeys([*tokens(t), *leaf])), item.leaf) for t in item.traits]
        return [(leaf, item.leaf), *traits]

    def _as_typed(self, words: Sequence[str]) -> str:
        """Return words in one of their spellings, at times in the other number."""
        spellings = self.tables["spellings"]
        typed = [self._any(spellings.get(fold(word), [word])) for word in words]
        other = plural(typed[-1])
        if self.rng.random() < 0.3 and other in self._written:
            typed[-1] = other
        return " ".join(dict.fromkeys(" ".join(typed).split(" ")))

    def _phrasings(self, item: Item) -> list[str]:
        field = self._field(item)
        own = field["phrasings"] * 3 if field else []
        return [*own, *self.tables["phrasings"]]

    def _rivals(self, item: Item) -> list[str]:
        """Return the brands that sell what an item is."""
        field = self._field(item)
        entries = [brand.partition(":") for brand in (field or self.tables)["brands"]]
        sellers = [name for name, _, sold in entries if folded(sold) <= item.words]
        return [name for name in sellers if name not in self._brands]

    def _field(self, item: Item) -> Any:  # noqa: ANN401 - a table of the data file, or None
        """Return the sold field that an item's category names, or else its title."""
        for words in (folded(item.leaf or ""), item.words):
            for field in self._sold:
                if any(folded(word) <= words for word in field["words"]):
                    return field
        return None

    def _is_sold(self, field: dict[str, Any]) -> bool:
        groups = (self._carrying(folded(word)) for word in field["words"])
        return len(set[int]().union(*groups)) > SOLD_SHARE * len(self.items)

    def _about(self, words: frozenset[str], leaf: str | None) -> tuple[str, ...]:
        """Return the products that carry all the words, of one category if it is named."""
        numbers = sorted(self._carrying(words))
        return self._ids(n for n in numbers if leaf is None or self.items[n].leaf == leaf)

    def _carrying(self, words: frozenset[str]) -> set[int]:
        groups = [self._carriers.get(word, set()) for word in words]
        return set.intersection(*groups) if groups else set()

    def _ids(self, numbers: Iterable[int]) -> tuple[str, ...]:
        return tuple(self.items[number].product_id for number in numbers)

    def _any(self, choices: Sequence[Any]) -> Any:  # noqa: ANN401 - whatever the choices are
        return choices[int(self.rng.integers(len(choices)))]


def _item(product: Product) -> Item:
    path = [part.strip() for part in (product.category or "").replace("/", ">").split(">")]
    path = [part for part in path if part]
    traits = [value for name, value in product.attributes if name.lower() not in _PLACE_NAMES]
    traits = [value for value in traits if not any(map(str.isdigit, value))]
    text = " ".join([product.title, product.brand or "", *path, *traits])
    name = name_of(product.title, product.brand) or tokens(product.title)[:3]
    leaf, top = (path[-1], path[0]) if path else (None, "All products")
    return Item(
        product.product_id, tuple(name), product.brand, leaf, top, tuple(traits), folded(text)
    )


def _is_asin(product_id: str) -> bool:
    return len(product_id) == 10 and product_id.upper().startswith("B0") and product_id.isalnum()


def _take(terms: Iterable[Term | None], count: int, found: dict[str, Term]) -> None:
    """Add the first ``count`` terms whose text is not among those found yet."""
    for term in terms:
        if count == 0:
            return
        if term is not None and term.text not in found:
            found[term.text] = term
            count -= 1

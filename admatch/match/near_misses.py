"""A product's words turned into terms about something else: ``near_miss``; and into its name.

Automatic campaigns bring such terms: another thing's name with the product's words, an accessory, a
refill, an ingredient, a rival's brand, another size or colour. ``name_query`` is what they are told
from: the product's name, with words that a title hardly ever has ("fresh", "near me").
"""

import gzip
import re
from collections import defaultdict
from collections.abc import Callable, Collection
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TypeAlias

import numpy as np

from admatch.generate.augment import NAME_END, WORD, Listing
from admatch.match.attributes.lexicon import siblings
from admatch.match.heads import PRAISE
from admatch.match.tokens import words

# What is sold for, of or beside a thing, with the words before or after it.
BESIDE = (
    "{} case", "{} cover", "{} holder", "{} stand", "{} rack", "{} bag", "{} organizer", "{} mount",
    "{} storage box", "{} container", "{} dispenser", "{} cleaner", "{} brush", "{} polish",
    "{} replacement parts", "replacement {} battery", "{} refill", "{} filter", "{} charger",
    "{} adapter", "{} cutter", "{} opener", "{} sharpener", "{} repair kit", "{} maker", "{} tray",
    "{} lid", "{} liner", "{} strap", "{} cord", "{} lock", "{} label stickers", "{} powder",
    "{} oil", "{} extract", "{} seeds", "{} flavoring", "{} scented candle", "{} costume",
    "{} poster", "{} book", "{} keychain", "{} plush", "{} t shirt", "{} mug", "{} cake topper",
    "{} wallpaper", "{} ornament", "{} clipart", "diy {} kit", "toy {} for kids",
    "{} coloring book",
    "how to fix {}", "{} rental", "{} tool", "{} plate", "{} lamp", "{} phone case",
)  # fmt: skip
WISHES = (
    "fresh", "delivery", "near me", "online", "for home", "for kitchen", "for women", "for kids",
    "gift", "in bulk", "on sale", "with free shipping", "for sale", "for beginners", "for adults",
    "for party", "today", "for the house", "cheap", "for outdoor use",
)  # fmt: skip
SAID = 0.55  # share of name queries with one of these
SIZE = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)?(?=[\s-]?[a-z\"%])|(?<=[a-z] )\d+\b", re.IGNORECASE)
SHORTEST = 4  # letters of a word that says what a thing is of or for
TIMES = (0.25, 0.4, 0.5, 1.5, 2.0, 3.0, 5.0)  # what another size is of this one

Maker: TypeAlias = Callable[[Listing, np.random.Generator], list[str]]


class NearMiss(StrEnum):
    """What a near miss has instead of the product's own."""

    THING = "thing"
    NAMED = "named"
    BESIDE = "beside"
    BRAND = "brand"
    SIZE = "size"
    VALUE = "value"

    @property
    def related(self) -> bool | None:
        """Whether it is at least about that kind of product; None where that is open."""
        if self is NearMiss.BESIDE:
            return None
        return self in (NearMiss.BRAND, NearMiss.SIZE, NearMiss.VALUE)


def near_miss(
    listing: Listing, sold: Collection[str], rng: np.random.Generator
) -> tuple[str, NearMiss] | None:
    """Return a term about something else than the product, and its kind; None where none is made.

    ``sold`` are the words of all own titles: another thing's name must not be among them.
    """
    kind = list(_MAKERS)[int(rng.choice(len(_MAKERS), p=_SHARES))]
    term = _MAKERS[kind](listing, rng)
    last = words(" ".join(term))[-1:]
    if not last or (kind in (NearMiss.THING, NearMiss.NAMED) and last[0] in sold):
        return None
    return " ".join(term), kind


def name_query(listing: Listing, rng: np.random.Generator) -> str:
    """Return the last one to three words of a product's name, often with praise or a wish."""
    name = name_words(listing.title, listing.brand)[-int(rng.integers(1, 4)) :]
    if not name or rng.random() >= SAID:
        return " ".join(name)
    if rng.random() < SAID:
        return " ".join([PRAISE[int(rng.integers(len(PRAISE)))], *name])
    return " ".join([*name, WISHES[int(rng.integers(len(WISHES)))]])


def name_words(title: str, brand: str | None = None) -> list[str]:
    """Return the words by which a title names the thing, without the brand."""
    head = NAME_END.split(title.lower(), maxsplit=1)[0]
    known = set(WORD.findall((brand or "").lower()))
    return [word for word in WORD.findall(head) if word not in known]


def _some(title: str, brand: str | None, rng: np.random.Generator) -> list[str]:
    """Return one to three neighbouring words of the name, mostly its last ones."""
    name = name_words(title, brand)
    length = min(int(rng.integers(1, 4)), len(name))
    end = len(name) if rng.random() < 0.6 else int(rng.integers(length, len(name) + 1))
    return name[end - length : end]


def _thing(listing: Listing, rng: np.random.Generator) -> list[str]:
    """Return words of the name with any other thing's name: "oak garlic press"."""
    own = _some(listing.title, listing.brand, rng)
    return [*own[:2], *things()[int(rng.integers(len(things())))][-2:]] if own else []


def _named(listing: Listing, rng: np.random.Generator) -> list[str]:
    """Return the name of another thing that has a word of the title: "garlic press"."""
    own = [word for word in words(listing.title) if word in _by_word()]
    if not own:
        return []
    choices = _by_word()[own[int(rng.integers(len(own)))]]
    return list(things()[choices[int(rng.integers(len(choices)))]])


def _beside(listing: Listing, rng: np.random.Generator) -> list[str]:
    own = _some(listing.title, listing.brand, rng)
    return BESIDE[int(rng.integers(len(BESIDE)))].format(" ".join(own)).split() if own else []


def _brand(listing: Listing, rng: np.random.Generator) -> list[str]:
    rival = WORD.findall((listing.rival or "").lower())
    name = _some(listing.title, listing.brand, rng)
    same = (listing.rival or "").lower() == (listing.brand or "").lower()
    return [*rival, *name] if rival and name and not same else []


def _size(listing: Listing, rng: np.random.Generator) -> list[str]:
    """Return the name with a number of the title changed."""
    numbers = list(SIZE.finditer(listing.title))
    if not numbers:
        return []
    one = numbers[int(rng.integers(len(numbers)))]
    other = float(one[0].replace(",", ".")) * float(rng.choice(TIMES))
    unit = re.match(r"[\s-]?[\w\"%]+", listing.title[one.end() :])
    before = re.search(r"[^\W\d_]+ $", listing.title[: one.start()])
    sized = f"{round(other, 1 if other < 10 else 0):g}{unit[0] if unit else ''}"
    if before and not unit:
        sized = before[0] + sized
    name = _some(listing.title, listing.brand, rng)
    return [*name, sized.lower()] if rng.random() < 0.5 else [sized.lower(), *name]


def _value(listing: Listing, rng: np.random.Generator) -> list[str]:
    """Return the name with a colour, a material or a wearer of the title changed."""
    title = WORD.findall(listing.title.lower())
    known = [(word, others) for word in title if (others := siblings(word))]
    if not known:
        return []
    word, others = known[int(rng.integers(len(known)))]
    other = others[int(rng.integers(len(others)))]
    return [other, *(one for one in _some(listing.title, listing.brand, rng) if one != word)]


_MAKERS: dict[NearMiss, Maker] = {
    NearMiss.THING: _thing,
    NearMiss.NAMED: _named,
    NearMiss.BESIDE: _beside,
    NearMiss.BRAND: _brand,
    NearMiss.SIZE: _size,
    NearMiss.VALUE: _value,
}
_SHARES = (0.2, 0.25, 0.3, 0.05, 0.12, 0.08)


@cache
def things() -> tuple[tuple[str, ...], ...]:
    """Return the names of 9,900 kinds of things, as words."""
    packed = (files(__package__) / "things.txt.gz").read_bytes()
    return tuple(tuple(line.split()) for line in gzip.decompress(packed).decode().splitlines())


@cache
def _by_word() -> dict[str, list[int]]:
    """Return the numbers of the things whose names have a word before the last one."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, thing in enumerate(things()):
        for word in words(" ".join(thing))[:-1]:
            if len(word) >= SHORTEST:
                found[word].append(number)
    return dict(found)

"""What a header of a catalog file means: by itself, by its path, by its language."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from admatch.tables.header_table import CURRENCY_CODES, HeaderTable, normalise

_FILE = Path(__file__).with_name("headers.toml")
HEADERS = HeaderTable.load(_FILE)
_LISTS = tomllib.loads(_FILE.read_text("utf-8"))
ATTRIBUTES: tuple[str, ...] = tuple(_LISTS["attributes"])
_WRAPPERS = frozenset(_LISTS["wrappers"])
_LANGUAGES = "|".join(_LISTS["languages"])
PARENT_WORDS: tuple[str, ...] = tuple(_LISTS["parents"])
RIVALS: tuple[str, ...] = tuple(map(normalise, _LISTS["rivals"]))
EXAMPLE_SHEETS: tuple[str, ...] = tuple(_LISTS["examples"])
WEAK_TITLES = frozenset(map(normalise, _LISTS["weak_titles"]))
_ADVERTISING = frozenset(map(normalise, _LISTS["advertising"]))

# Amazon's newer templates: bullet_point[marketplace_id=ATVPDKIKX0DER]#2.value
_AMAZON = re.compile(r"^(\w+)(?:\[[^\]]*\])*#(\d+)((?:\.\w+(?:\[[^\]]*\])*(?:#\d+)?)+)$")
_WITHIN = re.compile(r"\[[^\]]*\]|#\d+")
_PLAIN_LEAVES = ("value", "media_location")
_STEP = re.compile(r"\.|/|->|::?|__|\[|\]")
_BRACKET = re.compile(r"^(.*?)(?:\s*[(（【]|\s\[)([^()（）\[\]【】]*)[)）\]】]$")
_LANGUAGE = re.compile(rf"^(.+?)[\s_.:@-]+(?:{_LANGUAGES})(?:[_-][A-Za-z]{{2}})?(?:[_-]\w+)?$")
_LONGEST = 200  # letters of a header; longer cells are texts
_CURRENCY = re.compile(rf"(?i)^(.+?)[\s_-]+(?:in[\s_-]+)?(?:{'|'.join(CURRENCY_CODES.split())})$")
# what a column is called below its real name: category.name, image.src, price.amount
_LISTS_OF_NODES = ("edges", "nodes")  # GraphQL: variants.edges
_OF_ANY = frozenset({"name", "title", "value", "label", "text", "_text", "#text", "$t", "content"})
_OF_IMAGES = frozenset({"src", "url", "href", "link", "large", "original", "originalsrc"})
_OF_PRICES = frozenset({"amount", "price", "regular"})
_SURE = frozenset({"brand", "currency", "sku", *ATTRIBUTES})  # mean the product wherever they stand
_SURE_IDS = frozenset({"asin", "ean", "gtin", "upc", "barcode", "isbn"})
_OF_PRODUCTS = frozenset({"sku", "price", "bullet1", "description"})


@lru_cache(maxsize=4096)
def name_of(spelling: str) -> str | None:
    """Return the name of the column that is spelled like this."""
    return next(iter(HEADERS.ranked([spelling])), None)


def plain_headers(header: Sequence[str]) -> list[str]:
    """Return headers as the table spells them; "" where a path leads to another thing's field.

    ``fields.title`` is the title, but ``seller.name`` is no title, and ``category.name`` is the
    category.
    """
    spelled = [_spelled(cell) for cell in header]
    paths = {at: _steps(cell) for at, cell in enumerate(spelled) if name_of(cell) is None}
    wrappers = _wrappers(paths.values())
    return [
        _leaf(paths[at], wrappers) if len(paths.get(at, ())) > 1 else cell
        for at, cell in enumerate(spelled)
    ]


def advertising_figures(header: Sequence[str]) -> list[str]:
    """Return the headers that reports of advertising have, and catalogs do not."""
    return [cell for cell in header if normalise(_STEP.split(cell)[-1]) in _ADVERTISING]


def _spelled(cell: str) -> str:
    """Return a header without Amazon's attribute path, marks, a translation or a language."""
    cell = cell.strip().strip("*: ")
    if len(cell) > _LONGEST:
        return cell
    path = _AMAZON.match(cell)
    if path is not None:
        name, number, rest = path[1], path[2], _WITHIN.sub("", path[3])[1:]
        name += "" if number == "1" else number
        return name if rest in _PLAIN_LEAVES else f"{name}.{rest}"
    return next((one for one in _spellings(cell) if name_of(one) is not None), cell)


def _spellings(cell: str) -> Iterator[str]:
    yield cell
    bracket = _BRACKET.match(cell)
    if bracket is not None:  # item-name (ürün adı), 标题 (Title)
        yield bracket[1]
        yield bracket[2]
    for pattern in (_LANGUAGE, _CURRENCY):  # title_en, name-de_DE, price-EUR
        found = pattern.match(cell)
        if found is not None:
            yield found[1]


def _steps(cell: str) -> tuple[str, ...]:
    """Return the steps of a path, without the numbers of list items; a text with blanks is none."""
    if len(cell) > _LONGEST or re.search(r"\s", cell):
        return (cell,)
    steps = [step for step in _STEP.split(cell) if step and not step.isdigit()]
    while len(steps) > 1 and steps[-1] in _LISTS_OF_NODES:
        steps.pop()
    return tuple(steps) or (cell,)


def _wrappers(paths: Iterable[tuple[str, ...]]) -> frozenset[tuple[str, ...]]:
    """Return the parents that hold products: a title, and what only products have."""
    below: dict[tuple[str, ...], set[str | None]] = defaultdict(set)
    for path in paths:
        below[path[:-1]].add(name_of(path[-1]))
    return frozenset(
        parents
        for parents, names in below.items()
        if parents and "title" in names and names & _OF_PRODUCTS and name_of(parents[-1]) is None
    )


def _leaf(path: tuple[str, ...], wrappers: frozenset[tuple[str, ...]]) -> str:
    """Return the header that a path stands for, or ""."""
    parents, leaf = path[:-1], path[-1]
    inner = tuple(one for one in parents if one.casefold().lstrip("_@") not in _WRAPPERS)
    if not inner or parents in wrappers:
        return leaf
    name, parent, low = name_of(leaf), name_of(inner[-1]), leaf.casefold()
    if parent is not None and _refers(parent, low):
        return inner[-1]
    if name in _SURE or low in _SURE_IDS or (name == "price" and parent == "price"):
        return leaf
    return ""


def _refers(parent: str, leaf: str) -> bool:
    """Return whether a leaf is only the text, the address or the amount of its parent."""
    if parent.startswith(("image", "variant_image")):
        return leaf in _OF_IMAGES or leaf in _OF_ANY
    return leaf in _OF_ANY or (parent == "price" and leaf in _OF_PRICES)

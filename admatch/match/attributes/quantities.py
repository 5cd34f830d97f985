"""Numbers with their units in a text: ``quantities``.

"8x10 mm", "6mm - 9mm", "1 1/4 Zoll", "16-27 mm", "pack of 6", "iPhone 11".
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

BARE = "extent"  # the dimension of numbers without a unit that stand together: "180x200"
WHOLE_RANGE = 4.0  # a range that is wider says hardly anything
# "2 in 1", and words before a number that name no model.
NO_MODEL = frozenset(
    (
        *("of", "pack", "set", "size", "for", "with", "approx", "ca", "to", "and", "x", "no", "nr"),
        *("the", "or", "a", "an", "in", "on", "per", "from", "up", "over", "under", "all", "new"),
        *("für", "von", "mit", "bis", "und", "je", "zu", "aus", "über", "unter"),
        *("de", "le", "la", "el", "para", "pour", "avec", "con", "par"),
    )
)
_VULGAR = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8"}
_FRACTION = r"(?:1/2|[13]/4|[1357]/8|(?:[13579]|1[135])/16|[12]?[13579]/32)(?![\d.,])"
_DIGIT = re.compile(r"\d")
_NUMBER = rf"(?:\d+\s+)?{_FRACTION}|\d+(?:[.,]\d+)*"
_JOINS = r"\s*(?:[x×*/]|-|–|bis|to|auf)\s*"
_COUNTED = re.compile(
    r"(?:pack|set|box|case|lot|bundle|paquete|lote|confezione|satz)"
    r"\s*(?:of|de|da|von|di|à)?\s*(\d+)\b"
)
_MODEL = re.compile(
    r"(?<![^\W_])([^\W\d_]{1,12})[ -]?(\d{1,4}(?:[.,]\d)?)(?![\w/]|[.,]\d|\s*[\"×])"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number from ``low`` to ``high`` in a ``dimension``, such as the length in metres.

    For a model the dimension is the word before the number. ``text`` is how it was written.
    """

    dimension: str
    low: float
    high: float
    model: bool = False
    text: str = field(default="", compare=False)


def quantities(text: str) -> list[Quantity]:
    """Return the quantities in a text, each once."""
    text = _plain(text)
    if not _DIGIT.search(text):
        return []
    found: dict[Quantity, None] = {}
    for counted in _COUNTED.finditer(text):
        number = float(counted[1])
        found[Quantity("count", number, number, text=counted[0].strip())] = None
    text = _COUNTED.sub(" ", text)
    rest = list(text)
    for group in _pattern().finditer(text):
        quantities_of, whole = _of_group(group[0])
        if whole:
            found |= dict.fromkeys(quantities_of)
            rest[group.start() : group.end()] = " ; " + " " * (group.end() - group.start() - 3)
    for model in _MODEL.finditer("".join(rest)):
        if model[1] not in NO_MODEL and model[1] not in _units():
            number = _value(model[2])
            found[Quantity(model[1], number, number, model=True, text=model[0])] = None
    return list(found)


def without_quantities(text: str) -> str:
    """Return a text, lower case, without the numbers that have a unit or stand together."""
    text = _plain(text)
    if not _DIGIT.search(text):
        return text
    return _pattern().sub(
        lambda group: " " if _of_group(group[0])[1] else group[0], _COUNTED.sub(" ", text)
    )


def _plain(text: str) -> str:
    for sign, fraction in _VULGAR.items():
        text = text.replace(sign, f" {fraction}")
    text = unicodedata.normalize("NFKC", text).casefold()
    return text.replace("″", '"').replace("”", '"').replace("''", '"').replace("⁄", "/")


def _of_group(text: str) -> tuple[list[Quantity], bool]:
    """Return the quantities of numbers that belong together, and whether they are quantities.

    A number without a unit has that of the next one. Numbers alone count only if several stand
    together, or as an inch's fraction.
    """
    parts = [(m[1], m[2] or "") for m in _part().finditer(text)]
    joins = _part().split(text)[3::3]
    units = [unit for _, unit in parts]
    last = next((unit for unit in reversed(units) if unit), "")
    if not last:
        return _bare([number for number, _ in parts])
    numbers = [_value(number) for number, _ in parts]
    if len(parts) == 2 and not units[0] and re.fullmatch(r"\s*(?:-|–|bis|to)\s*", joins[0]):
        low, high = sorted(numbers)
        if low > 0 and high <= WHOLE_RANGE * low:
            dimension, factor = _units()[last]
            return [Quantity(dimension, low * factor, high * factor, text=text.strip())], True
    found = []
    for index, number in enumerate(numbers):
        unit = next((unit for unit in units[index:] if unit), last)
        dimension, factor = _units()[unit]
        if number > 0:
            size, written = number * factor, f"{parts[index][0]} {unit}"
            found.append(Quantity(dimension, size, size, text=written))
    return found, True


def _bare(numbers: list[str]) -> tuple[list[Quantity], bool]:
    if len(numbers) > 1:
        values = [(value, number) for number in numbers if (value := _value(number)) > 0]
        return [Quantity(BARE, value, value, text=number) for value, number in values], True
    if "/" in numbers[0]:
        inch = _value(numbers[0]) * _units()['"'][1]
        return [Quantity("length", inch, inch, text=f'{numbers[0]}"')], True
    return [], False


def with_extents(found: list[Quantity], text: str) -> list[Quantity]:
    """Return a title's quantities, and its groups of numbers without their units as well."""
    if not found:
        return found
    bare: dict[Quantity, None] = {}
    for group in _pattern().finditer(_plain(text)):
        numbers = [m[1] for m in _part().finditer(group[0])]
        if len(numbers) > 1:
            bare |= dict.fromkeys(_bare(numbers)[0])
    return [*found, *bare]


def _value(number: str) -> float:
    whole, _, fraction = number.rpartition(" ")
    if "/" in fraction:
        over, under = fraction.split("/")
        return (float(whole) if whole.strip() else 0.0) + float(over) / float(under)
    head, *groups = re.split(r"[.,]", number.strip())
    if not groups:
        return float(head)
    if len(groups) == 1 and not (len(groups[0]) == 3 and "," in number):
        return float(f"{head}.{groups[0]}")
    return float(head + "".join(groups))


@cache
def _units() -> dict[str, tuple[str, float]]:
    text = (files(__package__) / "units.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    return {
        unit: (dimension, float(factor))
        for dimension, spellings in tables.items()
        for unit, factor in spellings.items()
    }


@cache
def _unit() -> str:
    known = sorted((unit for unit in _units()), key=lambda unit: -len(unit))
    # "2 in 1" and "12 in wide": an inch only where no number follows.
    return "|".join(r"in(?!\s*\d)" if unit == "in" else re.escape(unit) for unit in known)


@cache
def _part() -> re.Pattern[str]:
    return re.compile(rf"({_NUMBER})(?:[\s-]?({_unit()})(?![^\W_]))?")


@cache
def _pattern() -> re.Pattern[str]:
    one = rf"(?:{_NUMBER})(?:[\s-]?(?:{_unit()})(?![^\W\d_x]|\d))?"
    return re.compile(rf"(?<![\w.,])(?:{one})(?:{_JOINS}(?:{one}))*(?![\w])")

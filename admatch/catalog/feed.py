"""Google Merchant feeds in XML (RSS or Atom) → a table like that of a text feed."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import polars as pl

from admatch.errors import InputError
from admatch.messages import say
from admatch.tables.content import read_content
from admatch.tables.raw import RawTable

_PRODUCTS = ("item", "entry")


def is_feed(path: Path) -> bool:
    """Return whether a file is XML, packed or not, by its name."""
    return ".xml" in (suffix.lower() for suffix in path.suffixes)


def read_feed(path: Path) -> RawTable:
    """Return the products of an XML feed; row n is its n-th product. Raises ``InputError``."""
    content, _ = read_content(path)
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise InputError(say("catalog.feed.broken", file=path.name, why=str(error))) from None
    products = [_cells(one) for one in root.iter() if _local(one.tag) in _PRODUCTS]
    if not products:
        raise InputError(say("catalog.feed.no_products", file=path.name))
    names = list(dict.fromkeys(name for product in products for name in product))
    header = dict(zip(names, names, strict=True))
    schema = dict.fromkeys(names, pl.String)
    return RawTable.from_lines(path, pl.DataFrame([header, *products], schema=schema), first_row=0)


def _cells(product: ElementTree.Element) -> dict[str, str]:
    """Return a product's fields by name; repeated ones, such as images, are joined with ``|``."""
    cells: dict[str, str] = {}
    for field in product:
        name, text = _local(field.tag), (field.text or field.get("href") or "").strip()
        if text:
            cells[name] = f"{cells[name]}|{text}" if name in cells else text
    return cells


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]

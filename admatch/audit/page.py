"""An audit as one HTML page: pictures beside words, the worst products first."""

import zlib
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from admatch.audit.records import SCORED, Aspect, Audit
from admatch.catalog.records import Catalog
from admatch.display.templates import templates
from admatch.display.thumbnail import thumbnail
from admatch.tables.atomic import replacing

_FOLDER = Path(__file__).parent
SHOWN = 60  # products; a page is read from the top, and the rest is in the tables
PICTURES, SIDE, SMALL = 6, 176, 96  # shown of a product; sides of pictures and tiles in pixels
FINDINGS, ALIKE, BRANDS, TERMS = 6, 4, 30, 40
NAMES = {
    Aspect.IMAGE_TITLE: "picture and title",
    Aspect.IMAGE_CLAIMS: "picture and colour",
    Aspect.BULLETS: "bullets and title",
    Aspect.SEARCH_TERMS: "back-end terms",
    Aspect.STUFFING: "keyword stuffing",
    Aspect.DESCRIPTION: "description",
    Aspect.MAIN_PICTURE: "main picture",
    Aspect.MORE_PICTURES: "further pictures",
    Aspect.BRAND_STYLE: "brand style",
    Aspect.LIKENESS: "likeness",
    Aspect.MISSING_WORDS: "missing words",
}


def write_audit_html(audit: Audit, catalog: Catalog, path: Path | str) -> None:
    """Write one self-contained page: the products with the worst findings, with their pictures.

    It shows at most ``SHOWN`` products, and loads nothing from a network.
    """
    pictures = _Pictures(catalog)
    cards = [_card(audit, catalog, pictures, name) for name in _worst(audit)]
    page = (
        templates(_FOLDER)
        .get_template("audit.html.jinja")
        .render(
            audit=audit,
            catalog=catalog,
            source=catalog.source.name if catalog.source else "catalog",
            counts=_counts(audit),
            cards=cards,
            more=max(0, audit.products.filter(pl.col("findings") > 0).height - len(cards)),
            brands=audit.brands.drop_nulls("consistency").head(BRANDS).to_dicts(),
            tile=lambda name: pictures.main(name, SMALL),
            initial=lambda name: catalog[name].title[:1] or "?",
            hue=_hue,
            terms=audit.terms.head(TERMS).to_dicts(),
            style=Markup(_export("report.css") + (_FOLDER / "audit.css").read_text("utf-8")),
        )
    )
    with replacing(Path(path)) as unfinished:
        unfinished.write_text(page, encoding="utf-8")


class _Pictures:
    """Thumbnails of products, each made once."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._made: dict[tuple[str, int], str | None] = {}

    def all(self, name: str) -> list[str]:
        files = self._catalog[name].images[:PICTURES]
        return [made for file in files if (made := self._one(file, SIDE))]

    def main(self, name: str, side: int) -> str | None:
        files = self._catalog[name].images
        return self._one(files[0], side) if files else None

    def _one(self, file: str, side: int) -> str | None:
        if (file, side) not in self._made:
            self._made[file, side] = thumbnail(Path(file), side)
        return self._made[file, side]


def _export(name: str) -> str:
    return files("admatch.export").joinpath(name).read_text(encoding="utf-8")


def _worst(audit: Audit) -> list[str]:
    """Return the products to show: in the order of their worst findings."""
    order = audit.findings["product_id"].unique(maintain_order=True)
    return order.head(SHOWN).to_list()


def _card(audit: Audit, catalog: Catalog, pictures: _Pictures, name: str) -> dict[str, Any]:
    row = audit.products.row(catalog.position(name), named=True)
    product = catalog[name]
    alike = audit.similar.filter(pl.col("product_id") == name)
    space = "mixed" if "mixed" in alike["space"] else "text"
    return {
        "product": product,
        "row": row,
        "hue": _hue(name),
        "pictures": pictures.all(name),
        "scores": [(NAMES[one], row[one.value]) for one in SCORED if row[one.value] is not None],
        "findings": [
            one | {"name": NAMES[Aspect(one["aspect"])]}
            for one in audit.findings.filter(pl.col("product_id") == name).head(FINDINGS).to_dicts()
        ],
        "alike": alike.filter(pl.col("space") == space).head(ALIKE).to_dicts(),
    }


def _counts(audit: Audit) -> list[tuple[str, int, int]]:
    """Return each aspect with its numbers of findings and of products, commonest first."""
    groups = audit.findings.group_by("aspect", maintain_order=True).agg(
        findings=pl.len(), products=pl.col("product_id").n_unique()
    )
    rows = groups.sort("products", descending=True, maintain_order=True)
    return [
        (NAMES[Aspect(aspect)], count, products) for aspect, count, products in rows.iter_rows()
    ]


def _hue(name: str) -> int:
    return zlib.crc32(name.encode()) % 360

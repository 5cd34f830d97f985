"""``admatch show``: a product → its semantic ID and its neighbours in the ID tree."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.text import Text
from rich.tree import Tree

from admatch.cli.console import Format, FormatOption, plain, print_csv, print_json, stdout
from admatch.cli.options import (
    CatalogOption,
    ColumnOption,
    IndexOption,
    opened,
    product_source,
    show_index,
)
from admatch.cli.progress import progress_bars
from admatch.messages import say

if TYPE_CHECKING:
    from admatch.match.neighbours import Neighbour

_Leaf: TypeAlias = tuple[list[str], Text]  # the codes that follow, and the product at their end


def show(
    asin: Annotated[str, typer.Argument(metavar="ASIN", help="A product's ID in the catalog.")],
    catalog: CatalogOption = None,
    index: IndexOption = None,
    column: ColumnOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Show a product's semantic ID and its neighbours in the ID tree.

    Without --catalog or --index, ASIN is a product of the sample. For example:

    $ admatch show B0SAMPLE01
    $ admatch show B0SAMPLE01 --format json
    """
    source = product_source(catalog, index, column)
    with progress_bars() as progress:
        products = opened(source, progress)
    show_index(products)
    title = products.catalog[asin].title
    semantic_id, neighbours = products.semantic_id(asin), products.neighbours(asin)
    if format is Format.TABLE:
        stdout().print(_tree(asin, title, semantic_id, neighbours))
        return
    product = {"product_id": asin, "title": title, "semantic_id": semantic_id}
    rows = [_row(neighbour) for neighbour in neighbours]
    if format is Format.JSON:
        print_json({**product, "neighbours": rows})
    else:
        import polars as pl

        itself = {**product, "shared_codes": semantic_id.count("·"), "similarity": 1.0}
        print_csv(pl.DataFrame([itself, *rows]))


def _row(neighbour: "Neighbour") -> dict[str, object]:
    names = ("product_id", "title", "semantic_id", "shared_codes", "similarity")
    return {name: getattr(neighbour, name) for name in names}


def _tree(asin: str, title: str, semantic_id: str, neighbours: Sequence["Neighbour"]) -> Tree:
    """Return the part of the ID tree around the product and its neighbours."""
    itself = Text.assemble(
        plain(title, "bold"), "  ", plain(asin, "dim"), (f"  ← {say('cli.show.this')}", "green")
    )
    leaves = [(semantic_id.split("·"), itself)]
    for near in neighbours:
        name = Text.assemble(plain(near.title), "  ", plain(near.product_id, "dim"))
        name.append(f"  {near.similarity:.2f}", "dim")
        leaves.append((near.semantic_id.split("·"), name))
    root = Tree(Text(say("cli.show.tree", product=asin), "dim"), guide_style="dim")
    _grow(root, leaves)
    return root


def _grow(branch: Tree, leaves: list[_Leaf]) -> None:
    """Add the leaves by their codes; codes that a whole twig shares are on one line."""
    twigs: dict[str, list[_Leaf]] = {}
    for codes, leaf in leaves:
        twigs.setdefault(codes[0], []).append((codes, leaf))
    for twig in twigs.values():
        depth = _shared_depth([codes for codes, _ in twig])
        label = Text("·".join(twig[0][0][:depth]), "cyan")
        ending = [leaf for codes, leaf in twig if len(codes) == depth]
        if len(twig) == len(ending) == 1:
            branch.add(Text.assemble(label, "  ", ending[0]))
            continue
        grown = branch.add(label)
        for leaf in ending:
            grown.add(leaf)
        _grow(grown, [(codes[depth:], leaf) for codes, leaf in twig if len(codes) > depth])


def _shared_depth(paths: list[list[str]]) -> int:
    depth = 0
    for codes in zip(*paths, strict=False):
        if len(set(codes)) > 1:
            break
        depth += 1
    return depth

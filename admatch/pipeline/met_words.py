"""Which words of a term its nearest own product has, and which it lacks: ``met_words``."""

import polars as pl

from admatch.catalog.records import Catalog
from admatch.encode.product_text import product_texts
from admatch.match.heads import term_words, unmet
from admatch.match.tokens import WORD, words

WORDS = ("met_words", "unmet_words")


def met_words(rows: pl.DataFrame, catalog: Catalog | None) -> pl.DataFrame:
    """Return search_term and product_id of some rows, once each, with ``WORDS``.

    A word counts as met where title or text of the product has it, or its title states the same
    attribute (``match.heads``). Nothing comes back without products.
    """
    pairs = rows.select("search_term", "product_id").drop_nulls().unique(maintain_order=True)
    schema = {name: pl.List(pl.String) for name in WORDS}
    if catalog is None or pairs.is_empty():
        return pairs.clear().with_columns(pl.lit(None, kind).alias(n) for n, kind in schema.items())
    titles = dict(catalog.frame.select("product_id", "title").iter_rows())
    texts = dict(zip(catalog.frame["product_id"], product_texts(catalog.frame), strict=True))
    held = {one: frozenset(words(texts[one])) for one in pairs["product_id"].unique()}
    found = []
    for term, product in pairs.iter_rows():
        said = term_words(term)
        lacking = unmet(term, titles[product], held[product].__contains__)
        every = said.words if said else ()
        typed = {form: one for one in WORD.findall(term) for form in words(one)[:1]}  # as typed
        met = [typed.get(one, one) for one in every if one not in lacking]
        found.append((met, [typed.get(one, one) for one in lacking]))
    columns = zip(WORDS, zip(*found, strict=True), strict=True)
    return pairs.with_columns(pl.Series(name, list(part), schema[name]) for name, part in columns)

"""The arrays of a retrieval → frames for people and other programs."""

from typing import Any

import numpy as np
import polars as pl

from admatch.arrays import SemanticIds
from admatch.ids.semantic_id import written_ids
from admatch.match.records import RETRIEVED, TERMS_SCHEMA, Outcome
from admatch.match.retriever import Retrieved


def tabulate_products(
    retrieved: Retrieved, products: pl.DataFrame, ids: SemanticIds
) -> pl.DataFrame:
    """Return ``query`` (its number), ``rank``, the product's columns, ``score``, ``probability``.

    ``products`` holds ``product_id`` and ``title`` in catalog order, ``ids`` (n, depth) their IDs.
    """
    present = retrieved.items >= 0
    query, rank = np.nonzero(present)
    chosen = products[retrieved.items[present]]
    return chosen.select(
        pl.Series("query", query),
        pl.Series("rank", rank + 1),
        "product_id",
        "title",
        written_ids(ids[retrieved.items[present]]).alias("semantic_id"),
        pl.Series("score", retrieved.log_odds[present].astype(np.float64)),
        pl.Series("probability", retrieved.probability[present]),
    )


def tabulate_terms(terms: pl.Series, retrieved: Retrieved) -> pl.DataFrame:
    """Return one row for each term: its outcome, its probabilities, and its ID in the universe.

    A term's probability is that of the product ranked first.
    """
    outcome = (
        pl.when(pl.col("probability") >= RETRIEVED)
        .then(pl.lit(Outcome.MATCH.value))
        .when(pl.col("related_probability") >= RETRIEVED)
        .then(pl.lit(Outcome.RELATED.value))
        .otherwise(pl.lit(Outcome.NONE.value))
    )
    columns: dict[str, Any] = {
        "search_term": terms,
        "probability": retrieved.probability[:, 0] if len(terms) else [],
        "related_probability": retrieved.related_probability,
        "semantic_id": written_ids(retrieved.paths),
    }
    return pl.DataFrame(columns).with_columns(outcome=outcome).select(*TERMS_SCHEMA)

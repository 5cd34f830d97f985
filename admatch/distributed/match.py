"""Search terms in Parquet → the same rows with the products that each matches, by shard."""

import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from admatch import __version__
from admatch.distributed.engine import Engine
from admatch.distributed.index_folder import index_content, local_index
from admatch.distributed.shards import (
    Shard,
    finish,
    plan_shards,
    read_shard,
    unfinished,
    write_shard,
)
from admatch.encode.choice import LanguageWarning
from admatch.encode.protocol import Encoder
from admatch.errors import AdmatchError, InputError
from admatch.export.table import matches_frame
from admatch.index.index import Index
from admatch.messages import say
from admatch.progress import Progress, silent
from admatch.reports.records import Granularity, SearchTermReport
from admatch.reports.terms import classify_terms
from admatch.tables.address import address_of

SHARD_ROWS = 16_384  # half a minute on a core: the most that is lost with a worker
K = 5  # products of a term, as in ``Index.match``
TERM, KIND = "search_term", "term_kind"
# Memory of a worker beside its index, and how often it holds the index: as vectors and as words.
WORKER, COPIES = 3 * 2**29, 2
ADDED = (
    "outcome", "probability", "related_probability", "semantic_id", "product_id", "title",
    "product_semantic_id", "product_probability", "retrieved",
)  # fmt: skip


@dataclass(frozen=True)
class Matched:
    """The result of a run: its shards and rows, and the shards that an earlier run had finished."""

    shards: int
    rows: int
    reused: int


@dataclass(frozen=True)
class MatchShards:
    """The job of a worker: read a shard, match it, and write it into ``out``."""

    index: str
    out: str
    memory: int
    encoder: Encoder | None = None

    def open(self) -> Callable[[Shard], tuple[str, ...]]:
        """Return the function that matches a shard and returns its warnings about languages."""
        index = Index.load(local_index(self.index), encoder=self.encoder)
        return partial(_match_shard, index, self.out)


def match_parquet(
    sources: Sequence[str | Path],
    index: str | Path,
    out: str | Path,
    engine: Engine,
    *,
    encoder: Encoder | None = None,
    rows: int = SHARD_ROWS,
    progress: Progress = silent,
) -> Matched:
    """Match the search terms of Parquet files, and write them with ``ADDED`` into ``out``.

    ``sources`` are files, folders or globs, here or at addresses that fsspec knows, with a column
    ``search_term``; all other columns pass through. ``index`` is the folder of a saved index that
    every worker sees, or its address. The result has a file for each shard of at most ``rows``
    rows, and a manifest once all are there. Finished shards are not repeated; shards of another
    input or index are removed. Raises ``InputError`` for what cannot be read; where that is found
    on the way, the other shards are finished first.
    """
    source, folder = address_of(index), address_of(out)
    content = index_content(source)
    question = json.dumps([__version__, K, rows, content.digest])
    plan = plan_shards(sources, TERM, ADDED, question, rows)
    todo = unfinished(plan, folder)
    job = MatchShards(source, folder, WORKER + COPIES * content.size, encoder)
    failed: list[AdmatchError] = []
    done = len(plan.shards) - len(todo)
    for _, answer in engine.run(job, todo):
        if isinstance(answer, AdmatchError):
            failed.append(answer)
            continue
        for message in answer:
            warnings.warn(message, LanguageWarning, stacklevel=1)
        done += 1
        progress("matching shards", done, len(plan.shards))
    if failed:
        all_, why = len(plan.shards), failed[0].args[0]
        raise InputError(say("distributed.result.failed", failed=len(failed), all=all_, why=why))
    finish(plan, folder, {"index": content.digest, "products": K})
    return Matched(len(plan.shards), plan.rows, len(plan.shards) - len(todo))


def match_rows(index: Index, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows that have a ``search_term`` with the columns ``ADDED``, in their order."""
    rows = rows.with_columns(pl.col(TERM).cast(pl.String))
    if KIND not in rows.columns:
        rows = rows.with_columns(classify_terms(rows[TERM]).alias(KIND))
    report = SearchTermReport(rows, (), Granularity.SUMMARY, None)
    return matches_frame(index.match(report, k=K))


def _match_shard(index: Index, out: str, shard: Shard) -> tuple[str, ...]:
    rows = read_shard(shard)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", LanguageWarning)
        write_shard(out, shard, match_rows(index, rows))
    return tuple(
        one.message.args[0]  # a message that knows its identifier
        for one in caught
        if isinstance(one.message, LanguageWarning)
    )

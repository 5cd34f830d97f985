"""Search terms in Parquet → the same rows with what each term is about, shard by shard."""

import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from admatch import __version__
from admatch.distributed.engine import Engine
from admatch.distributed.finished import finish, unfinished
from admatch.distributed.index_folder import index_content, local_index
from admatch.distributed.shards import Shard, plan_shards, read_shard, write_shard
from admatch.encode.choice import LanguageWarning
from admatch.encode.protocol import Encoder
from admatch.errors import AdmatchError, InputError
from admatch.export.table import matches_frame
from admatch.index.index import Index
from admatch.progress import Progress, silent
from admatch.reports.records import Granularity, SearchTermReport
from admatch.reports.terms import classify_terms
from admatch.tables.address import address_of

SHARD_ROWS = 16_384  # half a minute on a core: what is lost at most with a worker
K = 5  # products a term, as ``Index.match``
TERM, KIND = "search_term", "term_kind"
# What a worker takes beside its index, and how often it holds the index: vectors, what words find.
WORKER, HELD = 3 * 2**29, 2
ADDED = (
    "outcome", "probability", "related_probability", "semantic_id", "product_id", "title",
    "product_semantic_id", "product_probability", "retrieved",
)  # fmt: skip


@dataclass(frozen=True)
class Matched:
    """What came of a run: shards and rows in the result, and how many shards stood there before."""

    shards: int
    rows: int
    kept: int


@dataclass(frozen=True)
class MatchShards:
    """The job of a worker: a shard is read, matched, and written into ``out``."""

    index: str
    out: str
    memory: int
    encoder: Encoder | None = None

    def open(self) -> Callable[[Shard], tuple[str, ...]]:
        """Return what does a shard and returns what it has to tell of languages."""
        index = Index.load(local_index(self.index), encoder=self.encoder)
        return partial(_match_shard, index, self.out)


def match_parquet(
    places: Sequence[str | Path],
    index: str | Path,
    out: str | Path,
    engine: Engine,
    *,
    encoder: Encoder | None = None,
    rows: int = SHARD_ROWS,
    progress: Progress = silent,
) -> Matched:
    """Match the search terms of Parquet files, and write them with ``ADDED`` into ``out``.

    ``places`` are files, folders or globs, here or at addresses that fsspec knows, with a column
    ``search_term``; all others pass through. ``index`` is the folder of a saved index that every
    worker sees, or its address. The result has a file a shard of at most ``rows`` rows, and a
    manifest once all are there. Shards that stand there already are not done again, those of
    another input or index are removed. Raises InputError for what cannot be read; where that is
    met on the way, the other shards are finished first.
    """
    source, folder = address_of(index), address_of(out)
    content = index_content(source)
    question = json.dumps([__version__, K, rows, content.digest])
    plan = plan_shards(places, TERM, ADDED, question, rows)
    todo = unfinished(plan, folder)
    job = MatchShards(source, folder, WORKER + HELD * content.size, encoder)
    failed: list[AdmatchError] = []
    done = len(plan.shards) - len(todo)
    for _, told in engine.run(job, todo):
        if isinstance(told, AdmatchError):
            failed.append(told)
            continue
        for message in told:
            warnings.warn(message, LanguageWarning, stacklevel=1)
        done += 1
        progress("matching shards", done, len(plan.shards))
    if failed:
        raise InputError(
            f"{len(failed)} of {len(plan.shards)} shards could not be done, the others are kept; "
            f"run the command again when this is mended: {failed[0]}"
        )
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
    return tuple(str(one.message) for one in caught if issubclass(one.category, LanguageWarning))

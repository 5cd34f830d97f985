"""What terms retrieved, kept for the next run."""

import polars as pl

from admatch.pipeline.cache import FolderCache


def test_two_runs_at_once_keep_each_term_once(tmp_path, monkeypatch):
    """Both find nothing kept, both match the same terms and both add them."""
    monkeypatch.setenv("ADMATCH_CACHE", str(tmp_path))
    found = pl.DataFrame({"search_term": ["hose", "pump"], "probability": [0.9, 0.2]})
    cache, other = FolderCache(), FolderCache()
    cache.keep_matches("catalog", found, None)
    other.keep_matches("catalog", pl.concat([found[:1], found.with_columns(
        search_term=pl.Series(["pump", "lamp"])
    )]), None)  # fmt: skip
    assert cache.matches("catalog")["search_term"].to_list() == ["hose", "pump", "lamp"]

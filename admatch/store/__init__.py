"""The workspace: one DuckDB file that holds accounts, uploads, runs and verdicts."""

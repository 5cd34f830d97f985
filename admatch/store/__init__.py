"""The workspace: one DuckDB file that remembers accounts, uploads, runs and verdicts."""

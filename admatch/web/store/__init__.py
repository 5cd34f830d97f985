"""The workspace's tables of the page: accounts, uploads, jobs, runs, audits, verdicts."""

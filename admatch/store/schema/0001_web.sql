-- Times are UTC. What files hold stays in files beside the database; only facts about them are here.
CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    salt BLOB,
    secret BLOB,
    keep_days INTEGER,
    created TIMESTAMP NOT NULL
);
CREATE TABLE sessions (
    key TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    csrf TEXT NOT NULL,
    created TIMESTAMP NOT NULL,
    expires TIMESTAMP NOT NULL
);
CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    files JSON NOT NULL,
    facts JSON,
    created TIMESTAMP NOT NULL
);
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    catalog_id TEXT NOT NULL,
    report_id TEXT NOT NULL,
    settings JSON NOT NULL,
    summary JSON,
    created TIMESTAMP NOT NULL
);
-- A job makes an upload or a run, and has its id.
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    lane TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    reason TEXT,
    created TIMESTAMP NOT NULL,
    started TIMESTAMP,
    ended TIMESTAMP
);
CREATE TABLE idempotency_keys (
    account_id TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    run_id TEXT NOT NULL,
    created TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE TABLE verdicts (
    run_id TEXT NOT NULL,
    decision INTEGER NOT NULL,
    account_id TEXT NOT NULL,
    verdict TEXT,
    note TEXT,
    decided_by TEXT NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    PRIMARY KEY (run_id, decision)
);

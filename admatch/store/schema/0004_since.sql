-- What became of proposals since they were written. `held`: left undone on purpose, to see what
-- would have come without. `undone_on`: the day on which `admatch rollback` took one back.
ALTER TABLE proposals ADD COLUMN held BOOLEAN DEFAULT FALSE;
ALTER TABLE proposals ADD COLUMN undone_on DATE;
-- What a person needs who judges a decision.
ALTER TABLE recommendations ADD COLUMN phrase TEXT;
ALTER TABLE recommendations ADD COLUMN clicks BIGINT;
ALTER TABLE recommendations ADD COLUMN orders BIGINT;
-- How Amazon took proposals, as the journals tell it; `what`: applied, or rolled back.
CREATE TABLE applied (
    night_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    what TEXT NOT NULL,
    outcome TEXT NOT NULL,
    told TEXT,
    amazon_id TEXT,
    ended TIMESTAMP NOT NULL,
    PRIMARY KEY (night_id, number, what)
);
-- What people said of decisions. `text` is the term, the phrase, or the target of a new bid.
CREATE TABLE judgements (
    account TEXT NOT NULL,
    campaign TEXT,
    ad_group TEXT,
    text TEXT NOT NULL,
    action TEXT NOT NULL,
    verdict TEXT NOT NULL,
    note TEXT,
    decided_by TEXT NOT NULL,
    decided_at TIMESTAMP NOT NULL
);
-- Messages about nights, sent or not; `about` is the night's id, or names a failure and its day.
CREATE TABLE notices (
    about TEXT NOT NULL,
    way TEXT NOT NULL,
    state TEXT NOT NULL,
    told TEXT,
    moment TIMESTAMP NOT NULL,
    PRIMARY KEY (about, way)
);
-- Every version of an account's products, with the IDs that an index gave them.
CREATE TABLE products (
    account TEXT NOT NULL,
    index_key TEXT NOT NULL,
    product_id TEXT NOT NULL,
    title TEXT,
    semantic_id TEXT
);

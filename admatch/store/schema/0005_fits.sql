-- What is slow to learn of an account, kept for later nights. `id` is a hash of what it was learned
-- from, `kind` one of what has to be the same for it to hold; `trees` and `tested` are JSON. `drifted_on`:
-- the first day on which changes were seen not to do what was expected.
CREATE TABLE fits (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    fitted_on DATE NOT NULL,
    clicks BIGINT NOT NULL,
    trees JSON NOT NULL,
    tested JSON,
    drifted_on DATE,
    kept_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account, id)
);

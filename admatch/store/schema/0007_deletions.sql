-- What an account deleted and the disk may still hold: the rows about it are gone from the other
-- tables. `folder`: a folder of the account that is to be removed; null once it is, and where there
-- was none. A row goes when the database file was written anew without the deleted rows.
CREATE TABLE deletions (
    account_id TEXT NOT NULL,
    folder TEXT,
    requested TIMESTAMP NOT NULL
);

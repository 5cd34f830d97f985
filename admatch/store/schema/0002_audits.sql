-- What is good and bad about a catalog's listings; `report_id` where terms count too.
CREATE TABLE audits (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    catalog_id TEXT NOT NULL,
    report_id TEXT,
    summary JSON,
    created TIMESTAMP NOT NULL
);

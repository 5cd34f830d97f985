-- What scheduled jobs read, decided and handed out. `account` is the name in the job file.
CREATE TABLE fact_files (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    digest TEXT NOT NULL,
    place TEXT NOT NULL,
    rows INTEGER NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    window_days INTEGER,
    granularity TEXT NOT NULL,
    read_at TIMESTAMP NOT NULL,
    UNIQUE (account, digest)
);
-- One row of a report; of a day that several files tell, only what the newest of them says.
CREATE TABLE facts (
    account TEXT NOT NULL,
    file_id INTEGER NOT NULL,
    file TEXT,
    "row" BIGINT,
    start_date DATE NOT NULL,
    end_date DATE NOT NULL,
    portfolio TEXT,
    currency TEXT,
    campaign TEXT,
    ad_group TEXT,
    targeting TEXT,
    match_type TEXT,
    search_term TEXT,
    term_kind TEXT,
    impressions BIGINT,
    clicks BIGINT,
    spend DOUBLE,
    sales DOUBLE,
    orders BIGINT,
    units BIGINT,
    sales_promoted DOUBLE,
    sales_halo DOUBLE,
    units_promoted BIGINT,
    units_halo BIGINT,
    campaign_id TEXT,
    ad_group_id TEXT,
    target_id TEXT
);
-- What each term retrieves; `index_key` names catalog and model, `query` groups a term's products.
CREATE TABLE term_matches (
    account TEXT NOT NULL,
    index_key TEXT NOT NULL,
    search_term TEXT NOT NULL,
    outcome TEXT,
    probability DOUBLE,
    kin_probability DOUBLE,
    semantic_id TEXT
);
CREATE TABLE product_matches (
    account TEXT NOT NULL,
    index_key TEXT NOT NULL,
    search_term TEXT NOT NULL,
    rank BIGINT,
    product_id TEXT,
    title TEXT,
    semantic_id TEXT,
    score DOUBLE,
    probability DOUBLE
);
-- One job's work for one account; `id` is a hash of everything that it was made from.
CREATE TABLE nights (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    job TEXT NOT NULL,
    as_of DATE NOT NULL,
    folder TEXT NOT NULL,
    inputs JSON NOT NULL,
    summary JSON NOT NULL,
    ended TIMESTAMP NOT NULL
);
CREATE TABLE failed_nights (
    account TEXT NOT NULL,
    job TEXT NOT NULL,
    as_of DATE NOT NULL,
    reason TEXT NOT NULL,
    ended TIMESTAMP NOT NULL
);
-- Files that a night wrote; `name` is within its folder.
CREATE TABLE exports (
    night_id TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (night_id, name)
);
-- What was decided to be changed, chosen or not; the rest is in the night's recommendations.parquet.
CREATE TABLE recommendations (
    night_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    campaign TEXT,
    ad_group TEXT,
    search_term TEXT,
    targeting TEXT,
    match_type TEXT,
    action TEXT NOT NULL,
    chosen BOOLEAN NOT NULL,
    spend_freed DOUBLE,
    sales_at_risk DOUBLE,
    reason TEXT
);
-- Changes that were written for upload. `seen_on`: the day on which a bulk file first showed them.
CREATE TABLE proposals (
    night_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    account TEXT NOT NULL,
    proposed_on DATE NOT NULL,
    change JSON NOT NULL,
    inverse JSON NOT NULL,
    seen_on DATE,
    PRIMARY KEY (night_id, number)
);

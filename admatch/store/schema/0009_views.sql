-- Views for BI and dbt: their names and columns stay, whatever becomes of the tables.
CREATE VIEW bi_daily AS
SELECT account, start_date AS day, currency, campaign, ad_group,
    sum(impressions) AS impressions, sum(clicks) AS clicks, sum(spend) AS spend,
    sum(orders) AS orders, sum(units) AS units, sum(sales) AS sales
FROM facts WHERE start_date = end_date
GROUP BY ALL;
CREATE VIEW bi_terms AS
SELECT account, currency, lower(search_term) AS search_term,
    min(start_date) AS first_day, max(end_date) AS last_day,
    sum(impressions) AS impressions, sum(clicks) AS clicks, sum(spend) AS spend,
    sum(orders) AS orders, sum(units) AS units, sum(sales) AS sales
FROM facts WHERE search_term IS NOT NULL
GROUP BY account, currency, lower(search_term);
CREATE VIEW bi_nights AS
WITH totals AS (
    SELECT id, unnest(CAST(json_extract(summary, '$.totals') AS JSON[])) AS total FROM nights
)
SELECT n.id AS night_id, n.account, n.job, n.as_of, n.ended, 'done' AS state, NULL AS reason,
    CAST(json_extract(n.summary, '$.to_upload') AS BIGINT) AS changes_to_upload,
    CAST(json_extract(n.summary, '$.new_bids') AS BIGINT) AS new_bids,
    coalesce(json_array_length(n.summary, '$.alerts'), 0) AS alerts,
    json_extract_string(t.total, '$.currency') AS currency,
    CAST(json_extract(t.total, '$.spend_before') AS DOUBLE) AS spend_before,
    CAST(json_extract(t.total, '$.sales_before') AS DOUBLE) AS sales_before,
    CAST(json_extract(t.total, '$.spend_after') AS DOUBLE) AS spend_after,
    CAST(json_extract(t.total, '$.sales_after') AS DOUBLE) AS sales_after
FROM nights n LEFT JOIN totals t ON t.id = n.id
UNION ALL
SELECT NULL, account, job, as_of, ended, 'failed', reason, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL
FROM failed_nights;
CREATE VIEW bi_decisions AS
WITH ordered AS (
    SELECT id, account, as_of,
        row_number() OVER (PARTITION BY account ORDER BY as_of DESC, ended DESC, id) AS place
    FROM nights
)
SELECT n.account, n.as_of, r.night_id, r.number, r.campaign, r.ad_group, r.search_term, r.targeting,
    r.match_type, r.phrase, r.action, r.chosen, r.clicks, r.orders, r.spend_freed, r.sales_at_risk,
    r.reason, n.place = 1 AS is_last_night
FROM recommendations r JOIN ordered n ON n.id = r.night_id;
CREATE VIEW bi_changes AS
SELECT p.account, p.night_id, p.number, p.proposed_on, p.seen_on, p.undone_on, p.held,
    json_extract_string(p.change, '$.operation') AS operation,
    json_extract_string(p.change, '$.entity') AS entity,
    json_extract_string(p.change, '$.text') AS text,
    json_extract_string(p.change, '$.place.campaign') AS campaign,
    json_extract_string(p.change, '$.place.ad_group') AS ad_group
FROM proposals p;
CREATE VIEW bi_alerts AS
WITH said AS (
    SELECT account, as_of, id,
        unnest(CAST(json_extract(summary, '$.alerts') AS JSON[])) AS alert
    FROM nights
)
SELECT account, as_of, id AS night_id,
    CAST(json_extract_string(alert, '$.day') AS DATE) AS day,
    json_extract_string(alert, '$.kind') AS kind,
    json_extract_string(alert, '$.currency') AS currency,
    json_extract_string(alert, '$.campaign') AS campaign,
    json_extract_string(alert, '$.ad_group') AS ad_group,
    json_extract_string(alert, '$.search_term') AS search_term,
    CAST(json_extract(alert, '$.was') AS DOUBLE) AS was,
    CAST(json_extract(alert, '$.now') AS DOUBLE) AS now,
    json_extract_string(alert, '$.text') AS text
FROM said;

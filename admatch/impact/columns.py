"""The columns that identify a row, said once for impact, decisions and export."""

CURRENCY = ("currency",)
CAMPAIGN = (*CURRENCY, "campaign")
AD_GROUP = (*CAMPAIGN, "ad_group")
KEY = (*AD_GROUP, "search_term")  # one row of evidence, of posteriors, of decisions
TARGETING = ("targeting", "match_type")  # a keyword with its match type, or a product target
TARGET = (*AD_GROUP, *TARGETING)

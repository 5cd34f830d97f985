"""Version 1 of the Ads API over the same account: what ``FakeAds`` keeps, in the forms of v1.

Written from Amazon's guide to migration and clients generated from its OpenAPI, not from admatch.
"""

from .fake import ROWS

PRODUCT = "SPONSORED_PRODUCTS"
# v1's words for v3's placements.
PLACEMENTS = {"PLACEMENT_TOP": "TOP_OF_SEARCH", "PLACEMENT_REST_OF_SEARCH": "REST_OF_SEARCH",
              "PLACEMENT_PRODUCT_PAGE": "PRODUCT_PAGE"}  # fmt: skip
# Where v3 keeps a target: by (negative, of a campaign, keyword).
PLACES = {
    (False, False, True): "keywords", (False, False, False): "targets",
    (True, False, True): "negativeKeywords", (True, False, False): "negativeTargets",
    (True, True, True): "campaignNegativeKeywords", (True, True, False): "campaignNegativeTargets",
}  # fmt: skip
OF_PATH = {path: place for place, path in PLACES.items()}
ID_OF = {"campaigns": "campaignId", "adGroups": "adGroupId", "ads": "adId", "targets": "targetId"}
PATHS = {"campaigns": ["campaigns"], "adGroups": ["adGroups"], "ads": ["productAds"],
         "targets": list(OF_PATH)}  # fmt: skip
THEMES = {
    "QUERY_HIGH_REL_MATCHES": "KEYWORDS_CLOSE_MATCH",
    "QUERY_BROAD_REL_MATCHES": "KEYWORDS_LOOSE_MATCH",
    "ASIN_SUBSTITUTE_RELATED": "PRODUCT_SUBSTITUTES",
    "ASIN_ACCESSORY_RELATED": "PRODUCT_COMPLEMENTS",
}
GROUPS = {"brand": "KEYWORDS_RELATED_TO_YOUR_BRAND", "gift": "KEYWORDS_RELATED_TO_GIFTS",
          "category": "KEYWORDS_RELATED_TO_YOUR_PRODUCT_CATEGORY"}  # fmt: skip
REFINED = {
    "ASIN_CATEGORY_SAME_AS": "productCategoryId", "ASIN_BRAND_SAME_AS": "productBrandId",
    "ASIN_PRICE_LESS_THAN": "productPriceLessThan",
    "ASIN_PRICE_GREATER_THAN": "productPriceGreaterThan",
    "ASIN_REVIEW_RATING_GREATER_THAN": "productRatingGreaterThan",
}  # fmt: skip
STRATEGIES = {"LEGACY_FOR_SALES": "SALES_DOWN_ONLY", "AUTO_FOR_SALES": "SALES_UP_AND_DOWN"}
ERRORS = {
    "duplicateValueError": "FIELD_VALUE_NOT_UNIQUE", "throttledError": "TOO_MANY_REQUESTS",
    "internalServerError": "INTERNAL_ERROR", "entityNotFoundError": "RESOURCE_ID_NOT_FOUND",
    "entityStateError": "RESOURCE_IS_IN_TERMINAL_STATE",
}  # fmt: skip
FILTERS = {
    "campaigns": {"campaignIdFilter"},
    "adGroups": {"adGroupIdFilter", "campaignIdFilter"},
    "ads": {"adIdFilter", "adGroupIdFilter", "campaignIdFilter"},
    "targets": {"targetIdFilter", "adGroupIdFilter", "campaignIdFilter", "negativeFilter",
                "targetTypeFilter"},
}  # fmt: skip


def query(ads, what, body, stale=False):
    """The body of an answer to POST /adsApi/v1/query/…"""
    known = FILTERS[what] | {"adProductFilter", "stateFilter", "maxResults", "nextToken"}
    assert set(body) <= known, set(body) - known
    assert body["adProductFilter"] == {"include": [PRODUCT]}
    size = min(ads.page, body.get("maxResults", 1000))
    assert size <= (1000 if what == "targets" else 100)
    for name in ("targetIdFilter", "adGroupIdFilter", "campaignIdFilter"):
        assert len(body.get(name, {"include": "1"})["include"]) in range(1, 101)
    states = {"stateFilter": body["stateFilter"]} if "stateFilter" in body else {}
    found = []
    for path in PATHS[what]:
        ads_page, ads.page = ads.page, 10**9
        rows = ads.listed(path, {**states, "maxResults": 10**9}, stale)[ROWS[path][0]]
        ads.page = ads_page
        found += [entity(ads, path, row) for row in rows]
    found += [one for one in ads.more_targets if what == "targets" and one["state"] in
              body["stateFilter"]["include"]]  # fmt: skip
    found = [one for one in found if _passes(one, body)]
    if ads.forgets:
        found = [one for one in found if one["state"] != "ARCHIVED"]
    start = int(body.get("nextToken") or 0)
    answer = {what: found[start : start + size]}
    return answer | ({"nextToken": str(start + size)} if start + size < len(found) else {})


def _passes(row, body):
    for name, key in (("targetIdFilter", "targetId"), ("adGroupIdFilter", "adGroupId"),
                      ("campaignIdFilter", "campaignId"), ("negativeFilter", "negative"),
                      ("targetTypeFilter", "targetType"), ("adIdFilter", "adId")):  # fmt: skip
        if name in body and row.get(key) not in body[name]["include"]:
            return False
    return True


def entity(ads, path, row):
    """A row as v1 shows it."""
    common = {"adProduct": PRODUCT, "state": row["state"], "marketplaceScope": "SINGLE_MARKETPLACE",
              "marketplaces": ["US"], "creationDateTime": "2026-01-01T00:00:00Z",
              "status": {"deliveryStatus": "DELIVERING"}}  # fmt: skip
    if path in OF_PATH:
        return common | _target(path, row)
    if path == "campaigns":
        budget = {"monetaryBudget": {"value": row["budget"]["budget"], "currencyCode": "USD"}}
        strategy = row["dynamicBidding"]["strategy"]
        return common | {
            "campaignId": row["campaignId"], "name": row["name"], "portfolioId": row["portfolioId"],
            "autoCreationSettings": {"autoCreateTargets": row["targetingType"] == "AUTO"},
            "budgets": [{"budgetType": "MONETARY", "recurrenceTimePeriod": "DAILY",
                         "budgetValue": {"monetaryBudgetValue": budget}}],
            "optimizations": {"bidSettings": {
                "bidStrategy": STRATEGIES.get(strategy, strategy),
                "bidAdjustments": {"placementBidAdjustments": [
                    {"placement": PLACEMENTS.get(one["placement"], one["placement"]),
                     "percentage": one["percentage"]}
                    for one in row["dynamicBidding"].get("placementBidding", ())]}}},
        }  # fmt: skip
    if path == "adGroups":
        return common | {"adGroupId": row["adGroupId"], "campaignId": row["campaignId"],
                         "name": row["name"],
                         "bid": {"defaultBid": row["defaultBid"],
                                 "currencyCode": "USD"}}  # fmt: skip
    product = {"productId": row["sku"], "productIdType": "SKU", "resolvedProductId": row["asin"],
               "resolvedProductIdType": "ASIN"}  # fmt: skip
    settings = {"productCreativeSettings": {"advertisedProduct": product}}
    return common | {
        "adId": row["adId"], "adGroupId": row["adGroupId"], "campaignId": row["campaignId"],
        "adType": "PRODUCT_AD", "creative": {"productCreative": settings},
    }  # fmt: skip


def _target(path, row):
    negative, whole, keyword = OF_PATH[path]
    if keyword:
        word = row["matchType"].removeprefix("NEGATIVE_")
        kind, details = "KEYWORD", {"keyword": row["keywordText"], "matchType": word}
        details = {"keywordTarget": details}
    else:
        kind, details = _details(row)
    parent = {"campaignId": row["campaignId"]} if whole else {"adGroupId": row["adGroupId"]}
    bid = {"bid": {"bid": row["bid"], "currencyCode": "USD"}} if row.get("bid") else {}
    return {"targetId": row[ROWS[path][1]], "negative": negative, "targetType": kind,
            "targetLevel": "CAMPAIGN" if whole else "AD_GROUP", "targetDetails": details,
            "globalTargetId": None, **parent, **bid}  # fmt: skip


def _details(row):
    first = row["expression"][0]
    if first["type"] in THEMES:
        return "THEME", {"themeTarget": {"matchType": THEMES[first["type"]]}}
    if first["type"] == "KEYWORD_GROUP_SAME_AS":
        return "THEME", {"themeTarget": {"matchType": GROUPS[first["value"]]}}
    exact = {"ASIN_SAME_AS": "PRODUCT_EXACT", "ASIN_EXPANDED_FROM": "PRODUCT_SIMILAR"}
    if first["type"] in exact:
        product = {"product": {"productId": first["value"]}, "productIdType": "ASIN"}
        return "PRODUCT", {"productTarget": {"matchType": exact[first["type"]], **product}}
    refined = {}
    for one in row["expression"]:
        name = REFINED[one["type"]]
        number = "Than" in name
        refined[name] = float(one["value"]) if number else one["value"]
    refined["productCategoryIdResolved"] = "Garden hoses"
    key = "productCategoryRefinement"
    return "PRODUCT_CATEGORY", {"productCategoryTarget": {key: {key: refined}}}


def _chosen(rows, only):
    return [(index, row) for index, row in enumerate(rows) if only is None or index in only]


def create(ads, rows, only=None):
    """Create targets, those of the indices ``only``; return the body of a 207."""
    assert 1 <= len(rows) <= 1000
    return _merged(
        [_on_one(ads, index, *_as_v3(ads, row), ads.created) for index, row in _chosen(rows, only)]
    )


def update(ads, rows, only=None):
    assert 1 <= len(rows) <= 1000
    answers = []
    for index, row in _chosen(rows, only):
        assert set(row) <= {"targetId", "bid", "state", "tags"}
        path = _path_of(ads, row["targetId"])
        changed = {ROWS[path][1]: row["targetId"]}
        changed |= {"bid": row["bid"]["bid"]} if "bid" in row else {}
        changed |= {"state": row["state"]} if "state" in row else {}
        answers.append(_on_one(ads, index, path, changed, ads.updated))
    return _merged(answers)


def delete(ads, ids, only=None):
    assert 1 <= len(ids) <= 1000
    answers = []
    for index, target_id in _chosen(ids, only):
        path = _path_of(ads, target_id)
        body = {ROWS[path][2]: {"include": [target_id]}}
        answer = ads.archived(path, body)[ROWS[path][0]]
        answers.append(_shaped(ads, index, path, answer))
    return _merged(answers)


def _path_of(ads, target_id):
    return next((path for path in OF_PATH if target_id in ads.rows[path]), "targets")


def _on_one(ads, index, path, row, do):
    return _shaped(ads, index, path, do(path, [row])[ROWS[path][0]])


def _shaped(ads, index, path, lists):
    success = [
        {"index": index, "target": entity(ads, path, ads.now_there(path)[_id_in(path, one)])}
        for one in lists["success"]
    ]
    return {
        "success": success,
        "error": [failed(index, one["errors"][0]) for one in lists["error"]],
    }


def _id_in(path, row):
    return next(str(value) for name, value in row.items() if name != "index")


def failed(index, error):
    kind = error["errorType"]
    detail = error["errorValue"].get(kind, {})
    return {"index": index, "errors": [{"code": ERRORS.get(kind, "FIELD_VALUE_IS_INVALID"),
                                        "message": detail.get("message", "no details"),
                                        "fieldLocation": f"targets[{index}]"}]}  # fmt: skip


def _merged(answers):
    return {name: [row for one in answers for row in one[name]] for name in ("success", "error")}


def _as_v3(ads, row):
    """The path and the row of v3 for a new target; strict, as Amazon's schema is."""
    known = {"adGroupId", "campaignId", "adProduct", "bid", "negative", "state", "tags",
             "targetDetails", "targetType"}  # fmt: skip
    assert set(row) <= known, set(row) - known
    assert row["adProduct"] == PRODUCT
    assert isinstance(row["negative"], bool)
    assert row["state"] in ("ENABLED", "PAUSED")
    assert ("adGroupId" in row) != ("campaignId" in row)
    [(name, details)] = row["targetDetails"].items()
    kind = {"keywordTarget": "KEYWORD", "productTarget": "PRODUCT", "themeTarget": "THEME",
            "productCategoryTarget": "PRODUCT_CATEGORY"}[name]  # fmt: skip
    assert row["targetType"] == kind
    made = {"state": row["state"]}
    if "adGroupId" in row:
        group = ads.now_there("adGroups")[row["adGroupId"]]
        made |= {"campaignId": group["campaignId"], "adGroupId": row["adGroupId"]}
    else:
        made["campaignId"] = row["campaignId"]
    path = PLACES[row["negative"], "campaignId" in row, kind == "KEYWORD"]
    if kind == "KEYWORD":
        assert set(details) == {"keyword", "matchType"}
        assert details["matchType"] in ("EXACT", "PHRASE", "BROAD")
        prefix = "NEGATIVE_" if row["negative"] else ""
        made |= {"keywordText": details["keyword"], "matchType": prefix + details["matchType"]}
    else:
        made["expression"] = [_predicate(kind, details)]
        made |= {} if row["negative"] else {"expressionType": "MANUAL"}
    if "bid" in row:
        assert not row["negative"]
        assert set(row["bid"]) == {"bid"}
        made["bid"] = row["bid"]["bid"]
    return path, made


def _predicate(kind, details):
    if kind == "PRODUCT":
        assert details["productIdType"] == "ASIN"
        word = {"PRODUCT_EXACT": "ASIN_SAME_AS", "PRODUCT_SIMILAR": "ASIN_EXPANDED_FROM"}
        return {"type": word[details["matchType"]], "value": details["product"]["productId"]}
    if kind == "THEME":
        group = next(one for one, word in GROUPS.items() if word == details["matchType"])
        return {"type": "KEYWORD_GROUP_SAME_AS", "value": group}
    key = "productCategoryRefinement"
    [(name, value)] = details[key][key].items()
    return {"type": next(one for one, field in REFINED.items() if field == name), "value": value}

"""Reports of version 1 of the Ads API, of the rows that ``FakeAds`` has for version 3."""

import gzip
import json
import uuid

from .fake import PROFILE

# v3's columns for v1's fields.
FIELDS = {
    "date.value": "date", "campaign.id": "campaignId", "campaign.name": "campaignName",
    "adGroup.id": "adGroupId", "adGroup.name": "adGroupName", "ad.id": "adId",
    "target.value": "keyword", "target.matchType": "matchType", "searchTerm.value": "searchTerm",
    "budgetCurrency.value": "campaignBudgetCurrencyCode", "metric.impressions": "impressions",
    "metric.clicks": "clicks", "metric.totalCost": "cost", "metric.purchases": "purchases7d",
    "metric.unitsSold": "unitsSoldClicks7d", "metric.sales": "sales7d",
    "metric.salesPromoted": "attributedSalesSameSku7d",
    "advertisedProduct.id": "advertisedAsin", "advertisedProduct.sku": "advertisedSku",
    "convertedProduct.id": "purchasedAsin", "metric.purchasesHalo": "purchasesOtherSku7d",
    "metric.unitsSoldHalo": "unitsSoldOtherSku7d", "metric.salesHalo": "salesOtherSku7d",
    "placementClassification.value": "placementClassification",
    "campaign.budgetAmount": "campaignBudgetAmount",
    "campaign.bidStrategy": "campaignBiddingStrategy",
}  # fmt: skip
ACCOUNTS = [
    {"adsAccountId": "amzn1.ads-account.g.other", "alternateIds": [{"countryCode": "US",
                                                                    "profileId": 99}]},
    {"adsAccountId": "amzn1.ads-account.g.own", "accountName": "Fake shop", "status": "CREATED",
     "alternateIds": [{"countryCode": "US", "entityId": "ENTITY1"},
                      {"countryCode": "US", "profileId": int(PROFILE)},
                      {"countryCode": "CA", "profileId": 98}]},
]  # fmt: skip


def ask_report(ads, body):
    """Return status and body, as for POST /adsApi/v1/create/reports; no duplicate is noticed."""
    assert set(body) == {"accessRequestedAccounts", "reports"}
    assert body["accessRequestedAccounts"] == [{"advertiserAccountId": ACCOUNTS[1]["adsAccountId"]}]
    [report] = body["reports"]
    assert set(report) == {"format", "periods", "query"}
    assert report["format"] == "GZIP_JSON"
    unknown = set(report["query"]["fields"]) - set(FIELDS)
    assert not unknown
    product, country = report["query"]["filter"]["and"]["filters"]
    assert country["on"]["values"] == ["US"]
    assert product["on"]["field"] == "adProduct.value"
    days = report["periods"][0]["datePeriod"]
    columns = [FIELDS[name] for name in report["query"]["fields"]]
    unmade = ads.how_unmade(columns)
    if unmade in ads.DENIED:
        return ads.DENIED[unmade], {"code": "DENIED", "message": "not for you"}
    if days["startDate"] in ads.refused_days or unmade == "refused":
        error = {"code": "BAD_REQUEST", "message": "startDate is out of the retention period"}
        return 207, {"success": None, "error": [{"index": 0, "errors": [error]}]}
    report_id = str(uuid.UUID(int=ads.rng.getrandbits(128)))
    ads.asked[days["startDate"], tuple(report["query"]["fields"])] += 1
    ads.reports_v1[report_id] = {
        **report, "reportId": report_id, "status": "PENDING", "completedReportParts": None,
        "looks": ads.rng.randint(0, ads.pending),
    }  # fmt: skip
    return 207, {"success": [{"index": 0, "report": ads.reports_v1[report_id]}], "error": None}


def state(ads, body):
    [report_id] = body["reportIds"]
    if report_id not in ads.reports_v1:
        error = {"code": "NOT_FOUND", "message": "no such report"}
        return 207, {"success": [], "error": [{"index": 0, "errors": [error]}]}
    report = ads.reports_v1[report_id]
    if ads.held_up(report, [FIELDS[name] for name in report["query"]["fields"]]):
        return 207, {"success": [{"index": 0, "report": report}], "error": []}
    if report["status"] in ("PENDING", "PROCESSING"):
        report["looks"] -= 1
        report["status"] = "PROCESSING" if report["looks"] >= 0 else "COMPLETED"
    if report["status"] == "COMPLETED":
        links = [str(uuid.UUID(int=ads.rng.getrandbits(128))) for _ in range(ads.parts)]
        ads.links |= {link: (report_id, part) for part, link in enumerate(links)}
        report["completedReportParts"] = [
            {"url": f"{ads.address}/download/{link}?X-Amz-Signature=signed", "sizeInBytes": 9,
             "urlExpirationDateTime": "2026-09-20T00:00:00Z"} for link in links
        ]  # fmt: skip
    return 207, {"success": [{"index": 0, "report": report}], "error": []}


def report_part(ads, report_id, part):
    """One part of a report's rows; terms without clicks are absent, as issue 476 tells."""
    report = ads.reports_v1[report_id]
    fields = report["query"]["fields"]
    [product] = report["query"]["filter"]["and"]["filters"][0]["on"]["values"]
    days = report["periods"][0]["datePeriod"]
    asked = {"columns": [FIELDS[name] for name in fields], "adProduct": product}
    rows = ads.report_rows(asked, days["startDate"])
    if "searchTerm.value" in fields:
        rows = [row for row in rows if row["clicks"]]
    rows = [{name: row[FIELDS[name]] for name in fields} for row in rows]
    return gzip.compress(json.dumps(rows[part :: ads.parts]).encode(), mtime=0)

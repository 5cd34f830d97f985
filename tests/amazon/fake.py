"""Amazon's Ads API as ppc.md and Amazon's pages describe it, in memory: ``FakeAds``."""

import copy
import gzip
import json
import random
import uuid
from collections import Counter
from datetime import date, timedelta
from typing import ClassVar

from .faults import NoFaults

CLIENT_ID = "amzn1.application-oa2-client.0123456789abcdef"
CLIENT_SECRET = "amzn1.oa2-cs.v1.very-secret-secret"
REFRESH_TOKEN = "Atzr|IwEBIrefresh-token-of-somebody"
PROFILE = "4711000000000001"
LAG, LATE = 40.0, (1.0, 60.0)  # seconds: how far lists are behind, how late changes are made

ROWS = {
    "campaigns": ("campaigns", "campaignId", "campaignIdFilter", "spCampaign"),
    "adGroups": ("adGroups", "adGroupId", "adGroupIdFilter", "spAdGroup"),
    "productAds": ("productAds", "adId", "adIdFilter", "spProductAd"),
    "keywords": ("keywords", "keywordId", "keywordIdFilter", "spKeyword"),
    "targets": ("targetingClauses", "targetId", "targetIdFilter", "spTargetingClause"),
    "negativeKeywords": (
        "negativeKeywords", "keywordId", "negativeKeywordIdFilter", "spNegativeKeyword",
    ),
    "negativeTargets": (
        "negativeTargetingClauses", "targetId", "negativeTargetIdFilter",
        "spNegativeTargetingClause",
    ),
    "campaignNegativeKeywords": (
        "campaignNegativeKeywords", "keywordId", "campaignNegativeKeywordIdFilter",
        "spCampaignNegativeKeyword",
    ),
    "campaignNegativeTargets": (
        "campaignNegativeTargetingClauses", "targetId", "campaignNegativeTargetIdFilter",
        "spCampaignNegativeTargetingClause",
    ),
}  # fmt: skip
# What answers to creations call the new ID, where that is not what lists call it.
ANSWERED_ID = {
    "negativeKeywords": "negativeKeywordId",
    "campaignNegativeKeywords": "campaignNegativeKeywordId",
    "campaignNegativeTargets": "campaignNegativeTargetingClauseId",
}


def key_of(path, row):
    """What Amazon takes for the same keyword or target."""
    text = row.get("keywordText") or json.dumps(row.get("expression"))
    parent = row.get("adGroupId") or row.get("campaignId")
    return path, parent, row.get("matchType"), " ".join(text.lower().split())


class FakeAds:
    """One profile's account; ``effects`` counts what was truly done, by thing."""

    def __init__(self, clock, faults=None, seed=0, *, dedupe=True, token_life=3600, pending=2,
                 lag=LAG, late=LATE):  # fmt: skip
        self.clock = clock
        self.faults = faults or NoFaults()
        self.rng = random.Random(seed)
        self.dedupe = dedupe
        self.token_life = token_life
        self.pending = pending
        self.lag, self.lateness = lag, late
        self.page = 1000
        self.address = ""  # set by the server
        self.tokens = {}
        self.rows = {path: {} for path in ROWS}  # id: [(time, row)], the newest last
        self.effects = Counter()
        self.requests = []
        self.reports = {}
        self.asked = Counter()
        self.links = {}
        self.reports_v1, self.parts = {}, 2
        self.more_targets = []  # of v1, beyond what v3 can hold
        self.forgets = False  # whether v1 lists what was deleted
        self.report_rows = report_rows
        self._late, self._due = [], None
        self._next_id = 300_000_000_000_000
        self.profiles = [
            {
                "profileId": int(PROFILE), "countryCode": "US", "currencyCode": "USD",
                "timezone": "America/Los_Angeles",
                "accountInfo": {"marketplaceStringId": "ATVPDKIKX0DER", "id": "ENTITY1",
                                "type": "seller", "name": "Fake shop"},
            }
        ]  # fmt: skip

    # -- what the account is made of

    def add(self, path, **row):
        """Put a row there from the beginning; return its ID."""
        name = ROWS[path][1]
        row = {name: self.new_id(), "state": "ENABLED"} | row
        self.rows[path][row[name]] = [(0.0, row)]
        return row[name]

    def new_id(self):
        self._next_id += self.rng.randint(1, 1000)
        return str(self._next_id)

    def now_there(self, path):
        """The rows as they truly are."""
        self.catch_up()
        return {key: versions[-1][1] for key, versions in self.rows[path].items()}

    def living(self):
        """Every keyword, target and negative that is not archived, with its bid."""
        return Counter(
            (key_of(path, row), row.get("bid"))
            for path in list(ROWS)[3:]
            for row in self.now_there(path).values()
            if row["state"] != "ARCHIVED"
        )

    def change(self, path, row_id, **values):
        """Change a row now, as somebody else would."""
        self._put(path, self.rows[path][row_id][-1][1] | values)

    def _put(self, path, row):
        moment = self.clock.now() if self._due is None else self._due
        self.rows[path].setdefault(row[ROWS[path][1]], []).append((moment, row))

    def catch_up(self):
        """Make the changes that were asked for and came late."""
        due = [one for one in self._late if one[0] <= self.clock.now()]
        self._late = [one for one in self._late if one[0] > self.clock.now()]
        for moment, change in due:
            self._due = moment  # nobody asked at that time, and yet it was made then
            change()
            self._due = None

    def late(self, change):
        self._late.append((self.clock.now() + self.rng.uniform(*self.lateness), change))

    # -- tokens

    def new_token(self):
        token = f"Atza|{uuid.UUID(int=self.rng.getrandbits(128))}"
        self.tokens[token] = self.clock.now() + self.token_life
        return token

    def knows(self, token):
        return self.tokens.get(token, 0.0) > self.clock.now()

    # -- lists and changes

    def listed(self, path, body, stale=False):
        envelope, name, id_filter, _ = ROWS[path]
        until = self.clock.now() - (self.rng.uniform(0, self.lag) if stale else 0.0)
        seen = []
        for versions in self.rows[path].values():
            known = [row for moment, row in versions if moment <= until]
            seen += known[-1:]
        states = body.get("stateFilter", {}).get("include", ["ENABLED", "PAUSED", "ARCHIVED"])
        found = [row for row in seen if row["state"] in states]
        for filter_name, row_name in (
            (id_filter, name), ("adGroupIdFilter", "adGroupId"),
            ("campaignIdFilter", "campaignId"),
        ):  # fmt: skip
            if filter_name in body:
                wanted = body[filter_name]["include"]
                assert len(wanted) <= 1000
                assert all(isinstance(one, str) for one in wanted)
                found = [row for row in found if row[row_name] in wanted]
        start = int(body.get("nextToken", 0))
        size = min(self.page, body.get("maxResults", self.page))
        answer = {envelope: found[start : start + size], "totalResults": len(found)}
        if start + size < len(found):
            answer["nextToken"] = str(start + size)
        return copy.deepcopy(answer)

    def created(self, path, rows, only=None):
        """Create rows, those of the indices ``only``; return the body of a 207."""
        success, error = [], []
        for index, row in enumerate(rows):
            if only is not None and index not in only:
                continue
            fault = self._row_fault(path, row)
            if fault:
                error.append({"index": index, "errors": [fault]})
                continue
            made = {ROWS[path][1]: self.new_id(), **row}
            self._put(path, made)
            self.effects["create", key_of(path, row)] += 1
            answered = ANSWERED_ID.get(path, ROWS[path][1])
            success.append({"index": index, answered: made[ROWS[path][1]]})
        return {ROWS[path][0]: {"success": success, "error": error}}

    def _row_fault(self, path, row):
        if "refused" in (row.get("keywordText") or ""):
            return _error("malformedValueError", "Keyword text is not allowed")
        known = {
            key_of(path, one) for one in self.now_there(path).values() if one["state"] != "ARCHIVED"
        }
        if self.dedupe and key_of(path, row) in known:
            return _error("duplicateValueError", "Entity exists already")
        return None

    def updated(self, path, rows, only=None):
        envelope, name, _, _ = ROWS[path]
        success, error = [], []
        there = self.now_there(path)
        for index, row in enumerate(rows):
            if only is not None and index not in only:
                continue
            if row[name] not in there or there[row[name]]["state"] == "ARCHIVED":
                fault = _error("entityNotFoundError", "No such entity")
                error.append({"index": index, "errors": [fault]})
                continue
            self._put(path, there[row[name]] | row)
            self.effects["update", path, row[name], row["bid"]] += 1
            success.append({"index": index, name: row[name]})
        return {envelope: {"success": success, "error": error}}

    def archived(self, path, body, only=None):
        envelope, name, id_filter, _ = ROWS[path]
        success, error = [], []
        there = self.now_there(path)
        for index, row_id in enumerate(body[id_filter]["include"]):
            if only is not None and index not in only:
                continue
            if row_id not in there or there[row_id]["state"] == "ARCHIVED":
                fault = _error("entityStateError", "Archived already")
                error.append({"index": index, "errors": [fault]})
                continue
            self._put(path, there[row_id] | {"state": "ARCHIVED"})
            self.effects["archive", path, row_id] += 1
            success.append({"index": index, name: row_id})
        return {envelope: {"success": success, "error": error}}

    # -- reports

    def ask_report(self, body):
        """Return status and body, as for POST /reporting/reports."""
        days = date.fromisoformat(body["endDate"]) - date.fromisoformat(body["startDate"])
        if days >= timedelta(days=31):
            return 400, {"code": "400", "detail": "range must not exceed maximum range (31 days)"}
        unmade = self.how_unmade(body["configuration"]["columns"])
        if unmade in self.DENIED:
            return self.DENIED[unmade], {"detail": "not for you"}
        if body["startDate"] in self.refused_days or unmade == "refused":
            return 400, {"code": "400", "detail": "startDate is out of the retention period"}
        wanted = [body[name] for name in ("startDate", "endDate", "configuration")]
        for report_id, report in self.reports.items():
            same = [report[name] for name in ("startDate", "endDate", "configuration")] == wanted
            if same and report["status"] != "FAILED":
                detail = f"The Request is a duplicate of : {report_id}"
                return 425, {"code": "425", "detail": detail}
        report_id = str(uuid.UUID(int=self.rng.getrandbits(128)))
        kind = body["configuration"]["reportTypeId"], *body["configuration"]["groupBy"]
        self.asked[body["startDate"], kind] += 1
        self.reports[report_id] = {
            **body, "reportId": report_id, "status": "PENDING", "url": None,
            "looks": self.rng.randint(0, self.pending),
        }  # fmt: skip
        return 200, self.reports[report_id]

    refused_days = ()
    # stuck, failed, refused or a status of DENIED, and a column of the reports that are
    unmade = None
    DENIED: ClassVar = {"forbidden": 403, "broken": 503}

    def how_unmade(self, columns):
        """How a report with these columns is not made; None where it is."""
        return self.unmade[0] if self.unmade and self.unmade[1] in columns else None

    def held_up(self, report, columns):
        """Let a report that is not made go wrong, or stay where it is."""
        how = self.how_unmade(columns)
        if how:
            report["status"] = "FAILED" if how == "failed" else "PROCESSING"
        return how

    def report(self, report_id):
        report = self.reports[report_id]
        if self.held_up(report, report["configuration"]["columns"]):
            return report
        if report["status"] in ("PENDING", "PROCESSING"):
            report["looks"] -= 1
            report["status"] = "PROCESSING" if report["looks"] >= 0 else "COMPLETED"
        if report["status"] == "COMPLETED":
            link = f"{uuid.UUID(int=self.rng.getrandbits(128))}"
            self.links[link] = report_id
            report["url"] = f"{self.address}/download/{link}?X-Amz-Signature=signed-{link}"
        return report

    def report_file(self, report_id):
        report = self.reports[report_id]
        rows = self.report_rows(report["configuration"], report["startDate"])
        return gzip.compress(json.dumps(rows).encode(), mtime=0)


def report_rows(configuration, day):
    """Two rows with the columns that were asked for, of the first day."""
    known = {
        "date": day, "campaignName": "Hoses", "campaignId": 101, "adGroupName": "All",
        "adGroupId": 202, "keywordId": 303, "keyword": "garden hose", "keywordText": "garden hose",
        "keywordType": "BROAD", "matchType": "BROAD", "targeting": "garden hose",
        "campaignBudgetCurrencyCode": "USD", "impressions": 100, "clicks": 10, "cost": 5.5,
        "adId": 404, "advertisedAsin": "B0HOSES001", "advertisedSku": "H1",
    }  # fmt: skip
    rows = []
    for term in ("green hose", "hose reel"):
        row = {name: known.get(name, 1) for name in configuration["columns"]}
        rows.append(row | ({"searchTerm": term} if "searchTerm" in row else {}))
    return rows


def _error(kind, message):
    return {"errorType": kind, "errorValue": {kind: {"message": message, "reason": "X"}}}

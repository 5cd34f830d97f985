"""Accounts, plans and what must come of them, drawn from a seed."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date

import polars as pl

from admatch.amazon.client import AdsClient
from admatch.amazon.credentials import Credentials
from admatch.amazon.failures import AmazonError
from admatch.amazon.job import Allowance, AmazonJob, Kind
from admatch.amazon.journal import read_journal
from admatch.amazon.outcomes import GOOD, MISSING, StepOutcome, courses
from admatch.amazon.plan import read_plan
from admatch.amazon.regions import Endpoints
from admatch.export.bulk.records import Entry
from admatch.export.keyword_text import compared
from admatch.impact.changes import Change, Operation, Place
from admatch.jobs.applied import take_journals
from admatch.jobs.store.applied import applied_of
from admatch.jobs.store.nights import Night, record_night
from admatch.reports.account.records import Entity, MatchType
from tests.store.test_proposals import DECIDED

from .fake import CLIENT_ID, CLIENT_SECRET, PROFILE, REFRESH_TOKEN, key_of

CREDENTIALS = Credentials(CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN)
ALLOW = Allowance(frozenset({PROFILE}), frozenset(Kind), 10_000, 10_000.0)
JOB = AmazonJob("NA", PROFILE, None, ALLOW)
PATHS = {
    Entity.KEYWORD: "keywords",
    Entity.PRODUCT_TARGETING: "targets",
    Entity.NEGATIVE_KEYWORD: "negativeKeywords",
    Entity.NEGATIVE_PRODUCT_TARGETING: "negativeTargets",
    Entity.CAMPAIGN_NEGATIVE_KEYWORD: "campaignNegativeKeywords",
    Entity.CAMPAIGN_NEGATIVE_PRODUCT: "campaignNegativeTargets",
}
_WORDS = ("green", "garden", "hose", "reel", "long", "Äpfel", "50 ft", "c++", "kid's", "=cmd")


def client_of(server, **options):
    """A client of whatever the server serves, in the fake's time."""
    endpoints = Endpoints(server.address, f"{server.address}/auth/o2/token")
    options = {"clock": server.ads.clock, "timeout": 10.0} | options
    return AdsClient(endpoints, CREDENTIALS, PROFILE, **options)


def shop(ads, keywords=4):
    """Put a manual and an auto campaign into the account; return the places of its ad groups."""
    places = []
    for name, targeting in (("Hoses", "MANUAL"), ("Discovery", "AUTO")):
        campaign = ads.add(
            "campaigns", name=name, targetingType=targeting, portfolioId="77",
            budget={"budgetType": "DAILY", "budget": 20.0},
            dynamicBidding={"strategy": "LEGACY_FOR_SALES", "placementBidding": [
                {"placement": "PLACEMENT_TOP", "percentage": 25},
                {"placement": "PLACEMENT_PRODUCT_PAGE", "percentage": 0},
                {"placement": "SITE_AMAZON_BUSINESS", "percentage": 10}]},
        )  # fmt: skip
        group = ads.add("adGroups", name=f"{name} all", campaignId=campaign, defaultBid=0.6)
        ads.add("productAds", campaignId=campaign, adGroupId=group, sku="H1", asin="B0HOSES001")
        places.append(Place(name, f"{name} all", campaign, group))
    at = {"campaignId": places[0].campaign_id, "adGroupId": places[0].ad_group_id}
    for number in range(keywords):
        ads.add("keywords", **at, keywordText=f"hose {number}", matchType="BROAD",
                bid=round(0.5 + number / 10, 2))  # fmt: skip
    auto = {"campaignId": places[1].campaign_id, "adGroupId": places[1].ad_group_id}
    ads.add("targets", **auto, expressionType="AUTO", bid=0.4,
            expression=[{"type": "QUERY_HIGH_REL_MATCHES"}])  # fmt: skip
    ads.add("targets", **at, expressionType="MANUAL", bid=0.8,
            expression=[{"type": "ASIN_SAME_AS", "value": "B0RIVAL001"}])  # fmt: skip
    ads.add("negativeKeywords", **at, keywordText="old hose", matchType="NEGATIVE_EXACT")
    ads.add("negativeKeywords", **at, keywordText="gone", matchType="NEGATIVE_PHRASE",
            state="ARCHIVED")  # fmt: skip
    return places


def write_plan(folder, changes, name="changes", country="US", currency="USD"):
    """Write a manifest as exports do; return its plan."""
    lines = [
        {"row": row, "change": asdict(change), "inverse": asdict(undone(change))}
        for row, change in enumerate(changes, start=2)
    ]
    content = {"marketplace": country, "currency": currency, "settings": {}, "changes": lines}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.manifest.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return read_plan(path)


def undone(change):
    if change.operation == Operation.UPDATE:
        return replace(change, bid=change.before, before=change.bid)
    if change.operation == Operation.ARCHIVE:
        return replace(change, operation=Operation.CREATE, bid=change.before, target_id=None,
                       before=None, state="enabled")  # fmt: skip
    return replace(change, operation=Operation.ARCHIVE, bid=None, before=change.bid)


@dataclass
class Wanted:
    """A change, and how it must end."""

    change: Change
    outcome: StepOutcome


def draw_changes(rng, ads, places):
    """Changes of every kind, with how each must end."""
    here, auto = places
    whole = Place(here.campaign, None, here.campaign_id, None)
    wanted = []
    texts = [f"{rng.choice(_WORDS)} {rng.choice(_WORDS)} {n}" for n in range(rng.randint(1, 8))]
    for text in texts:
        if rng.random() < 0.4:
            match_type = rng.choice([MatchType.EXACT, MatchType.PHRASE])
            bid = round(rng.uniform(0.2, 2), 2)
            wanted.append(Wanted(Change.keyword(text, match_type, here, bid), StepOutcome.APPLIED))
        match_type = rng.choice([MatchType.NEGATIVE_EXACT, MatchType.NEGATIVE_PHRASE])
        place = rng.choice([auto, whole])
        change = Change.negative_keyword(text, match_type, place)
        wanted.append(Wanted(change, StepOutcome.APPLIED))
    change = Change.negative_product(f"B0NOTMINE{rng.randint(0, 9)}", auto)
    wanted.append(Wanted(change, StepOutcome.APPLIED))
    wanted += _of_what_stands(rng, ads, here)
    if rng.random() < 0.3:
        change = Change.keyword("refused hose", MatchType.EXACT, here, 0.5)
        wanted.append(Wanted(change, StepOutcome.REFUSED))
        change = Change.negative_keyword("refused  hose", MatchType.NEGATIVE_EXACT, auto)
        wanted.append(Wanted(change, StepOutcome.HELD))
    if rng.random() < 0.5:
        change = Change.negative_keyword("Old  Hose", MatchType.NEGATIVE_EXACT, here)
        wanted.append(Wanted(change, StepOutcome.STOOD))
    rng.shuffle(wanted)
    return wanted


def _of_what_stands(rng, ads, here):
    """Bids and archives of the keywords and targets that are there."""
    for path, entity in (("keywords", Entity.KEYWORD), ("targets", Entity.PRODUCT_TARGETING)):
        for target_id, row in list(ads.now_there(path).items()):
            place = replace(here, campaign_id=row["campaignId"], ad_group_id=row["adGroupId"])
            text = row.get("keywordText") or _expression(row["expression"][0])
            match_type = MatchType.BROAD if path == "keywords" else None
            options = {"target_id": target_id, "before": row["bid"], "state": "enabled"}
            draw = rng.random()
            if draw < 0.5:
                bid = round(row["bid"] * rng.choice([0.8, 1.2]), 2)
                change = Change(Operation.UPDATE, entity, place, text, match_type, bid, **options)
                outcome = StepOutcome.APPLIED
                if draw < 0.1:
                    ads.rows[path][target_id] = [(0.0, row | {"bid": 9.99})]  # somebody else
                    outcome = StepOutcome.CONFLICT
                yield Wanted(change, outcome)
            elif draw < 0.7 and "close-match" not in text:
                change = Change(Operation.ARCHIVE, entity, place, text, match_type, **options)
                yield Wanted(change, StepOutcome.APPLIED)


def _expression(predicate):
    known = {"QUERY_HIGH_REL_MATCHES": "close-match"}
    return known.get(predicate["type"]) or f'asin="{predicate["value"]}"'


def until_done(work, tries=60):
    """Do it again until Amazon can be asked; return what it returns at last."""
    for _ in range(tries):
        try:
            return work()
        except AmazonError:
            continue
    raise AssertionError("it never came to an end")


def check_applied(ads, plan, wanted):
    """Every change was made once, and the journal has the one outcome that it must have.

    Returns the outcomes, which are others than wanted in one case only: a creation of which no
    answer came, and that Amazon never made, is not sent again; negatives that need it are held.
    """
    records = read_journal(plan.applied)
    check_ends(plan, records)
    known = courses(records)
    lost = {
        compared(step.change.text)
        for step in plan.steps
        if known[step.number].result.outcome == StepOutcome.UNANSWERED
    }
    outcomes = []
    for step, one in zip(plan.steps, wanted, strict=True):
        course, times = known[step.number], effects_of(ads, step.change)
        outcome, must = course.result.outcome, one.outcome
        if outcome == StepOutcome.UNANSWERED:
            assert must in (StepOutcome.APPLIED, StepOutcome.REFUSED), (step, course)
            assert course.pending, (step, course)
            assert step.change.operation == Operation.CREATE
        elif outcome == StepOutcome.HELD != must:
            assert must == StepOutcome.APPLIED, (step, course)
            assert compared(step.change.text) in lost, (step, course)
        else:
            assert outcome == must, (step, course, times)
        assert times == (outcome == StepOutcome.APPLIED), (step, course, times)
        outcomes.append(outcome)
    assert sum(ads.effects.values()) == outcomes.count(StepOutcome.APPLIED)
    return [replace(one, outcome=end) for one, end in zip(wanted, outcomes, strict=True)]


def check_ends(plan, records):
    """Every step ended once; one that was lost, or held because of that, may end better later."""
    ended = {step.number: [] for step in plan.steps}
    for record in records:
        for one in record.get("results", ()):
            ended[one["step"]].append(StepOutcome(one["outcome"]))
    for number, one in courses(answers(records)).items():
        ended[number] += [one.result.outcome] if one.result else []
    for outcomes in ended.values():
        assert outcomes, ended
        assert all(one in (*MISSING, StepOutcome.HELD) for one in outcomes[:-1]), outcomes


def check_found_later(ads, plan, wanted):
    """A run a day later, without faults, leaves every step as it was wanted."""
    records = read_journal(plan.applied)
    check_ends(plan, records)
    known = courses(records)
    for step, one in zip(plan.steps, wanted, strict=True):
        result, times = known[step.number].result, effects_of(ads, step.change)
        assert result.outcome == one.outcome, (step, result)
        assert times == (one.outcome == StepOutcome.APPLIED), (step, result, times)


def keep_night(history, plan):
    """Keep a night that wrote the plan."""
    entries = tuple(Entry(step.change, step.inverse) for step in plan.steps)
    summary = {"to_upload": len(entries)}
    night = Night(
        plan.digest, plan.digest, "job", date(2026, 9, 1), plan.manifest.parent, {}, summary
    )
    with history.writing() as transaction:
        record_night(transaction, night, pl.DataFrame(schema=DECIDED), entries, {})


def check_kept(history, plan, wanted, *, undone=False):
    """Every outcome is in the workspace, and what stands counts as seen from that day on."""
    with history.writing() as transaction:
        take_journals(transaction, plan.digest)
        take_journals(transaction, plan.digest)  # taken twice it counts once
        kept = applied_of(transaction, plan.digest)
        rows = "SELECT * FROM proposals WHERE night_id = ? ORDER BY number"
        proposals = transaction.run(rows, [plan.digest])
    ends = [one["outcome"] for one in kept if one["what"] == "applied"]
    assert ends == [one.outcome for one in wanted]
    made = [one.outcome in GOOD for one in wanted]
    assert [one["seen_on"] is not None for one in proposals] == made
    sent = [one.outcome is StepOutcome.APPLIED for one in wanted]
    gone = [one["number"] for one in kept if one["what"] == "rolled back"]
    assert gone == [number for number, was in enumerate(sent) if was and undone]
    assert [one["undone_on"] is not None for one in proposals] == [one and undone for one in sent]


def effects_of(ads, change):
    """How often the account was truly changed so."""
    path = PATHS[change.entity]
    if change.operation == Operation.UPDATE:
        return ads.effects["update", path, change.target_id, change.bid]
    if change.operation == Operation.ARCHIVE:
        return ads.effects["archive", path, change.target_id]
    row = {"campaignId": change.place.campaign_id, "adGroupId": change.place.ad_group_id}
    if change.match_type:
        word = {"negativeExact": "NEGATIVE_EXACT", "negativePhrase": "NEGATIVE_PHRASE"}
        match_type = word.get(change.match_type, change.match_type.upper())
        row |= {"keywordText": change.text, "matchType": match_type}
    else:
        value = change.text.removeprefix('asin="').removesuffix('"')
        row["expression"] = [{"type": "ASIN_SAME_AS", "value": value}]
    return ads.effects["create", key_of(path, row)]


def answers(records):
    """Return the records without the outcomes that were found by reading."""
    return [record for record in records if record["kind"] != "outcomes"]

"""What is sent, what is not, and what is undone, where nothing goes wrong."""

from dataclasses import replace

import pytest

from admatch.amazon.allow import Selection, select
from admatch.amazon.failures import AmazonError
from admatch.amazon.journal import read_journal
from admatch.amazon.outcomes import StepOutcome
from admatch.amazon.plan import read_plan
from admatch.amazon.runs import apply_plan, roll_back
from admatch.amazon.versions import ApiVersion
from admatch.errors import InputError
from admatch.impact.changes import Change, Operation, Place
from admatch.reports.account.records import Entity, MatchType

from .scenario import JOB, client_of, shop, write_plan
from .test_client import Script


@pytest.fixture(params=ApiVersion)
def version(request):
    return request.param


@pytest.fixture
def places(ads):
    return shop(ads)


def apply(client, plan, **options):
    return apply_plan(client, plan, select(plan, JOB), **options)


def bid_change(ads, number=0, bid=0.7, before=None):
    target_id, row = list(ads.now_there("keywords").items())[number]
    place = Place("Hoses", "Hoses all", row["campaignId"], row["adGroupId"])
    return Change(Operation.UPDATE, Entity.KEYWORD, place, row["keywordText"], MatchType.BROAD,
                  bid, target_id, row["bid"] if before is None else before, "enabled")  # fmt: skip


def outcomes(results):
    return [one.outcome for one in results]


@pytest.mark.parametrize("version", [ApiVersion.V3])
def test_requests_and_their_order(client, ads, places, tmp_path):
    """Bids and what ends come first, negatives last; a batch is read before and after."""
    here, auto = places
    archive = replace(bid_change(ads, 1), operation=Operation.ARCHIVE, bid=None)
    changes = [
        Change.negative_keyword("reel", MatchType.NEGATIVE_EXACT, auto),
        Change.keyword("reel", MatchType.EXACT, here, 0.5),
        bid_change(ads),
        archive,
    ]
    plan = write_plan(tmp_path, changes)
    results = apply(client, plan)

    assert outcomes(results) == [StepOutcome.APPLIED] * 4
    assert ads.requests[2:] == [
        ("POST", "/sp/keywords/list"), ("POST", "/sp/keywords/delete"),
        ("POST", "/sp/keywords/list"), ("POST", "/sp/keywords/list"), ("PUT", "/sp/keywords"),
        ("POST", "/sp/keywords/list"), ("POST", "/sp/keywords/list"), ("POST", "/sp/keywords"),
        ("POST", "/sp/keywords/list"), ("POST", "/sp/negativeKeywords/list"),
        ("POST", "/sp/negativeKeywords"), ("POST", "/sp/negativeKeywords/list"),
    ]  # fmt: skip
    kinds = [record["kind"] for record in read_journal(plan.applied)]
    assert kinds == ["opened", *["sending", "answered", "outcomes"] * 4]


def test_every_kind_of_entity(client, ads, places, tmp_path):
    here, auto = places
    whole = Place("Discovery", None, auto.campaign_id)
    target = Change(Operation.CREATE, Entity.PRODUCT_TARGETING, here, 'asin="B0RIVAL002"', bid=0.4)
    changes = [
        Change.negative_keyword("a", MatchType.NEGATIVE_PHRASE, whole),
        Change.negative_product("b0other001", whole),
        Change.negative_product("b0other002", auto),
        target,
    ]
    results = apply(client, write_plan(tmp_path, changes))

    assert outcomes(results) == [StepOutcome.APPLIED] * 4
    [negative] = ads.now_there("campaignNegativeTargets").values()
    assert negative["expression"] == [{"type": "ASIN_SAME_AS", "value": "B0OTHER001"}]
    assert "adGroupId" not in negative
    assert list(ads.now_there("targets").values())[-1]["expressionType"] == "MANUAL"


def test_what_somebody_else_changed_is_left_alone(client, ads, places, tmp_path):
    change = bid_change(ads)
    plan = write_plan(tmp_path, [change])
    ads.change("keywords", change.target_id, bid=1.5)
    [result] = apply(client, plan)

    assert result.outcome is StepOutcome.CONFLICT
    assert result.note == "its bid is 1.50, and was 0.50 when this was planned"
    assert ads.now_there("keywords")[change.target_id]["bid"] == 1.5


@pytest.mark.parametrize(
    ("values", "note"),
    [({"state": "ARCHIVED"}, "was archived"), ({"keywordText": "other"}, "now belongs to 'other'")],
)
def test_a_target_that_is_another_now(client, ads, places, tmp_path, values, note):
    change = bid_change(ads)
    ads.change("keywords", change.target_id, **values)
    [result] = apply(client, write_plan(tmp_path, [change]))

    assert result.outcome is StepOutcome.CONFLICT
    assert note in result.note


def test_what_is_so_already_is_not_sent(client, ads, places, tmp_path):
    change = bid_change(ads)
    ads.change("keywords", change.target_id, bid=0.7)
    [result] = apply(client, write_plan(tmp_path, [change]))

    assert result.outcome is StepOutcome.STOOD
    assert not ads.effects


@pytest.mark.parametrize("version", [ApiVersion.V3])
def test_a_refused_batch_is_halved_until_the_row_is_found(client, ads, places, tmp_path):
    create, sizes = ads.created, []

    def picky(path, rows, only=None):
        sizes.append(len(rows))
        return create(path, rows, only)

    ads.created = picky
    texts = [f"hose {n}" for n in range(5)]
    changes = [Change.negative_keyword(one, MatchType.NEGATIVE_EXACT, places[1]) for one in texts]
    plan = write_plan(tmp_path, changes)
    send = client.send

    def declining(method, path, body, media):
        from admatch.amazon.failures import Declined

        if any(row["keywordText"] == "hose 3" for row in body["negativeKeywords"]):
            raise Declined(400, "malformed request")
        return send(method, path, body, media)

    client.send = declining
    results = apply(client, plan)

    assert [one.step for one in results if one.outcome is StepOutcome.REFUSED] == [5]
    assert results[3].note == "malformed request"
    assert outcomes(results).count(StepOutcome.APPLIED) == 4
    assert sizes == [2, 1, 1]


def test_a_negative_waits_for_the_keyword_that_takes_its_term_over(client, ads, places, tmp_path):
    here, auto = places
    changes = [
        Change.negative_keyword("refused reel", MatchType.NEGATIVE_EXACT, auto),
        Change.keyword("refused reel", MatchType.EXACT, here, 0.5),
    ]
    results = apply(client, write_plan(tmp_path, changes))

    assert outcomes(results) == [StepOutcome.HELD, StepOutcome.REFUSED]
    assert "Keyword text is not allowed" in results[1].note


def test_a_negative_waits_for_a_keyword_that_the_job_leaves_out(client, ads, places, tmp_path):
    changes = [
        Change.negative_keyword("reel", MatchType.NEGATIVE_EXACT, places[1]),
        Change.keyword("reel", MatchType.EXACT, places[0], 0.5),
    ]
    plan = write_plan(tmp_path, changes)
    results = apply_plan(client, plan, Selection(plan.steps[:1], plan.steps[1:], 0.0))

    assert outcomes(results) == [StepOutcome.HELD]


@pytest.mark.parametrize("version", [ApiVersion.V3])
def test_what_amazon_says_it_did_and_does_not_list(client, ads, places, tmp_path):
    ads.created = lambda path, rows, only=None: {
        path: {"success": [{"index": 0, "negativeKeywordId": "99"}], "error": []}
    }
    changes = [Change.negative_keyword("reel", MatchType.NEGATIVE_EXACT, places[1])]
    [result] = apply(client, write_plan(tmp_path, changes))

    assert (result.outcome, result.id) == (StepOutcome.UNSEEN, "99")
    assert ads.requests.count(("POST", "/sp/negativeKeywords")) == 1


@pytest.mark.parametrize("version", [ApiVersion.V3])
def test_an_answer_in_an_unknown_form_is_settled_by_reading(client, ads, places, tmp_path):
    create = ads.created
    ads.created = lambda *given: [create(*given)]
    changes = [Change.negative_keyword("reel", MatchType.NEGATIVE_EXACT, places[1])]

    assert outcomes(apply(client, write_plan(tmp_path, changes))) == [StepOutcome.APPLIED]
    assert sum(ads.effects.values()) == 1


def test_throttled_for_long_it_goes_on_another_time(server, ads, places, tmp_path, version):
    changes = [Change.negative_keyword("reel", MatchType.NEGATIVE_EXACT, places[1])]
    plan = write_plan(tmp_path, changes)
    with client_of(server, version=version) as client:
        ads.faults = Script(None, None, *["throttled"] * 8)
        with pytest.raises(AmazonError, match="throttles"):
            apply(client, plan)
        slept = ads.clock.moment
        assert outcomes(apply(client, plan)) == [StepOutcome.APPLIED]
    assert ads.clock.moment == slept  # nothing is unsure after a 429


def test_roll_back(client, ads, places, tmp_path):
    here, auto = places
    before = ads.living()
    archive = replace(bid_change(ads, 1), operation=Operation.ARCHIVE, bid=None)
    changes = [
        Change.negative_keyword("reel", MatchType.NEGATIVE_EXACT, auto),
        Change.negative_keyword("old hose", MatchType.NEGATIVE_EXACT, here),  # stood before
        Change.keyword("reel", MatchType.EXACT, here, 0.5),
        bid_change(ads),
        archive,
    ]
    plan = write_plan(tmp_path, changes)
    apply(client, plan)
    assert ads.living() != before

    assert outcomes(roll_back(client, plan)) == [StepOutcome.APPLIED] * 4
    assert ads.living() == before
    assert (
        outcomes(roll_back(client, plan)) == [StepOutcome.APPLIED] * 4
    )  # reported again, not done
    assert sum(ads.effects.values()) == 8
    with pytest.raises(InputError, match="was rolled back; make a new plan"):
        apply(client, plan)


def test_roll_back_leaves_what_somebody_changed_since(client, ads, places, tmp_path):
    change = bid_change(ads)
    plan = write_plan(tmp_path, [change])
    apply(client, plan)
    ads.change("keywords", change.target_id, bid=2.0)
    [result] = roll_back(client, plan)

    assert result.outcome is StepOutcome.CONFLICT
    assert ads.now_there("keywords")[change.target_id]["bid"] == 2.0


def test_roll_back_of_nothing(client, places, tmp_path):
    plan = write_plan(tmp_path, [])
    with pytest.raises(InputError, match=r"nothing of changes\.manifest\.json was applied"):
        roll_back(client, plan)


def test_roll_back_of_what_was_broken_off(server, ads, places, tmp_path, version):
    """A request that nobody answered is settled first, and what never went out is reported."""
    change, other = bid_change(ads), Change.keyword("reel", MatchType.EXACT, places[0], 0.5)
    plan = write_plan(tmp_path, [change, other])

    def broken_off(seconds):
        raise KeyboardInterrupt

    ads.faults = Script(None, None, "error-after", "error-before")
    sleep, ads.clock.sleep = ads.clock.sleep, broken_off
    with client_of(server, version=version) as client, pytest.raises(KeyboardInterrupt):
        apply(client, plan)
    ads.clock.sleep = sleep
    ads.faults.faults.clear()
    with client_of(server, version=version) as client:
        results = roll_back(client, plan)

    assert outcomes(results) == [StepOutcome.APPLIED]
    ended = read_journal(plan.applied)[-2:]
    assert [one["results"][0]["outcome"] for one in ended] == ["applied", "not sent"]
    assert ads.now_there("keywords")[change.target_id]["bid"] == 0.5


@pytest.mark.parametrize(("country", "currency"), [("DE", "EUR"), ("US", "EUR"), ("CA", "USD")])
def test_another_marketplace_is_refused(client, places, tmp_path, country, currency):
    plan = write_plan(tmp_path, [], country=country, currency=currency)
    with pytest.raises(InputError, match=f"is for {country} in {currency}, and profile"):
        apply(client, plan)


def test_the_journal_of_another_plan_is_refused(client, ads, places, tmp_path):
    apply(client, write_plan(tmp_path, []))
    plan = write_plan(tmp_path, [bid_change(ads)])
    with pytest.raises(InputError, match="belongs to another manifest, profile or region"):
        apply(client, plan)


def test_a_refined_category_is_not_created(client, places, tmp_path):
    text = 'category="11" price<49.99'
    change = Change(Operation.CREATE, Entity.PRODUCT_TARGETING, places[0], text, bid=0.4)
    with pytest.raises(InputError, match=r"row 2: 'category=.* cannot be created through the API"):
        apply(client, write_plan(tmp_path, [change]))


def test_a_change_without_its_ids_is_not_sent(client, places, tmp_path):
    change = Change.keyword("reel", MatchType.EXACT, Place("Hoses", "Hoses all"), 0.5)
    with pytest.raises(InputError, match="row 2: the manifest lacks some IDs of 'reel'"):
        apply(client, write_plan(tmp_path, [change]))


def test_a_run_is_a_manifest_or_its_folder(tmp_path):
    plan = write_plan(tmp_path, [])

    assert read_plan(tmp_path) == read_plan(plan.manifest) == plan
    write_plan(tmp_path, [], name="other")
    with pytest.raises(InputError, match="holds 2 manifests of exports"):
        read_plan(tmp_path)
    (tmp_path / "x.manifest.json").write_text("[]")
    with pytest.raises(InputError, match="not the manifest of an export"):
        read_plan(tmp_path / "x.manifest.json")

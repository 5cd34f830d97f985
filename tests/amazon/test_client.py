import itertools
import random
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.amazon.client import ATTEMPTS, _retry_after
from admatch.amazon.failures import AmazonError, Declined, Throttled, Unsure
from admatch.amazon.profiles import find_profile, list_profiles
from admatch.amazon.regions import Endpoints, find_region
from admatch.amazon.resources import find_resource, resources
from admatch.amazon.versions import ApiVersion
from admatch.errors import InputError
from admatch.reports.account.records import Entity

from .fake import ROWS, FakeAds
from .scenario import client_of, shop
from .times import FakeClock


class Script:
    """Faults in a given order, then none."""

    def __init__(self, *faults):
        self.faults = list(faults)

    def draw(self, kind):
        return self.faults.pop(0) if self.faults and kind != "token" else None


def test_profiles(client):
    [profile] = list_profiles(client)

    assert str(profile) == "4711000000000001 (US, Fake shop)"
    assert find_profile(client) == profile


def test_an_unknown_profile_names_those_that_are_open(client, ads):
    ads.profiles[0]["profileId"] = 5
    with pytest.raises(AmazonError, match=r"in this region they open: 5 \(US, Fake"):
        find_profile(client)


def test_british_profiles_are_called_as_in_bulk_files(client, ads):
    ads.profiles[0]["countryCode"] = "GB"

    assert list_profiles(client)[0].country == "UK"


def test_regions():
    assert find_region("eu").api == "https://advertising-api-eu.amazon.com"
    with pytest.raises(InputError, match="'US' is not a region; choose NA"):
        find_region("US")


def test_a_token_is_used_until_it_ends(client, ads):
    for _ in range(3):
        list_profiles(client)
    assert tokens_asked(ads) == 1
    ads.clock.moment += 3600 - 59
    list_profiles(client)
    assert tokens_asked(ads) == 2


def test_a_token_that_was_revoked_is_renewed(client, ads):
    list_profiles(client)
    ads.tokens.clear()
    list_profiles(client)

    assert tokens_asked(ads) == 2


def tokens_asked(ads):
    return ads.requests.count(("POST", "/auth/o2/token"))


@pytest.mark.parametrize("fault", ["throttled", "throttled-date", "error-before", "reset-before",
                                   "reset-after", "garbled-after"])  # fmt: skip
def test_a_reading_is_asked_again(client, ads, fault):
    ads.faults = Script(*[fault] * (ATTEMPTS - 1))

    assert list_profiles(client)
    assert len(ads.clock.slept) == ATTEMPTS - 1


def test_it_waits_as_long_as_amazon_says(client, ads):
    ads.faults = Script("throttled-date")
    list_profiles(client)

    assert ads.clock.slept == [pytest.approx(7, abs=1)]


def test_it_gives_up(client, ads):
    ads.faults = Script(*["throttled"] * ATTEMPTS)
    with pytest.raises(Throttled, match=r"in 8 attempts \(it throttles the requests\)"):
        list_profiles(client)


def test_a_change_is_sent_again_only_where_nothing_was_done(server, ads):
    here = shop(ads)[0]
    resource = find_resource(Entity.NEGATIVE_KEYWORD, ApiVersion.V3)
    row = {"campaignId": here.campaign_id, "adGroupId": here.ad_group_id, "state": "ENABLED",
           "keywordText": "x", "matchType": "NEGATIVE_EXACT"}  # fmt: skip
    body = {"negativeKeywords": [row]}
    with client_of(server, rng=random.Random(0)) as client:
        ads.faults = Script("throttled", "unauthorized")
        assert client.send("POST", "/sp/negativeKeywords", body, resource.media).status == 207
        for fault in ("error-before", "error-after", "reset-before", "reset-after", "late"):
            ads.faults = Script(fault)
            with pytest.raises(Unsure):
                client.send("POST", "/sp/negativeKeywords", body, resource.media)
        with pytest.raises(Declined) as caught:
            client.send("POST", "/sp/negativeKeywords", body, "application/json")
    assert caught.value.status == 415


def test_nobody_there(server, ads):
    clock = FakeClock()
    with client_of(server, clock=clock, rng=random.Random(0)) as client:
        client.endpoints = Endpoints("http://127.0.0.1:9", server.address)
        with pytest.raises(AmazonError, match="no connection"):
            client.send("POST", "/sp/keywords", {}, "application/json")
    assert sum(clock.slept) > 60


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("nan", None), ("-nan", None), ("inf", 3600), ("-inf", 0),
     ("5", 5), ("0.5", 0.5), ("-3", 0), ("999999", 3600), ("", None), ("soon", None),
     (formatdate(1_000_030, usegmt=True), 30), (formatdate(900_000, usegmt=True), 0)],
)  # fmt: skip
def test_retry_after(value, seconds):
    assert _retry_after({"Retry-After": value}, 1_000_000.0) == seconds


@given(st.text() | st.from_regex(r"\w{3}, \d{1,3} \w{3} \d{1,9} \d\d:\d\d:\d\d \w{3}"))
def test_any_retry_after_is_a_wait_or_none(value):
    seconds = _retry_after({"Retry-After": value}, 1_000_000.0)
    assert seconds is None or 0 <= seconds <= 3600


@pytest.mark.parametrize("value", ["nan", "inf", "Mon, 01 Jan 99999 00:00:00 GMT"])
def test_a_senseless_retry_after_is_waited_over(client, ads, monkeypatch, value):
    from . import server

    answer = server._json(429, {}, {"Retry-After": value})
    monkeypatch.setitem(server._BEFORE, "throttled", lambda *_: answer)
    ads.faults = Script("throttled")

    assert list_profiles(client)
    assert 0 < ads.clock.slept[0] <= 3600


@pytest.mark.parametrize("life", ["nan", float("inf"), float("nan")])
def test_a_token_that_never_expires_is_renewed_after_an_hour(client, ads, life):
    ads.token_life = life
    ads.new_token = lambda: _valid(ads)
    list_profiles(client)
    ads.clock.moment += 3600
    list_profiles(client)

    assert tokens_asked(ads) == 2


def _valid(ads):
    ads.tokens["Atza|x"] = float("inf")
    return "Atza|x"


def test_resources_are_named_as_the_fake_has_them():
    """Both lists were written from Amazon's pages, each for itself."""
    own = {
        one.path: (one.rows, one.ids[0], one.filter, one.media) for one in resources(ApiVersion.V3)
    }

    assert own == {
        path: (rows, name, id_filter, f"application/vnd.{media}.v3+json")
        for path, (rows, name, id_filter, media) in ROWS.items()
    }


def test_pages_are_followed(server):
    ads = server.serve(FakeAds(FakeClock()))
    shop(ads, keywords=7)
    ads.page = 3
    with client_of(server) as client:
        listed = list(find_resource(Entity.KEYWORD, ApiVersion.V3).listed(client))
        ids = [row["keywordId"] for row in listed]
        again = list(find_resource(Entity.KEYWORD, ApiVersion.V3).by_id(client, ids[:4]))

    assert len(listed) == 7
    assert again == listed[:4]


def endless(ads, tokens, rows):
    """Make the account's lists of keywords go on with these tokens, each page with its rows."""
    ads.listed = lambda path, body, stale=False: {
        "keywords": [{"keywordId": one} for one in rows()], "nextToken": next(tokens),
    }  # fmt: skip


@pytest.mark.parametrize("rows", [list, lambda: ["1", "2"]])
@pytest.mark.parametrize("tokens", [itertools.repeat("again"), itertools.count(1)])
def test_a_list_without_an_end_is_given_up(client, ads, tokens, rows):
    endless(ads, tokens, rows)
    with pytest.raises(AmazonError, match="list of keywords does not end"):
        list(find_resource(Entity.KEYWORD, ApiVersion.V3).listed(client))
    assert len(ads.requests) < 30


def test_a_list_that_brings_ever_new_rows_ends_at_last(client, ads, monkeypatch):
    monkeypatch.setattr("admatch.amazon.resources._MOST_PAGES", 50)
    numbers = itertools.count(1)
    endless(ads, itertools.count(1), lambda: [str(next(numbers))])
    with pytest.raises(AmazonError, match="list of keywords does not end"):
        list(find_resource(Entity.KEYWORD, ApiVersion.V3).listed(client))


def test_empty_pages_within_a_list_are_passed_over(client, ads):
    pages = iter([[], ["1"], [], [], ["2"], []])
    tokens = iter(["a", "b", "c", "d", "e", None])
    endless(ads, tokens, lambda: next(pages))

    assert len(list(find_resource(Entity.KEYWORD, ApiVersion.V3).listed(client))) == 2


def test_reports_come_over_tls_only(client):
    client.endpoints = find_region("NA")
    with pytest.raises(AmazonError, match="not https"):
        client.download("http://evil.example/report")

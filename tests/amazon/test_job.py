from dataclasses import replace

import pytest

from admatch.amazon.allow import kind_of, select
from admatch.amazon.job import Allowance, AmazonJob, Kind, read_amazon_job
from admatch.amazon.plan import Step
from admatch.amazon.versions import ApiVersion
from admatch.errors import InputError
from admatch.impact.changes import Change, Operation, Place
from admatch.reports.account.records import Entity, MatchType

from .fake import PROFILE
from .scenario import undone, write_plan

TEXT = f"""
[catalog]
file = "catalog.csv"

[amazon]
region = "NA"
profile = "{PROFILE}"
credentials = "ads.toml"

[amazon.allow]
profiles = ["{PROFILE}"]
kinds = ["negative-keyword", "bid-down"]
most_changes = 20
most_money = 5
"""
HERE = Place("Hoses", "All", "1", "2")
WHOLE = Place("Hoses", None, "1")
EVERY = {
    Kind.NEGATIVE_KEYWORD: Change.negative_keyword("a", MatchType.NEGATIVE_EXACT, WHOLE),
    Kind.NEGATIVE_PRODUCT: Change.negative_product("B0A", HERE),
    Kind.KEYWORD: Change.keyword("a", MatchType.EXACT, HERE, 0.5),
    Kind.PRODUCT_TARGET: Change(Operation.CREATE, Entity.PRODUCT_TARGETING, HERE, 'asin="B"',
                                bid=0.25),
    Kind.BID_UP: Change(Operation.UPDATE, Entity.KEYWORD, HERE, "b", MatchType.BROAD, 0.8, "3",
                        0.6),
    Kind.BID_DOWN: Change(Operation.UPDATE, Entity.KEYWORD, HERE, "b", MatchType.BROAD, 0.4, "4",
                          0.6),
    Kind.PAUSE: Change.pause("b", HERE, MatchType.BROAD),
    Kind.ARCHIVE: Change.archive(Entity.KEYWORD, "c", HERE, MatchType.BROAD),
}  # fmt: skip


def job(kinds=tuple(Kind), changes=100, money=100.0, profiles=(PROFILE,)):
    allow = Allowance(frozenset(profiles), frozenset(kinds), changes, money)
    return AmazonJob("NA", PROFILE, None, allow)


@pytest.fixture
def plan(tmp_path):
    return write_plan(tmp_path, list(EVERY.values()))


def test_a_job_is_read(tmp_path):
    path = tmp_path / "job.toml"
    path.write_text(TEXT)

    assert read_amazon_job(path) == AmazonJob(
        "NA", PROFILE, tmp_path / "ads.toml",
        Allowance(frozenset({PROFILE}), frozenset({Kind.NEGATIVE_KEYWORD, Kind.BID_DOWN}), 20, 5.0),
    )  # fmt: skip


def test_the_version_of_the_api_is_the_jobs(tmp_path):
    path = tmp_path / "job.toml"
    path.write_text(TEXT.replace("[amazon.allow]", 'api = "v1"\n[amazon.allow]'))

    assert read_amazon_job(path).api is ApiVersion.V1
    assert AmazonJob("NA", PROFILE).api is ApiVersion.V3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[amazon]", "[other]", "region is missing"),
        (TEXT, "a = 1", "there is no table"),
        ("most_money = 5", "", r"job.toml, \[amazon\], allow: most_money is missing"),
        ("most_money", "money = 1\nmost_money", "'money' is not known; did you mean most_money"),
        ("[amazon.allow]", 'api = "v2"\n[amazon.allow]', "api is 'v2'; write one of v3, v1"),
        ("[amazon.allow]", "api = 1\n[amazon.allow]", "api must be a text in quotes, not 1"),
        ('"bid-down"', '"bids"', "'bids' is not a kind of change; choose from negative-keyword"),
        ("most_money = 5", "most_money = nan", "most_money is nan, which limits nothing"),
        ("most_money = 5", "most_money = inf", "most_money is inf, which limits nothing"),
        ("most_money = 5", "most_money = -1", "most_money is -1, which limits nothing"),
        ("most_changes = 20", "most_changes = -1", "most_changes is -1, which limits nothing"),
        (
            "most_changes = 20",
            "most_changes = true",
            "must be a whole number, not True",
        ),
        (f'["{PROFILE}"]', f"[{PROFILE}]", "profiles have to be texts"),
        ("[amazon]", "[amazon", "this is not valid TOML"),
    ],
)
def test_a_job_that_cannot_be_used(tmp_path, old, new, message):
    path = tmp_path / "job.toml"
    path.write_text(TEXT.replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        read_amazon_job(path)


@pytest.mark.parametrize("kind", Kind)
def test_kinds(kind):
    assert kind_of(Step(2, EVERY[kind], undone(EVERY[kind]))) is kind


def test_a_bid_is_up_or_down_from_the_default_where_it_had_none_of_its_own():
    change = Change(Operation.UPDATE, Entity.KEYWORD, HERE, "b", MatchType.BROAD, 0.8, "3", None)
    default = Change(Operation.UPDATE, Entity.KEYWORD, HERE, "b", MatchType.BROAD, 0.9, "3", 0.8)

    assert kind_of(Step(2, change, default)) is Kind.BID_DOWN


def test_only_kinds_that_are_allowed(plan):
    selection = select(plan, job([Kind.KEYWORD, Kind.BID_DOWN]))

    assert [kind_of(step) for step in selection.steps] == [Kind.KEYWORD, Kind.BID_DOWN]
    assert len(selection.left_out) == 6


def test_money_at_stake(plan):
    """A new keyword of 0.50, a new target of 0.25, and a bid that rises by 0.20."""
    assert select(plan, job()).money == 0.95
    assert select(plan, job(money=0.95)).steps
    with pytest.raises(InputError, match=r"puts \$0\.95 at stake, and the job allows \$0\.94"):
        select(plan, job(money=0.94))


def test_more_changes_than_allowed(plan):
    assert len(select(plan, job(changes=8)).steps) == 8
    with pytest.raises(InputError, match="has 8 changes, and the job allows 7"):
        select(plan, job(changes=7))


def test_what_the_job_leaves_out_does_not_count(plan):
    kinds = [Kind.NEGATIVE_KEYWORD]

    assert len(select(plan, job(kinds, changes=1, money=0)).steps) == 1


def test_another_profile(plan):
    with pytest.raises(InputError, match=f"does not allow changes in profile {PROFILE}"):
        select(plan, job(profiles=["1"]))


def test_without_a_list_nothing_is_allowed(plan):
    with pytest.raises(InputError, match="the job allows no changes"):
        select(plan, AmazonJob("NA", PROFILE))


def test_a_new_keyword_without_a_bid(tmp_path):
    plan = write_plan(tmp_path, [Change.keyword("a", MatchType.EXACT, HERE)])
    with pytest.raises(InputError, match="the new keyword 'a' has no bid"):
        select(plan, job())


@pytest.mark.parametrize("bid", [float("nan"), float("inf"), -1000.0, 0.0])
@pytest.mark.parametrize("kind", [Kind.KEYWORD, Kind.PRODUCT_TARGET, Kind.BID_UP, Kind.BID_DOWN])
def test_a_bid_that_is_no_amount_slips_under_no_limit(tmp_path, bid, kind):
    """NaN is not greater than any limit, and a negative bid lowers the sum."""
    dear = Change.keyword("dear", MatchType.EXACT, HERE, 99.0)
    plan = write_plan(tmp_path, [dear, replace(EVERY[kind], bid=bid)])
    with pytest.raises(InputError, match=r"row 3: the bid of '.*' is .*, not an amount above 0"):
        select(plan, job(money=100.0))


@pytest.mark.parametrize("before", [float("nan"), float("-inf"), -5.0])
def test_nor_does_a_former_bid(tmp_path, before):
    plan = write_plan(tmp_path, [replace(EVERY[Kind.BID_UP], before=before)])
    with pytest.raises(InputError, match="row 2: the bid of 'b' is"):
        select(plan, job())


def test_a_limit_that_is_not_a_number_allows_nothing(plan):
    with pytest.raises(InputError, match="at stake, and the job allows"):
        select(plan, job(money=float("nan")))

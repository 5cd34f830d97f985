"""fetch, apply and rollback as they are typed."""

import pytest
from typer.testing import CliRunner

from admatch.amazon import client as client_module
from admatch.amazon.versions import ApiVersion
from admatch.cli.main import app
from admatch.impact.changes import Change, Place
from admatch.reports.account.reader import read_account
from admatch.reports.account.records import Entity, MatchType

from .fake import CLIENT_SECRET, PROFILE, REFRESH_TOKEN
from .scenario import shop, write_plan
from .test_credentials import ENVIRONMENT
from .test_job import TEXT


@pytest.fixture(params=ApiVersion)
def version(request):
    return request.param


@pytest.fixture
def run(server, ads, tmp_path, monkeypatch, version):
    """Run a verb against the fake, in its time, with credentials in the environment."""
    from admatch.amazon.regions import Endpoints

    here = Endpoints(server.address, f"{server.address}/auth/o2/token")
    monkeypatch.setattr("admatch.amazon.open.find_region", lambda code: here)
    monkeypatch.setattr(client_module, "SystemClock", lambda: ads.clock)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "job.toml").write_text(
        TEXT.replace('credentials = "ads.toml"', f'api = "{version}"')
    )

    def typed(*words):
        done = CliRunner().invoke(app, [str(word) for word in words])
        for secret in (CLIENT_SECRET, REFRESH_TOKEN):
            assert secret not in done.output
        return done

    return typed


@pytest.fixture
def advice(ads, tmp_path):
    """A run with two negatives, a keyword and the job that allows the negatives."""
    here, auto = shop(ads)
    whole = Place("Discovery", None, auto.campaign_id)
    changes = [
        Change.negative_keyword("[bold]reel", MatchType.NEGATIVE_EXACT, auto),
        Change.negative_keyword("cheap", MatchType.NEGATIVE_PHRASE, whole),
        Change.keyword("hose 50 ft", MatchType.EXACT, here, 0.5),
    ]
    write_plan(tmp_path / "advice", changes)
    return tmp_path / "advice"


def test_apply_only_says_what_it_would_do(run, ads, advice, tmp_path):
    done = run("apply", advice, "--job", tmp_path / "job.toml")

    assert done.exit_code == 0, done.output
    assert "[bold]reel" in done.stdout
    assert "changes: 2" in done.stdout
    assert "at stake: $0.00" in done.stdout
    assert "not allowed by the job, so left out: 1 (keyword)" in done.stderr
    assert "nothing was sent to Amazon; add --apply" in done.stderr
    assert not ads.requests
    assert [path.name for path in advice.iterdir()] == ["changes.manifest.json"]


def test_apply_and_rollback(run, ads, advice, tmp_path):
    before = ads.living()
    done = run("apply", advice, "--job", tmp_path / "job.toml", "--apply")

    assert done.exit_code == 0, done.output
    assert "applied: 2" in done.stdout
    assert sum(ads.effects.values()) == 2
    again = run("apply", advice, "--job", tmp_path / "job.toml", "--apply")
    assert "applied: 2" in again.stdout
    assert sum(ads.effects.values()) == 2

    asked = len(ads.requests)
    shown = run("rollback", advice, "--job", tmp_path / "job.toml")
    assert "changes: 2" in shown.stdout
    assert len(ads.requests) == asked
    undone = run("rollback", advice, "--job", tmp_path / "job.toml", "--apply")
    assert undone.exit_code == 0, undone.output
    assert ads.living() == before


def test_a_change_that_was_not_made_ends_with_1(run, ads, advice, tmp_path, version):
    group = next(iter(ads.now_there("negativeKeywords").values()))["adGroupId"]
    place = Place("Hoses", "Hoses all", "1", group)
    changes = [Change.negative_keyword("refused", MatchType.NEGATIVE_EXACT, place)]
    write_plan(tmp_path / "other", changes)
    done = run("apply", tmp_path / "other", "--job", tmp_path / "job.toml", "--apply")

    assert done.exit_code == 1
    assert "refused: 1" in done.stdout
    code = {ApiVersion.V3: "malformedValueError", ApiVersion.V1: "FIELD_VALUE_IS_INVALID"}[version]
    assert f"row 2 refused: {code}: Keyword text is not allowed" in done.stderr


def test_more_than_the_job_allows_sends_nothing(run, ads, advice, tmp_path):
    job = tmp_path / "job.toml"
    job.write_text(job.read_text().replace("most_changes = 20", "most_changes = 1"))
    done = run("apply", advice, "--job", job, "--apply")

    assert done.exit_code == 1
    assert "the plan has 2 changes, and the job allows 1" in done.stderr
    assert not ads.requests


def test_rollback_needs_the_profile_allowed(run, ads, advice, tmp_path):
    job = tmp_path / "job.toml"
    job.write_text(job.read_text().replace(f'profiles = ["{PROFILE}"]', "profiles = []"))
    done = run("rollback", advice, "--job", job, "--apply")

    assert done.exit_code == 1
    assert "does not allow changes in profile" in done.stderr


def test_credentials_that_are_missing(run, ads, advice, tmp_path, monkeypatch):
    monkeypatch.delenv("ADMATCH_ADS_REFRESH_TOKEN")
    done = run("apply", advice, "--job", tmp_path / "job.toml", "--apply")

    assert done.exit_code == 1
    assert "ADMATCH_ADS_REFRESH_TOKEN is not set in the environment" in done.stderr


def test_fetch(run, ads, tmp_path):
    shop(ads)
    words = ("--from", "2026-09-01", "--as-of", "2026-09-20", "--report", "sp-search-terms")
    done = run("fetch", tmp_path / "job.toml", "--out", tmp_path / "amazon", *words)

    assert done.exit_code == 0, done.output
    assert [path.name for path in sorted((tmp_path / "amazon").iterdir())] == [
        "account.json", "requests.jsonl", "sp-search-terms_2026-09.json.gz",
    ]  # fmt: skip
    account = read_account(tmp_path / "amazon" / "account.json")
    assert len(account.only(Entity.BIDDING_ADJUSTMENT)) == 6  # percentages of placements
    assert len(account) == 13 + 6


def test_fetch_tells_what_amazon_does_not_give(run, ads, tmp_path):
    ads.refused_days = ("2026-08-01",)
    words = ("--from", "2026-08-10", "--as-of", "2026-09-20", "--report", "sp-search-terms")
    done = run("fetch", tmp_path / "job.toml", "--out", tmp_path / "amazon", *words)

    assert done.exit_code == 1
    assert "sp-search-terms_2026-08.json.gz: Amazon refuses this report" in done.stderr
    assert "sp-search-terms_2026-09.json.gz" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--from", "1.9.2026"), "'1.9.2026' is not a date; write one like 2026-01-31"),
        (
            ("--from", "2026-09-02", "--to", "2026-09-01"),
            "there is no day from 2026-09-02 to 2026-09-01",
        ),
        (("--report", "x"), "'x' is not a report that can be fetched"),
    ],
)
def test_fetch_with_words_that_cannot_be_used(run, ads, tmp_path, words, message):
    done = run("fetch", tmp_path / "job.toml", "--out", tmp_path / "amazon", *words)

    assert done.exit_code == 1
    assert message in done.stderr
    assert not ads.requests

import gzip
import json
from datetime import date

import pytest

import admatch as am
from admatch.amazon.failures import AmazonError
from admatch.amazon.journal import read_journal
from admatch.amazon.report_kinds import Span, find_report_kinds, report_kinds
from admatch.amazon.reporting import JOURNAL, fetch_reports
from admatch.amazon.versions import ApiVersion
from admatch.errors import InputError
from admatch.reports.account.reader import read_account
from admatch.reports.account.records import Entity
from admatch.reports.insights.records import InsightKind

from .test_client import Script

V3 = pytest.mark.parametrize("version", [ApiVersion.V3])
TODAY = date(2026, 9, 20)
SPAN = Span(date(2026, 8, 1), date(2026, 9, 19))
TERMS = find_report_kinds(["sp-search-terms"])


@pytest.fixture(params=ApiVersion)
def version(request):
    return request.param


def fetch(client, folder, kinds=TERMS, span=SPAN, as_of=TODAY):
    return fetch_reports(client, kinds, span, folder, as_of=as_of)


def test_search_terms_are_read_by_read_report(client, ads, tmp_path, version):
    done = fetch(client, tmp_path)
    report = am.read_report(done.files)

    assert [path.name for path in done.files] == [
        "sp-search-terms_2026-08.json.gz", "sp-search-terms_2026-09.json.gz",
    ]  # fmt: skip
    assert report.frame["search_term"].to_list() == ["green hose", "hose reel"] * 2
    assert report.frame["spend"].sum() == 22.0
    assert report.frame["currency"].unique().to_list() == ["USD"]
    assert [one.what.id for one in report.problems] == {
        ApiVersion.V3: [], ApiVersion.V1: ["reports.columns.clicked_only"] * 2,
    }[version]  # fmt: skip


@pytest.mark.parametrize("name", ["sp-search-terms", "sb-search-terms"])
def test_every_kind_of_search_terms_is_known(client, ads, tmp_path, name):
    done = fetch(client, tmp_path, find_report_kinds([name]))

    assert len(am.read_report(done.files)) == 4


@pytest.mark.parametrize(
    ("name", "entity"),
    [
        ("sp-targeting", Entity.KEYWORD),
        ("sp-advertised-products", Entity.PRODUCT_AD),
        ("sp-campaigns", Entity.CAMPAIGN),
    ],
)
def test_the_other_reports_are_read_by_read_account(client, ads, tmp_path, name, entity):
    ads.report_rows = lambda configuration, day: one_row(configuration, day)
    done = fetch(client, tmp_path, find_report_kinds([name]))
    account = read_account(done.files)

    assert account.only(entity)["spend"].to_list() == [5.5, 5.5]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sp-purchased-products", InsightKind.PURCHASED_PRODUCTS),
        ("sp-placements", InsightKind.PLACEMENTS),
        ("sp-campaigns", InsightKind.CAMPAIGN_DAYS),
    ],
)
def test_insights_are_read_by_read_insights(client, ads, tmp_path, name, kind):
    ads.report_rows = lambda configuration, day: one_row(configuration, day)
    done = fetch(client, tmp_path, find_report_kinds([name]))
    found = am.read_insights(done.files).of(kind)

    assert found["campaign"].null_count() == 0
    assert found["currency"].unique().to_list() == ["USD"]
    assert found["sales"].sum() > 0
    for one in ads.reports.values():
        asked = one["configuration"]["groupBy"]
        groups = {"sp-placements": ["campaign", "campaignPlacement"], "sp-campaigns": ["campaign"]}
        assert asked == groups.get(name, ["asin"])


def one_row(configuration, day):
    from .fake import report_rows

    return report_rows(configuration, day)[:1]


@V3
def test_what_is_asked_for(client, ads, tmp_path):
    fetch(client, tmp_path)

    asked = [one for one in ads.reports.values()]
    assert [(one["startDate"], one["endDate"]) for one in asked] == [
        ("2026-08-01", "2026-08-31"), ("2026-09-01", "2026-09-19"),
    ]  # fmt: skip
    assert asked[0]["configuration"]["timeUnit"] == "DAILY"
    assert "searchTerm" in asked[0]["configuration"]["columns"]


def test_the_same_day_again_asks_for_nothing(client, ads, tmp_path):
    first = fetch(client, tmp_path)
    count = len(ads.requests)

    assert fetch(client, tmp_path) == first
    assert len(ads.requests) == count


def test_the_next_day_replaces_what_was_restated(client, ads, tmp_path):
    fetch(client, tmp_path)
    rows_of = ads.report_rows
    ads.report_rows = lambda *of: [row | {"cost": 9} for row in rows_of(*of)]
    ads.reports.clear()
    later = fetch(client, tmp_path, as_of=date(2026, 9, 21), span=Span(SPAN.first, TODAY))

    assert len(later.files) == 2
    assert am.read_report(later.files[:1]).frame["spend"].to_list() == [9, 9]
    assert {days: count for (days, _), count in ads.asked.items()}["2026-08-01"] == 2


def test_a_file_that_was_changed_is_fetched_anew_but_not_asked_for(client, ads, tmp_path):
    path = fetch(client, tmp_path).files[0]
    content = path.read_bytes()
    path.write_bytes(b"half")

    assert fetch(client, tmp_path).files[0].read_bytes() == content
    assert sum(ads.asked.values()) == 2


def test_a_stop_while_waiting_asks_for_nothing_twice(client, ads, tmp_path, monkeypatch):
    def stop(seconds):
        raise KeyboardInterrupt

    ads.pending = 9
    ads.rng.randint = lambda low, high: high
    monkeypatch.setattr(ads.clock, "sleep", stop)
    with pytest.raises(KeyboardInterrupt):
        fetch(client, tmp_path)
    monkeypatch.undo()

    assert len(fetch(client, tmp_path).files) == 2
    assert sum(ads.asked.values()) == 2
    assert [one["kind"] for one in read_journal(tmp_path / JOURNAL)].count("asked") == 2


def test_after_a_stop_reports_of_one_type_are_told_apart(client, ads, tmp_path, monkeypatch):
    """Placements and campaigns are of one type in v3; each file has its own columns."""

    def stop(seconds):
        raise KeyboardInterrupt

    kinds = find_report_kinds(["sp-placements", "sp-campaigns"])
    ads.pending = 9
    ads.rng.randint = lambda low, high: high
    monkeypatch.setattr(ads.clock, "sleep", stop)
    with pytest.raises(KeyboardInterrupt):
        fetch(client, tmp_path, kinds)
    monkeypatch.undo()

    files = {path.name: path for path in fetch(client, tmp_path, kinds).files}
    for name, path in files.items():
        columns = json.loads(gzip.decompress(path.read_bytes()))[0]
        placed = any("placement" in column for column in columns)
        assert placed == name.startswith("sp-placements"), name


def test_it_waits_longer_and_longer(client, ads, tmp_path):
    ads.rng.randint = lambda low, high: 8
    fetch(client, tmp_path, span=Span(TODAY, TODAY), as_of=date(2026, 9, 21))

    assert ads.clock.slept[:4] == [5.0, 7.5, 11.25, 16.875]


def test_it_does_not_wait_for_ever(client, ads, tmp_path):
    ads.rng.randint = lambda low, high: 10**6
    with pytest.raises(AmazonError, match=r"sp-search-terms_2026-08\.json\.gz in 4 hours"):
        fetch(client, tmp_path)


@V3
def test_a_duplicate_of_another_content_is_not_taken(client, ads, tmp_path):
    """Amazon was seen to name a summary as the duplicate of a daily report."""
    ask, refused = ads.ask_report, []

    def mistaken(body):
        status, report = ask(body)
        if status == 200 and not refused:
            refused.append(report["reportId"])
            report["configuration"] = report["configuration"] | {"timeUnit": "SUMMARY"}
            return 425, {"code": "425", "detail": f"The Request is a duplicate of : {refused[0]}"}
        return status, report

    ads.ask_report = mistaken
    fetch(client, tmp_path)

    taken = [one["report"] for one in read_journal(tmp_path / JOURNAL) if one["kind"] == "asked"]
    assert refused[0] not in taken


def test_days_that_amazon_does_not_give_are_told(client, ads, tmp_path):
    ads.refused_days = ("2026-08-01",)
    done = fetch(client, tmp_path)

    assert done.refused == (
        "sp-search-terms_2026-08.json.gz: Amazon refuses this report: startDate is out of the "
        "retention period",
    )
    assert [path.name for path in done.files] == ["sp-search-terms_2026-09.json.gz"]


def test_a_month_that_amazon_has_lost_the_first_days_of_is_left_alone(client, ads, tmp_path):
    old = tmp_path / "sp-search-terms_2026-06.json.gz"
    old.write_bytes(b"the whole month")
    fetch(client, tmp_path, span=Span(date(2026, 6, 1), TODAY))

    assert old.read_bytes() == b"the whole month"


@pytest.mark.parametrize("fault", ["expired", "truncated", "reset-after", "error-before"])
def test_a_download_that_fails_is_made_again(client, ads, tmp_path, fault):
    class Downloads:
        left = 3

        def draw(self, kind):
            if kind != "download" or not self.left:
                return None
            self.left -= 1
            return fault

    ads.faults = Downloads()
    assert len(am.read_report(fetch(client, tmp_path).files)) == 4


def test_a_report_that_failed_is_asked_for_again(client, ads, tmp_path, version):
    requests = {ApiVersion.V3: 2, ApiVersion.V1: 4}[version]  # v1: two pages of accounts before
    ads.faults = Script(*[None] * requests, "failed")

    assert len(fetch(client, tmp_path).files) == 2
    assert sum(ads.asked.values()) == 3


def test_what_amazon_keeps():
    assert {one.name: one.history for one in report_kinds()} == {
        "sp-search-terms": 95, "sb-search-terms": 60, "sp-targeting": 95,
        "sp-advertised-products": 95, "sp-purchased-products": 95, "sp-placements": 95,
        "sp-campaigns": 95,
    }  # fmt: skip
    [kind] = TERMS
    assert kind.available(Span(date(2026, 1, 1), TODAY), TODAY) == Span(
        date(2026, 6, 17), date(2026, 9, 19)
    )
    assert kind.available(Span(date(2026, 1, 1), date(2026, 2, 1)), TODAY) is None


def test_no_request_takes_more_than_31_days():
    months = list(Span(date(2025, 12, 5), date(2026, 3, 1)).months())

    assert [(str(one)) for one in months] == [
        "2025-12-05 to 2025-12-31", "2026-01-01 to 2026-01-31", "2026-02-01 to 2026-02-28",
        "2026-03-01 to 2026-03-01",
    ]  # fmt: skip
    assert all((one.last - one.first).days < 31 for one in months)


def test_an_unknown_report():
    with pytest.raises(InputError, match=r"'terms' is not a report .*; choose from sp-"):
        find_report_kinds(["terms"])

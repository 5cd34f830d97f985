"""Keywords in disorder, as the page gets them: those that cost most first, with their money."""

import json

import polars as pl

from admatch.decisions.hygiene import SCHEMA
from admatch.messages import as_json, say
from admatch.web.frame_cache import FrameCache
from admatch.web.keywords import FILE, keyword_page


def row(keyword, issue, spend):
    what = json.dumps(
        as_json(say("decisions.hygiene.blocked", text=keyword, kind="exact", negative="hose"))
    )
    known = {"issue": issue, "campaign": "C", "ad_group": "G", "keyword": keyword,
             "match_type": "exact", "target_id": keyword, "spend": spend,
             "what_message": what}  # fmt: skip
    return dict.fromkeys(SCHEMA) | known


def test_those_that_cost_most_come_first_and_count_once(tmp_path):
    rows = [
        row("oat", "blocked", 2.0),
        row("milk", "duplicate", 7.5),
        row("milk", "competing", 7.5),
        row("tea", "never-serves", None),
    ]
    pl.DataFrame(rows, schema=SCHEMA).write_parquet(tmp_path / FILE)
    found = keyword_page(FrameCache(), tmp_path, 1, 3)
    assert (found["total"], found["spend"]) == (4, 9.5)  # milk counts once
    assert [one["keyword"] for one in found["items"]] == ["milk", "milk", "oat"]
    assert found["items"][0]["what"]["id"] == "decisions.hygiene.blocked"
    issues = {one["issue"]: (one["keywords"], one["spend"]) for one in found["issues"]}
    assert issues["never-serves"] == (1, None)
    assert issues["duplicate"] == (1, 7.5)
    assert [one["keyword"] for one in keyword_page(FrameCache(), tmp_path, 2, 3)["items"]] == [
        "tea"
    ]


def test_without_a_bulk_file_there_are_none(tmp_path):
    assert keyword_page(FrameCache(), tmp_path, 1, 50)["total"] == 0


def test_they_are_offered(served, sample):
    assert served.get(f"{sample.path}/keywords").json()["items"] == []  # the sample's are tidy
    names = {one["name"] for one in served.get(f"{sample.path}/downloads").json()}
    assert "hygiene.csv" in names
    assert served.get(f"{sample.path}/downloads/hygiene.csv").text.startswith("\ufeffissue,")

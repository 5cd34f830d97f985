"""What files do not say themselves: their days, their columns, which clicks count twice."""

import json

import openpyxl
import pytest

from admatch.web.work.file_names import days_in
from tests.web.conftest import report_csv, text
from tests.web.files import zipped
from tests.web.test_uploads import read

NAMED = "bulk-a1b2-20250501-20250530-1700000000000.xlsx"
UNDATED = b"What they typed,Clicks,Paid,Campaign Name\noat milk,40,20.50,All\nhose,30,9.00,All\n"
TAB = (
    "Product", "Campaign ID", "Ad Group ID", "Keyword ID", "Campaign Name (Informational only)",
    "Ad Group Name (Informational only)", "Keyword Text", "Match Type", "Customer Search Term",
    "Impressions", "Clicks", "Spend", "Sales", "Orders", "Units",
)  # fmt: skip
KEYWORD = {
    "Product": "Sponsored Products", "Entity": "Keyword", "Operation": "", "Campaign ID": "1",
    "Ad Group ID": "2", "Keyword ID": "3", "Campaign Name (Informational only)": "All",
    "Ad Group Name (Informational only)": "Group", "State": "enabled", "Bid": 0.5,
    "Keyword Text": "oat", "Match Type": "broad",
}  # fmt: skip


@pytest.fixture
def bulk(tmp_path):
    """A bulk file with a tab of search terms, whose days stand in its name alone."""
    book = openpyxl.Workbook()
    campaigns = book.active
    campaigns.title = "Sponsored Products Campaigns"
    campaigns.append(list(KEYWORD))
    campaigns.append(list(KEYWORD.values()))
    terms = book.create_sheet("SP Search Term Report")
    terms.append(TAB)
    terms.append(["Sponsored Products", "1", "2", "3", "All", "Group", "oat", "broad", "oat drink",
                  300, 20, 8.5, 40.0, 4, 4])  # fmt: skip
    path = tmp_path / "bulk.xlsx"
    book.save(path)
    return path.read_bytes()


def test_the_days_of_a_bulk_file_are_those_of_its_name(served, bulk):
    for content, name in ((bulk, NAMED), (zipped({NAMED: bulk}), "all.zip")):
        result = read(served, served.upload_report(content, name, currency="USD"))
        assert result["period"] == ["2025-05-01", "2025-05-30"], name
        assert result["files"][0]["kinds"] == ["report", "account"]
    assert days_in("May bulk-x-2025.xlsx") == ""


def test_days_that_no_file_names_can_be_stated(served, bulk):
    first = read(served, served.upload_report(bulk, "renamed.xlsx", currency="USD"))
    assert first["period"] is None
    body = {"of": first["id"], "period": "2025-05-02/2025-05-29"}
    stated = read(served, served.post("/reports", data=body))
    assert stated["period"] == ["2025-05-02", "2025-05-29"]
    assert not any("no dates" in text(one["what"]) for one in stated["problems"])
    kept = read(served, served.post("/reports", data={"of": stated["id"], "currency": "CAD"}))
    assert kept["period"] == stated["period"]  # with what is said later
    for wrong in ("2025-05-29/2025-05-02", "2025-02-30/2025-03-01", "May"):
        answer = served.post("/reports", data=body | {"period": wrong})
        assert answer.status_code == 422, wrong


def test_terms_of_a_bulk_file_that_count_twice_are_left_out_and_its_keywords_stay(served, bulk):
    for name in ("renamed.xlsx", NAMED.replace("0530", "0612")):
        files = [("files", ("may.csv", report_csv("oat milk"))), ("files", (name, bulk))]
        result = read(served, served.post("/reports", files=files, data={"currency": "USD"}))
        assert result["state"] == "done", result["reason"]
        assert (result["rows"], result["totals"][0]["clicks"]) == (1, 5)
        assert result["account"]["ids"] == 1
        assert any("left out" in text(one["what"]) for one in result["problems"])


def test_columns_of_a_report_can_be_named(served):
    first = read(served, served.upload_report(UNDATED, "odd.csv"))
    assert first["state"] == "failed"
    (file,) = first["files"]
    assert file["known"] == {"clicks": "Clicks", "campaign": "Campaign Name"}
    columns = {file["id"]: {"search_term": "What they typed", "spend": "Paid"}}
    body = {"of": first["id"], "columns": json.dumps(columns), "currency": "USD"}
    named = read(served, served.post("/reports", data=body))
    assert (named["state"], named["rows"], named["window_days"]) == ("done", 2, None)
    assert named["totals"][0]["spend"] == 29.5
    assert "columns that you named" in text(named["files"][0]["what"][0])
    both = [("files", ("may.csv", report_csv("oat milk").replace(b",All,", b",Other,")))]
    body = {"of": named["id"], "period": "2025-05-01/2025-05-30"}
    joined = read(served, served.post("/reports", files=both, data=body))
    assert (joined["rows"], joined["period"]) == (3, ["2025-05-01", "2025-05-30"])


def test_columns_of_a_packed_report_can_be_named(served):
    packed = zipped({"odd.csv": UNDATED, "may.csv": report_csv("oat milk")})
    first = read(served, served.upload_report(packed, "all.zip"))
    assert first["rows"] == 1
    number = next(one["id"] for one in first["files"] if one["headers"])
    columns = {number: {"search_term": "What they typed", "spend": "Paid"}}
    body = {"of": first["id"], "columns": json.dumps(columns), "period": "2025-04-01/2025-04-30"}
    named = read(served, served.post("/reports", data=body))
    assert named["state"] == "done", named["reason"]
    assert named["rows"] == 3


def test_columns_that_hold_something_else_are_refused_beside_the_headers(served):
    first = read(served, served.upload_report(UNDATED, "odd.csv"))
    number = first["files"][0]["id"]
    columns = {number: {"search_term": "Clicks", "clicks": "What they typed", "spend": "Paid"}}
    body = {"of": first["id"], "columns": json.dumps(columns)}
    wrong = read(served, served.post("/reports", data=body))
    assert wrong["state"] == "failed"
    assert wrong["files"][0]["headers"][0] == "What they typed"  # to name them again


def test_an_upload_is_called_by_its_report(served, bulk):
    files = [
        ("files", ("notes.csv", b"a,b\n1,2\n")),
        ("files", (NAMED, bulk)),
        ("files", ("may.csv", report_csv("oat milk"))),
    ]
    result = read(served, served.post("/reports", files=files, data={"currency": "USD"}))
    assert result["name"] == "may.csv + 2"


def test_files_that_do_not_go_together_say_so_and_stay(served):
    first = report_csv("oat milk")
    later = first.replace(b"May 01", b"May 15").replace(b"May 30", b"June 14")
    both = [("files", ("may.csv", first)), ("files", ("june.csv", later))]
    result = read(served, served.post("/reports", files=both))
    assert result["state"] == "failed"
    assert "overlap in part" in text(result["reason"])
    assert [one["usable"] for one in result["files"]] == [True, True]
    number = result["files"][1]["id"]
    kept = read(served, served.post("/reports", data={"of": result["id"], "without": number}))
    assert (kept["state"], [one["name"] for one in kept["files"]]) == ("done", ["may.csv"])

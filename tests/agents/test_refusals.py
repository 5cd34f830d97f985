"""Whatever is asked wrongly is refused in one sentence, and the server goes on."""

import pytest
from mcp.shared.exceptions import MCPError

WRONG = {
    "a file that is none": ("check_report", {"file": "none.csv"}, "there is no file 'none.csv'"),
    "a file outside": ("check_report", {"file": "/etc/passwd"}, "leads out of the folder"),
    "a number for a name": ("check_report", {"file": 3}, "the argument file is wrong"),
    "no file": ("check_report", {}, "the argument file is wrong"),
    "an argument too many": (
        "check_report",
        {"file": "catalog.csv", "target": 1},
        "it has no argument target",
    ),
    "a tool that is none": ("delete_account", {}, "there is no tool 'delete_account'"),
    "a page after the end": (
        "check_report",
        {"file": "search_terms.csv", "offset": 9},
        "offset 9 is after the end",
    ),
    "no products": ("match_terms", {"reports": ["search_terms.csv"]}, "which products"),
    "no reports": ("match_terms", {"reports": [], "catalog": "catalog.csv"}, "reports is wrong"),
    "a catalog for a report": (
        "match_terms",
        {"reports": ["catalog.csv"], "catalog": "catalog.csv"},
        "catalog.csv",
    ),
    "a catalog and an index": (
        "match_terms",
        {"reports": ["search_terms.csv"], "catalog": "catalog.csv", "index": "images"},
        "not both",
    ),
    "a target of 30": (
        "recommend",
        {"reports": ["search_terms.csv"], "catalog": "catalog.csv", "target_acos": 30},
        "30",
    ),
    "an unknown guard-rail": (
        "recommend",
        {
            "reports": ["search_terms.csv"],
            "catalog": "catalog.csv",
            "target_acos": 0.3,
            "guard_rails": {"speed": 1},
        },
        "guard_rails has no 'speed'",
    ),
    "an unknown preset": (
        "recommend",
        {
            "reports": ["search_terms.csv"],
            "catalog": "catalog.csv",
            "target_acos": 0.3,
            "preset": "bold",
        },
        "bold",
    ),
    "no changes": ("what_if", {"reports": ["search_terms.csv"]}, "no change is named"),
    "an ad group alone": (
        "what_if",
        {"reports": ["search_terms.csv"], "negative_exact": ["x"], "ad_group": "y"},
        "name the campaign, too",
    ),
    "a campaign that is none": (
        "phrase_blast_radius",
        {"reports": ["search_terms.csv"], "phrases": ["x"], "campaign": "y\nz"},
        "the report has no campaign 'y z'",
    ),
    "a result that is none": (
        "stage_bulk_file",
        {"result": "recommend-0123456789", "folder": "out"},
        "there is no result 'recommend-0123456789'",
    ),
    "a job that is none": ("history", {"job": "catalog.csv"}, "catalog.csv"),
    "a report of a whole period": (
        "replay",
        {"reports": ["search_terms.csv"], "target_acos": 0.3},
        "daily",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_refusal_is_one_sentence_and_the_server_goes_on(agent, root, case):
    tool, arguments, said = WRONG[case]
    before = sorted(root.rglob("*"))
    assert said in agent.refused(tool, **arguments)
    assert agent.call("check_report", file="search_terms.csv")["usable"]
    assert sorted(root.rglob("*")) == before


def test_a_fault_of_our_own_shows_nothing_of_what_it_happened_in(agent, monkeypatch):
    def fault(*asked, **named):
        raise ZeroDivisionError("secret of a cell")

    monkeypatch.setattr("admatch.pipeline.inspect_file.check_file", fault)
    result = agent.raw("check_report", file="catalog.csv")
    assert result.is_error
    assert result.content[0].text == "Error executing tool check_report"


@pytest.mark.parametrize(
    "uri",
    [
        "admatch://results/none/terms/0",
        "admatch://results/check_report-1/terms/-1",
        "admatch://nothing",
        "file:///etc/passwd",
    ],
)
def test_a_resource_that_is_none_is_refused(agent, uri):
    with pytest.raises(MCPError):
        agent.read(uri)


def test_a_file_that_cannot_be_used_says_why(agent, root):
    (root / "empty.csv").write_bytes(b"")
    answer = agent.call("check_report", file="empty.csv")
    assert not answer["usable"]
    assert "empty.csv" in answer["refusal"]["cell_text"]

"""What the API says about a run over the sample has identifiers that both languages know."""

import json
import re
import shutil

import pytest

from admatch.messages import from_json, parameters_of, templates
from admatch.web.api.audit_models import Audit, Findings
from admatch.web.api.decision_models import DecisionDetail
from admatch.web.api.models import Catalog, Report, Run
from admatch.web.api.result_models import ChangesFile, Download, Results, WhatIfResult
from admatch.web.api.sentence import Message
from admatch.web.problems import Problem
from tests.web.conftest import report_csv

MODELS = (
    *(Audit, Catalog, ChangesFile, DecisionDetail, Download, Findings, Problem, Report),
    *(Results, Run, WhatIfResult),
)
# Fields of text that are data, names of a closed set, or the English text of a message.
NO_SENTENCES = {
    *("ad_group", "brand", "campaign", "category", "cause", "column", "detail", "file", "name"),
    *("blast_radius", "conflicts", "note", "other_ad_groups"),
    *("other_title", "runner_up_title", "search_term", "stage", "stages", "text", "title"),
    *("to_ad_group", "to_campaign", "value", "type", "url", "targeting"),
}
# Parameters that are cells, names, or what another program said.
DATA = NO_SENTENCES | {"why", "phrase", "headers", "columns", "fields", "header"}
ENGLISH = re.compile(r"\b(the|of|is|are|it|and|a|to|in|no|was|were|has|have)\b")


def sentences(value, key=""):
    """Yield every message of an answer, and every text that reads like a sentence without one."""
    if isinstance(value, dict):
        if set(value) == {"id", "parameters", "text"}:
            yield key, value
            return
        for name, one in value.items():
            yield from sentences(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from sentences(one, key)
    elif isinstance(value, str) and key not in NO_SENTENCES and len(value.split()) > 2:
        yield key, value


def flaws(answer):
    """Return what is wrong with the messages of an answer."""
    found = []
    for key, one in sentences(answer):
        if isinstance(one, str):
            found.append((key, one, "has no identifier"))
            continue
        found += [(key, one["id"], why) for why in _flaws(one)]
    return found


def _flaws(message):
    parameters = message["parameters"]
    for language in ("en", "zh"):
        template = templates(language).get(message["id"])
        if template is None:
            yield f"is not known in {language}"
            return
        if not parameters_of(template) <= set(parameters):
            yield f"lacks parameters in {language}"
            return
    if from_json(message).in_language("en") != message["text"]:
        yield f"is another text: {message['text']}"
    forms = [template] if isinstance(template, str) else template.values()
    if any(ENGLISH.search(re.sub(r"\{\w+\}", "", form)) for form in forms):
        yield f"is not Chinese: {template}"
    for name, one in parameters.items():
        if isinstance(one, dict):
            yield from _flaws(one)
        elif isinstance(one, str) and name not in DATA and len(ENGLISH.findall(one)) > 1:
            yield f"has a sentence for {name}: {one}"


def test_the_test_finds_flaws():
    good = {"id": "test.rows", "parameters": {"n": 2}, "text": "2 rows were read"}
    assert flaws({"reason": good, "title": "a name of four words"}) == []
    assert flaws({"reason": "it was not read"})
    assert flaws({"reason": good | {"id": "test.none"}})
    assert flaws({"reason": good | {"parameters": {}}})
    assert flaws({"reason": good | {"text": "other"}})


@pytest.fixture(scope="module")
def audit(served, sample):
    path = f"/catalogs/{sample.catalog_id}/audit"
    served.post(path, json={"report_id": sample.report_id})
    served.ended(path, 300)
    return path


def test_every_answer_about_the_sample_can_be_translated(served, sample, audit):
    run = sample.path
    numbers = {}
    for one in served.get(f"{run}/decisions", params={"size": 500}).json()["items"]:
        numbers.setdefault((one["action"], bool(one["warning"])), one["decision"])
    paths = [
        *("/session", "/account", "/catalogs", "/reports", "/runs", run, f"{run}/results"),
        *(f"/catalogs/{sample.catalog_id}", f"/reports/{sample.report_id}", f"{run}/downloads"),
        *(f"{run}/decisions?size=500", f"{run}/changes", audit, f"{audit}/findings?size=500"),
        *(f"{run}/decisions/{number}" for number in numbers.values()),
    ]
    product = served.get(f"{audit}/findings").json()["items"][0]["product_id"]
    paths.append(f"{audit}/products/{product}")
    for path in paths:
        found = flaws(served.get(path).json())
        assert found == [], (path, found[:5])
    settings = {"target_acos": 0.15, "sales_at_risk": 0.5}
    answer = served.post(f"{run}/what-if", json=settings).json()
    assert answer["warnings"]
    assert flaws(answer) == []


def test_what_an_upload_is_refused_or_repaired_for_can_be_translated(served):
    bad = report_csv("oat milk", "hose").replace(b"100,5,1.50", b"100,five,1.50", 1)
    uploads = [
        ("/reports", served.upload_report(bad, "bad.csv")),
        ("/reports", served.upload_report(b"a,b\n1,2\n", "other.csv")),
        ("/reports", served.upload_report(b"PK\x03\x04 but not really", "cut.zip")),
        ("/catalogs", served.upload_catalog(b"a,b\n1,2\n", "no.csv")),
        ("/catalogs", served.upload_catalog(b"title,price,images\nMilk,two,none.jpg\n", "c.csv")),
    ]
    for kind, answer in uploads:
        found = served.ended(f"{kind}/{answer.json()['id']}")
        assert found["problems"] or found["state"] == "failed"
        assert flaws(found) == [], found


def test_refusals_can_be_translated(served, sample):
    run = sample.path
    answers = [
        served.get("/nowhere"),
        served.get("/runs/none"),
        served("PATCH", "/session"),
        served.get(f"{run}/decisions", params={"sort": "no_such"}),
        served.get(f"{run}/decisions", params={"size": 0}),
        served.get(f"{run}/decisions", params={"in_file": "maybe"}),
        served.get(f"{run}/changes", params={"marketplace": "DE"}),
        served.get(f"{run}/changes", params={"marketplace": "XX"}),
        served.post(f"{run}/decisions", json={}),
        served.post(f"{run}/what-if", json={"rho": 2, "colour": "red"}),
        served.post("/search", data={"catalog_id": sample.catalog_id}),
        served("DELETE", "/account/data", headers={"Origin": "https://evil.example"}),
        served.upload_report(b"", "a.csv"),
    ]
    for answer in answers:
        assert answer.status_code >= 400
        assert answer.json()["detail"]
        assert flaws(answer.json()) == [], answer.text
        assert isinstance(answer.json()["message"], dict)


def test_the_document_says_which_fields_are_messages():
    def fields(schema):
        for name, one in schema.get("properties", {}).items():
            if "Message" in json.dumps(one):
                yield name

    schemas = {}
    for model in MODELS:
        whole = model.model_json_schema()
        schemas |= whole.get("$defs", {}) | {model.__name__: whole}
    named = {name for key, one in schemas.items() if key != "Message" for name in fields(one)}
    assert named == {
        *("evidence", "formats", "left_out", "message", "notes", "reason", "refusal", "refusals"),
        *("lacking", "not_in_file", "reconciliation", "refused", "remarks", "risks"),
        *("remedy", "warning", "warnings", "what"),
    }
    assert set(Message.model_fields) == {"id", "parameters", "text"}


def test_texts_of_an_earlier_version_are_still_shown(served, sample):
    workspace = served.client.app.state.server.workspace
    (row,) = workspace.rows("SELECT summary FROM runs WHERE id = ?", [sample.run_id])
    summary = json.loads(row["summary"]) | {"warnings": ["a plain text"]}
    earlier = "earlier0000000000000000"
    with workspace.writing() as transaction:
        transaction.run(
            "INSERT INTO runs SELECT ?, account_id, catalog_id, report_id, settings, ?, created"
            " FROM runs WHERE id = ?",
            [earlier, json.dumps(summary), sample.run_id],
        )
        transaction.run(
            "INSERT INTO jobs SELECT ?, account_id, lane, state, attempts, 'why', created,"
            " started, ended FROM jobs WHERE id = ?",
            [earlier, sample.run_id],
        )
    folder = workspace.path("local", earlier)
    shutil.copytree(workspace.path("local", sample.run_id), folder)
    decisions = folder / "result" / "decisions.parquet"
    import polars as pl

    frame = pl.read_parquet(decisions)
    frame.drop("reason_message", "warning_message").write_parquet(decisions)
    try:
        assert served.get(f"/runs/{earlier}").json()["reason"] == "why"
        assert served.get(f"/runs/{earlier}/results").json()["warnings"] == ["a plain text"]
        items = served.get(f"/runs/{earlier}/decisions").json()["items"]
        assert all(isinstance(one["reason"], str) for one in items)
    finally:
        assert served("DELETE", f"/runs/{earlier}/data").status_code == 204

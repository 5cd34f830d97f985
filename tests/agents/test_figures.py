"""By both transports, every figure of every tool equals that of the command line."""

import csv
import json

import polars as pl
import pytest
from typer.testing import CliRunner

from admatch.cli.main import app

from .connect import by_stdio

pytestmark = pytest.mark.long

REPORTS, CATALOG = ["search_terms.csv"], "catalog.csv"
SHOP = {"reports": REPORTS, "catalog": CATALOG}
TEXTS = ("term", "campaign", "ad_group", "targeting", "product_id", "phrase")


@pytest.fixture(scope="module")
def line(root):
    """Runs the command line on the files that the agent has; each command once."""
    known = {}

    def run(*words):
        if words not in known:
            paths = [str(root / one) if (root / one).exists() else one for one in words]
            done = CliRunner().invoke(app, paths)
            assert done.exit_code == 0, done.output
            known[words] = done.stdout
        return known[words]

    return run


def cents(amount):
    return None if amount is None else round(amount, 2)


def share(value):
    return None if value is None else round(value, 4)


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def number(cell, digits=2):
    return round(float(cell), digits) if cell else None


def of(range_):
    return None if range_ is None else [range_.get(one) for one in ("mean", "low80", "high80")]


def interval(one, digits):
    return None if one is None else [round(one[name], digits) for name in _ENDS]


_ENDS = ("mean", "low80", "high80")
_DIGITS = {"acos": 4, "tacos": 4, "spend": 2, "orders": 1, "sales": 2, "profit": 2}


def same_effects(effects, facts):
    for effect, fact in zip(effects, facts, strict=True):
        assert effect["currency"] == fact["currency"]
        for side in ("before", "after", "difference"):
            for name, digits in _DIGITS.items():
                figure = fact[side][name]
                assert of(effect[side].get(name)) == interval(figure, digits), (side, name)
        assert of(effect.get("sales_at_risk")) == interval(fact["sales_at_risk"], 2)


@pytest.mark.parametrize("file", ["search_terms.csv", "bulk.xlsx", "catalog.csv"])
def test_check_report(remote, line, file):
    fact = json.loads(line("check", file, "--format", "json"))[0]
    found = remote.call("check_report", file=file)
    assert found["usable"] == fact["usable"]
    assert [one["cell_text"] for one in found["what"]["first"]] == fact["what"]
    rows = remote.pages("check_report", file=file)
    assert [one["cell_text"] for one in rows] == fact["problems"]
    if fact["report"]:
        report, own = found["report"], fact["report"]
        assert [report["first_day"], report["last_day"]] == own["period"]
        assert {one["kind"]: one["terms"] for one in report["terms"]} == own["terms"]
        for sums, total in zip(report["totals"], own["totals"], strict=True):
            assert sums["spend"] == cents(total["spend"])
            assert sums["sales"] == cents(total["sales"])
            assert sums["acos"] == share(total["acos"])
            for name in ("clicks", "orders", "units", "impressions"):
                assert sums[name] == total[name]
    if fact["account"]:
        counts = {one["entity"]["cell_text"]: one["rows"] for one in found["account"]["entities"]}
        assert counts == fact["account"]["entities"]
    if fact["catalog"]:
        assert found["catalog"] == fact["catalog"]


def test_match_terms(remote, line):
    words = ("match", *REPORTS, "--catalog", CATALOG, "--format", "json")
    rows = pl.DataFrame(json.loads(line(*words)), infer_schema_length=None)
    answer = remote.call("match_terms", **SHOP)
    amounts = pl.col("clicks", "spend", "orders", "sales").sum()
    sums = rows.group_by("outcome").agg(pl.col("search_term").n_unique().alias("terms"), amounts)
    expected = {row["outcome"]: row for row in sums.to_dicts()}
    assert {one["outcome"] for one in answer["outcomes"]} == set(expected)
    for one in answer["outcomes"]:
        own = expected[one["outcome"]]
        assert one["spend"] == cents(own["spend"])
        assert one["sales"] == cents(own["sales"])
        assert (one["terms"], one["clicks"], one["orders"]) == (
            own["terms"],
            own["clicks"],
            own["orders"],
        )
    by_term = rows.group_by("search_term").agg(
        amounts, pl.col("outcome", "probability", "product_id").first()
    )
    terms = {row["search_term"]: row for row in by_term.to_dicts()}
    listed = remote.pages("match_terms", **SHOP, rows=50)
    assert len(listed) == len(terms)
    assert [one["spend"] for one in listed] == sorted(
        (one["spend"] for one in listed), reverse=True
    )
    for one in listed:
        own = terms[one["term"]["cell_text"]]
        assert one["outcome"] == own["outcome"]
        assert one.get("probability") == share(own["probability"])
        assert (one["spend"], one["sales"]) == (cents(own["spend"]), cents(own["sales"]))
        if own["outcome"] == "match":
            assert one["product_id"]["cell_text"] == own["product_id"]


def test_explain_match(remote, line):
    words = ("something sour for fish", "B0SAMPLE09")
    fact = json.loads(line("explain", *words, "--catalog", CATALOG, "--format", "json"))
    found = remote.call("explain_match", term=words[0], product_id=words[1], catalog=CATALOG)
    assert [one["cell_text"] for one in found["sentences"]] == fact["sentences"]
    assert found["probability"] == share(fact["probability"])
    assert found["cosine"] == share(fact["cosine"])
    assert (found["rank"], found["outcome"]) == (fact["rank"], fact["outcome"])
    assert found["best"]["product_id"]["cell_text"] == fact["best"][0]


CHANGES = {
    "negative_phrase": ["avocado"],
    "negative_exact": ["limes"],
    "negative_product": ["B0AAAAAAAA"],
}


@pytest.mark.parametrize("products", [True, False])
def test_what_if(remote, line, products):
    words = ["what-if", *REPORTS, "--account", "bulk.xlsx", "--rho", "0.25", "--margin", "0.4"]
    for name, texts in CHANGES.items():
        words += [f"--{name.replace('_', '-')}", *texts]
    catalog = {"catalog": CATALOG} if products else {}
    words += ["--catalog", CATALOG] if products else []
    fact = json.loads(line(*words, "--format", "json"))
    asked = {"reports": REPORTS, "account": "bulk.xlsx", "rho": 0.25, "margin": 0.4}
    found = remote.call("what_if", **asked, **catalog, **CHANGES)
    same_effects(found["effects"], fact["currencies"])
    assert found["unknown_total"] == len(fact["unknown"])
    same_touched(found["touched"], fact["touched"])
    rows = remote.pages("what_if", **asked, **catalog, **CHANGES)
    assert len(rows) == len(fact["touched"])
    assert sorted(row["spend"] for row in rows) == sorted(
        cents(row["spend"]) for row in fact["touched"]
    )


def same_touched(sums, touched):
    """The sums count every row of the report once, however many changes touch it."""
    rows = {(one["campaign"], one["ad_group"], one["search_term"]): one for one in touched}
    (found,) = sums
    assert found["rows"] == len(rows)
    assert found["terms"] == len({one["search_term"] for one in rows.values()})
    assert found["converting_terms"] == len(
        {one["search_term"] for one in rows.values() if one["orders"]}
    )
    for name in ("clicks", "orders", "spend", "sales"):
        assert found[name] == pytest.approx(sum(one[name] for one in rows.values()), abs=0.005)


def test_phrase_blast_radius(remote, line):
    asked = {"reports": REPORTS, "phrases": ["Avocado", "oat  milk", "nobody says this"]}
    answer = remote.call("phrase_blast_radius", **asked)
    options = [word for one in asked["phrases"] for word in ("--negative-phrase", one)]
    fact = json.loads(line("what-if", *REPORTS, *options, "--format", "json"))
    same_effects(answer["effects"], fact["currencies"])
    same_touched(answer["together"], fact["touched"])
    for one in answer["phrases"]:
        phrase = one["phrase"]["cell_text"]
        words = ("what-if", *REPORTS, "--negative-phrase", phrase, "--format", "json")
        touched = json.loads(line(*words))["touched"]
        if touched:
            same_touched(one["blocks"], touched)
        else:
            assert one["blocks"] == []


@pytest.fixture(scope="module")
def advised(line, root, tmp_path_factory):
    out = tmp_path_factory.mktemp("line") / "out"
    line(
        *("recommend", *REPORTS, "--catalog", CATALOG, "--account", "bulk.xlsx"),
        *("--target-acos", "0.30", "--margin", "0.45", "--out", str(out)),
    )
    return out


ADVICE = SHOP | {"account": "bulk.xlsx", "target_acos": 0.30, "margin": 0.45}


def test_recommend(remote, advised):
    rows = read(advised / "recommendations.csv")
    answer = remote.call("recommend", **ADVICE)
    for one in answer["actions"]:
        own = [row for row in rows if row["action"] == one["action"]]
        assert one["rows"] == len(own)
        assert one["chosen_rows"] == sum(row["chosen"] == "true" for row in own)
        for name, column in (
            ("spend", "spend"),
            ("spend_freed", "spend_freed"),
            ("sales_at_risk_high80", "sales_at_risk_high"),
        ):
            total = sum(float(row[column] or 0) for row in own)
            assert one[name] == pytest.approx(total, abs=0.0051), (one["action"], name)
    assert sum(one["rows"] for one in answer["actions"]) == len(rows)
    decisions = remote.pages("recommend", **ADVICE, show="all", rows=50)
    assert len(decisions) == len(rows)
    own = {key_of(row["campaign"], row["ad_group"], row["search_term"]): row for row in rows}
    for one in decisions:
        row = own[key_of(*(text(one, name) for name in ("campaign", "ad_group", "term")))]
        same_decision(one, row)


def key_of(campaign, ad_group, term):
    return campaign or "", ad_group or "", term.lstrip("'")


def text(one, name):
    return one.get(name, {}).get("cell_text")


def same_decision(one, row):
    assert one["action"] == row["action"]
    assert one["chosen"] == (row["chosen"] == "true")
    assert one["reason"]["cell_text"] == row["reason"].lstrip("'")[:500]
    for name in ("spend", "sales", "spend_freed", "sales_at_risk", "gain", "bid", "new_bid"):
        assert one.get(name) == number(row[name]), name
    assert one.get("sales_at_risk_high80") == number(row["sales_at_risk_high"])
    ends = ("acos_after", "acos_after_low", "acos_after_high")
    after = [number(row[name], 4) if row[name] not in ("", "inf") else None for name in ends]
    assert of(one["acos_after"]) == after


def test_the_set_of_recommend_is_that_of_the_page(remote, root):
    import admatch as am
    from admatch.pipeline.summary import summarise_analysis

    analysis = am.analyse(
        root / REPORTS[0], root / CATALOG, root / "bulk.xlsx",
        am.AnalysisOptions(target_acos=0.30, margin=0.45), cache=am.FolderCache(),
    )  # fmt: skip
    facts = summarise_analysis(analysis)
    answer = remote.call("recommend", **ADVICE)
    for effect, one, fact in zip(
        answer["effects"], answer["sets"], facts["currencies"], strict=True
    ):
        for side in ("before", "after", "difference"):
            for name, figure in fact[side].items():
                assert of(effect[side].get(name)) == interval(figure, _DIGITS[name])
        assert one["changes"] == fact["expected"]["changes"]
        assert one["reached"] == fact["expected"]["reached"]
        assert one["profit_gain"] == cents(fact["expected"]["profit_gain"])
    assert answer["warnings"]["total"] == len(facts["warnings"])


def test_the_staged_file_is_that_of_the_command_line(remote, advised, root, request):
    folder = f"staged/{request.node.callspec.params['remote']}"
    answer = remote.call("recommend", **ADVICE)
    assert answer["can_be_staged"]
    staged = remote.call("stage_bulk_file", result=answer["result"], folder=folder)
    assert staged["applied"] is False
    assert [one["what"] for one in staged["files"]] == [
        "to upload",
        "undoes it",
        "manifest of both",
    ]
    for one in staged["files"]:
        path = root / one["path"]
        if path.suffix == ".xlsx":
            assert path.read_bytes() == (advised / path.name).read_bytes()
    assert sorted(path.name for path in (root / folder).iterdir()) == sorted(
        one["path"].rsplit("/", 1)[-1] for one in staged["files"]
    )
    own, line = (
        json.loads((at / "changes.manifest.json").read_text("utf-8"))
        for at in (root / folder, advised)
    )
    assert own == line
    assert staged["rows"] == sum(one["rows"] for one in staged["kinds"])
    assert "exists already" in remote.refused(
        "stage_bulk_file", result=answer["result"], folder=folder
    )
    # and what was staged can be estimated as it lies there
    effect = remote.call("what_if", **SHOP, account="bulk.xlsx", changes=staged["files"][0]["path"])
    assert effect["changes"] == staged["rows"]


def test_nothing_is_staged_from_files_that_have_changed(remote, root):
    (root / "bulk2.xlsx").write_bytes((root / "bulk.xlsx").read_bytes())
    asked = ADVICE | {"account": "bulk2.xlsx"}
    result = remote.call("recommend", **asked)["result"]
    (root / "bulk2.xlsx").unlink()
    assert "have changed" in remote.refused("stage_bulk_file", result=result, folder="never")
    assert not (root / "never").exists()


def test_without_an_account_nothing_is_staged(remote, root):
    asked = {name: value for name, value in ADVICE.items() if name != "account"}
    answer = remote.call("recommend", **asked)
    assert not answer["can_be_staged"]
    assert answer["not_staged_because"]["total"]
    assert all(not row["chosen"] or row["writable"] for row in answer["page"]["rows"])
    said = remote.refused("stage_bulk_file", result=answer["result"], folder="never")
    assert "no account file was given" in said
    assert not (root / "never").exists()


def test_a_product_that_is_none_is_refused(remote):
    said = remote.refused("explain_match", term="oat milk", product_id="none", catalog=CATALOG)
    assert "none" in said


def test_answers_fit_a_small_budget(root):
    """The heads of answers leave room for rows, and no row is lost."""
    with by_stdio(root, "--answer-tokens", "3000") as agent:
        for tool, asked in (
            ("recommend", ADVICE),
            ("match_terms", SHOP),
            ("what_if", {"reports": REPORTS, **CHANGES}),
        ):
            result = agent.raw(tool, **asked, rows=50)
            assert len(result.content[0].text.encode()) <= 9_000
            assert len(agent.pages(tool, **asked, rows=50)) > 50 or tool == "what_if"


def test_replay(remote, line):
    words = ("search_terms_daily.csv", "--target-acos", "0.30", "--past", "9")
    fact = json.loads(line("replay", *words, "--format", "json"))
    answer = remote.call("replay", reports=[words[0]], target_acos=0.30, past=9)
    assert answer["page"]["total_rows"] == len(fact["summary"])
    assert answer["decided_on"] == sorted({one["day"] for one in fact["cuts"]})
    for one, own in zip(answer["page"]["rows"], fact["summary"], strict=True):
        for name in ("gain", "equal_gain", "admatch_gain"):
            assert one.get(name) == cents(own[name])
        for name in ("saved_share", "lost_share", "acos_after", "acos_held"):
            assert one.get(name) == share(own[name])
        assert (one["changes"], one["gain_low80"]) == (own["changes"], cents(own["gain_low"]))


def test_audit_listing(remote, line, root, tmp_path_factory):
    out = root.parent / "audited"
    line("audit", CATALOG, "--report", *REPORTS, "--out", str(out))
    fact = json.loads((out / "audit.json").read_text("utf-8"))
    answer = remote.call("audit_listing", catalog=CATALOG, reports=REPORTS)
    assert answer["findings"] == len(fact["findings"])
    assert answer["listings"] == len(fact["products"])
    rows = remote.pages("audit_listing", catalog=CATALOG, reports=REPORTS, rows=50)
    for one, own in zip(rows, fact["findings"], strict=True):
        assert one["product_id"]["cell_text"] == own["product_id"]
        assert (one["aspect"], one["severity"]) == (own["aspect"], own["severity"])
        assert one["evidence"]["cell_text"] == own["evidence"]
        assert one.get("score") == (None if own["score"] is None else round(own["score"], 1))
    one = fact["findings"][0]["product_id"]
    own = [row for row in fact["findings"] if row["product_id"] == one]
    single = remote.call("audit_listing", catalog=CATALOG, reports=REPORTS, product_id=one)
    assert single["findings"] == len(own)
    assert "no product" in remote.refused(
        "audit_listing", catalog=CATALOG, reports=REPORTS, product_id="none"
    )


def test_results_are_resources(remote):
    answer = remote.call("recommend", **ADVICE)
    uri = answer["page"]["uri"]
    assert (
        json.loads(remote.read(uri))["page"]["rows"]
        == remote.pages("recommend", **ADVICE, rows=50)[
            : len(json.loads(remote.read(uri))["page"]["rows"])
        ]
    )
    held = {one["result"] for one in json.loads(remote.read("admatch://results"))["results"]}
    assert answer["result"] in held
    files = json.loads(remote.read("admatch://files"))
    assert {"cell_text": "catalog.csv"} in files["files"]
    assert remote.read("admatch://skill").startswith("---\nname: admatch\n")


def test_progress_is_told_and_rises(remote, root):
    (root / "again.csv").write_bytes((root / "search_terms.csv").read_bytes())
    told = []

    async def heard(done, total, message):
        told.append((done, message))

    asked = {"reports": ["again.csv"], "catalog": CATALOG, "target_acos": 0.25}
    result = remote.do("call_tool", "recommend", asked, progress_callback=heard)
    assert not result.is_error
    figures = [done for done, _ in told]
    assert figures == sorted(set(figures))
    assert {"reading", "deciding"} <= {message for _, message in told}

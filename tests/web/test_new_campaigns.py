"""Campaigns for new keywords on the page: asked for, shown, written as the command line does."""

import pytest

from admatch.decisions.new_campaigns import NewCampaigns
from admatch.pipeline.analyse import analyse
from admatch.pipeline.options import AnalysisOptions
from tests.export.bulk.amazon import rows_of
from tests.web.conftest import text
from tests.web.nowhere import CAMPAIGN, SELLERS, nowhere_files

pytestmark = pytest.mark.long

TERMS = {one[3] for one in SELLERS}
ASKED = {"structure": "ad-group-a-product", "campaign": "Found | Exact", "ad_group": ""}
LATER = "negatives_later"


@pytest.fixture(scope="module")
def report(served):
    files = [("files", one) for one in nowhere_files().items()]
    made = served.post("/reports", files=files).json()
    found = served.ended(f"/reports/{made['id']}")
    assert found["products"] == 83
    return found


def run(served, report, **settings):
    asked = {"report_id": report["id"], "settings": {"target_acos": 0.3} | settings}
    made = served.ended(f"/runs/{served.post('/runs', json=asked).json()['id']}", 300)
    assert made["state"] == "done", made["reason"]
    return f"/runs/{made['id']}"


@pytest.fixture(scope="module")
def plain(served, report):
    return run(served, report)


@pytest.fixture(scope="module")
def laid_out(served, report):
    return run(served, report, new_campaigns=ASKED)


def download(served, path, name, folder):
    file = folder / name
    file.write_bytes(served.get(f"{path}/downloads/{name}").content)
    return rows_of(file)


@pytest.fixture(scope="module")
def by_command(tmp_path_factory):
    """What the command line writes of the same files."""
    folder = tmp_path_factory.mktemp("command")
    for name, content in nowhere_files().items():
        (folder / name).write_bytes(content)
    report, catalog, bulk = (folder / name for name in nowhere_files())
    options = AnalysisOptions(0.3, new_campaigns=NewCampaigns(**ASKED))
    return analyse(report, catalog, bulk, options).write(folder / "out")


def test_without_a_wish_it_says_how_many_have_nowhere_to_go(served, plain):
    found = served.get(f"{plain}/new-campaigns").json()
    assert (found["lacking"], found["wanted"]) == (2, None)
    assert found["campaigns"] == found["later"] == []
    assert served.get(f"{plain}/changes").json()["later"] == 0
    assert served.get(f"{plain}/downloads/{LATER}.xlsx").status_code == 404


def test_the_page_makes_what_the_command_line_makes(served, laid_out, by_command, tmp_path):
    rows = download(served, laid_out, "changes.xlsx", tmp_path)
    assert rows == rows_of(by_command.upload.file)
    assert sum(one["Entity"] == "Product Ad" for one in rows) == 2
    undo = download(served, laid_out, "changes.inverse.xlsx", tmp_path)
    assert undo == rows_of(by_command.upload.inverse)
    later = download(served, laid_out, f"{LATER}.xlsx", tmp_path)
    assert later == rows_of(by_command.later.file)
    back = download(served, laid_out, f"{LATER}.inverse.xlsx", tmp_path)
    assert len(back) == len(later) == 2


def test_what_is_shown_is_what_is_written(served, laid_out, tmp_path):
    plan = served.get(f"{laid_out}/new-campaigns").json()
    rows = download(served, laid_out, "changes.xlsx", tmp_path)
    assert (plan["lacking"], plan["wanted"], plan["currency"]) == (0, ASKED, "USD")
    (campaign,) = plan["campaigns"]
    (made,) = (one for one in rows if one["Entity"] == "Campaign" and one["Operation"] == "Create")
    assert campaign["campaign"] == made["Campaign Name"] == "Found | Exact"
    assert campaign["budget"] == float(made["Daily Budget"])
    groups = {one["ad_group"]: one for one in campaign["ad_groups"]}
    assert set(groups) == {one[1] for one in SELLERS}
    for product, title, _, term, *_ in SELLERS:
        assert groups[title]["skus"] == [f"SKU-{product}"]
        (word,) = groups[title]["keywords"]
        (row,) = (one for one in rows if one.get("Keyword Text") == term)
        assert (word["text"], word["bid"]) == (term, float(row["Bid"]))
    assert {one["text"] for one in plan["later"]} == TERMS
    assert {one["campaign"] for one in plan["later"]} == {CAMPAIGN}
    headline = served.get(f"{laid_out}/file").json()[0]["expected"]
    assert headline["changes"] == len(rows)  # campaigns, ad groups and ads are counted
    sums = served.get(f"{laid_out}/decisions", params={"in_file": True}).json()["sums"]
    assert sums["changes"] == len(rows)


def test_a_rejected_keyword_takes_its_ad_group_along(served, report, tmp_path):
    path = run(served, report, new_campaigns=ASKED, seed=8)
    asked = {"q": "nesting bowls", "action": "harvest-exact"}
    (row,) = served.get(f"{path}/decisions", params=asked).json()["items"]
    body = {"verdict": "rejected", "decisions": [row["decision"]]}
    assert served.post(f"{path}/decisions", json=body).status_code == 200
    plan = served.get(f"{path}/new-campaigns").json()
    ((group,),) = (one["ad_groups"] for one in plan["campaigns"])
    assert group["ad_group"] == "Pasta Fork of Olive Wood"
    assert [one["text"] for one in plan["later"]] == ["pasta fork"]
    rows = download(served, path, "changes.xlsx", tmp_path)
    assert not [one for one in rows if one.get("SKU") == "SKU-B0LONE0001"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"campaign": "SP | {title}"}, "not 'title'"),
        ({"campaign": "SP {product"}, "a pattern knows"),
        ({"campaign": "SP | Exact"}, "needs one of"),
        ({"structure": "ad-group-a-product", "campaign": "X {asin}"}, "share has none"),
        ({"structure": "by-hand"}, "campaign-a-product"),
        ({"campaign": "x" * 201}, "200"),
    ],
)
def test_a_pattern_that_cannot_be_meant_is_refused_at_once(served, report, asked, words):
    settings = {"target_acos": 0.3, "new_campaigns": asked}
    answer = served.post("/runs", json={"report_id": report["id"], "settings": settings})
    assert answer.status_code == 422
    assert words in text(answer.json()["message"])

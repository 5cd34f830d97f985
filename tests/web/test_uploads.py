import json

import pytest

from admatch.web.work.file_names import shown_name
from tests.attacks.record import count
from tests.reports.insights.insight_files import SQP, SQP_ABOVE, sqp_row
from tests.web import files
from tests.web.conftest import CATALOG, report_csv, text
from tests.web.files import MIB


def read(caller, answer, kind="reports"):
    assert answer.status_code == 202, answer.text
    return caller.ended(f"/{kind}/{answer.json()['id']}")


def test_a_report_is_read_in_the_background(served):
    result = read(served, served.upload_report(report_csv("oat milk", "hose", "*")))
    assert result["state"] == "done"
    assert result["rows"] == 3
    assert {"currency": "USD", "clicks": 15, "spend": 4.5}.items() <= result["totals"][0].items()
    assert result["terms"] == {"keyword": 2, "star": 1}
    assert result["period"] == ["2025-05-01", "2025-05-30"]
    assert result["files"][0]["name"] == "report.csv"
    assert "search term report" in text(result["files"][0]["what"][0])


def test_other_reports_come_with_search_terms(served):
    lines = "\r\n".join(",".join(line) for line in ([SQP_ABOVE[1]], SQP, sqp_row("oat drink")))
    both = [
        ("files", ("may.csv", report_csv("oat milk"))),
        ("files", ("queries.csv", lines.encode())),
    ]
    result = read(served, served.post("/reports", files=both))
    assert result["state"] == "done", result["reason"]
    assert [one["kinds"] for one in result["files"]] == [["report"], ["insights"]]
    assert text(result["files"][1]["what"][0]) == "Amazon Search Query Performance"
    alone = read(served, served.upload_report(lines.encode(), "queries.csv"))
    assert "no search-term report" in text(alone["lacking"])


def test_several_files_count_as_one(served):
    both = [
        ("files", ("may.csv", report_csv("a one"))),
        ("files", ("june.csv", report_csv("a two").replace(b"May", b"June"))),
    ]
    result = read(served, served.post("/reports", files=both))
    assert result["state"] == "done", result["reason"]
    assert result["rows"] == 2
    assert result["period"] == ["2025-05-01", "2025-06-30"]
    assert [one["name"] for one in result["files"]] == ["may.csv", "june.csv"]


def test_files_of_an_account_come_in_any_order(served):
    first = read(served, served.upload_report(CATALOG, "products.csv"))
    assert (first["state"], first["products"], first["rows"]) == ("done", 2, None)
    assert "no search-term report" in text(first["lacking"])
    body = {"report_id": first["id"], "settings": {"target_acos": 0.3}}
    assert served.post("/runs", json=body).status_code == 409
    files = [
        ("files", ("wrong.csv", b"a,b\n1,2\n")),
        ("files", ("may.csv", report_csv("oat milk"))),
    ]
    both = read(served, served.post("/reports", files=files, data={"of": first["id"]}))
    assert (both["products"], both["rows"], both["lacking"]) == (2, 1, None)
    assert [one["kinds"] for one in both["files"]] == [["products"], [], ["report"]]
    wrong = both["files"][1]
    assert (wrong["headers"], wrong["usable"]) == (["a", "b"], False)
    data = {"of": both["id"], "without": wrong["id"], "currency": "USD"}
    again = [("files", ("again.csv", report_csv("oat milk")))]  # the same bytes count once
    last = read(served, served.post("/reports", files=again, data=data))
    assert [one["name"] for one in last["files"]] == ["products.csv", "may.csv"]
    listed = {one["id"] for one in served.get("/reports").json()}
    assert last["id"] in listed
    assert not listed & {first["id"], both["id"]}
    assert last["id"] in {one["id"] for one in served.get("/catalogs").json()}
    assert served.get(f"/catalogs/{last['id']}/products").json()["total"] == 2


def test_columns_that_are_not_recognised_can_be_named(served):
    odd = b"Kode,Nama barang\nA1,Oat drink\nA2,Whole milk\n"
    first = read(served, served.upload_report(odd, "odd.csv"))
    assert first["state"] == "failed"
    number = first["files"][0]["id"]
    columns = {number: {"title": "Nama barang", "product_id": "Kode"}}
    named = read(
        served, served.post("/reports", data={"of": first["id"], "columns": json.dumps(columns)})
    )
    assert (named["state"], named["products"]) == ("done", 2)
    for wrong in ("{", '{"x": {"secret": "y"}}', "[]"):
        answer = served.post("/reports", data={"of": first["id"], "columns": wrong})
        assert answer.status_code == 422


def test_a_zip_of_reports(served):
    packed = files.zipped({"x/may.csv": report_csv("oat"), "__MACOSX/x/._may.csv": b"junk"})
    result = read(served, served.upload_report(packed, "reports.zip"))
    assert result["state"] == "done", result["reason"]
    assert result["files"][0]["name"] == "may.csv"


def test_a_workbook_and_a_bad_row(served):
    result = read(served, served.upload_report(files.workbook(), "r.xlsx"))
    assert (result["state"], result["rows"]) == ("done", 3)
    bad = report_csv("oat milk", "hose").replace(b"100,5,1.50", b"100,five,1.50", 1)
    result = read(served, served.upload_report(bad, "bad.csv"))
    assert result["state"] == "done"
    problem = next(one for one in result["problems"] if one["row"] == 2)
    assert (problem["file"], problem["value"]) == ("bad.csv", "five")
    assert "bad.csv, row 2" in problem["text"]


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b"<html><body>sign in</body></html>", "report.csv", "web page"),
        (b"%PDF-1.7 \0\0\0\0", "report.pdf", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "report.csv", "not a table"),
        (b"a,b\n1,2\n", "other.csv", "missing"),
        (b"PK\x03\x04 but not really", "report.xlsx", "damaged"),
        (b"\x1f\x8b cut off", "report.csv.gz", "damaged"),
        (b"[" * 50_000, "deep.json", ""),
        (files.zipped({"readme.md": b"hello"}), "empty.zip", "no table"),
        (files.zipped({"a.csv": b"x"})[:-30], "cut.zip", "damaged"),
        (b"product_id,title\n\n", "x.csv", ""),
        (b"\0" * 5000, "zero.csv", ""),
    ],
)
def test_wrong_files_are_refused_in_one_sentence(served, content, name, expected):
    found = read(served, served.upload_report(content, name))
    assert found["state"] == "failed"
    assert expected in text(found["reason"])
    assert "log says why" not in text(found["reason"])
    assert "Traceback" not in text(found["reason"])
    assert "000-" not in text(found["reason"])  # its own name, not ours


def test_nothing_and_empty_files_are_refused_at_once(served):
    assert served.post("/reports").status_code == 422
    assert "empty" in served.upload_report(b"", "a.csv").json()["detail"]
    assert served.upload_report(currency="dollars").status_code == 422
    assert served.post("/reports", content=b"x", headers={"Content-Type": "multipart/form-data"})
    broken = served.post(
        "/reports",
        content=b"--x\r\nbroken",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert broken.status_code in (400, 422)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (files.xlsx_bomb(16 * MIB), "bomb.xlsx"),
        (files.lying_bomb(16 * MIB), "liar.xlsx"),
        (files.gzip_bomb(16 * MIB), "bomb.csv.gz"),
        (files.many_members(30), "many.zip"),
        (files.overlapping(2 * MIB), "overlap.zip"),
        (files.zipped({"a.csv": b" " * (16 * MIB)}), "spaces.zip"),
        (files.workbook(sheets=5), "sheets.xlsx"),
        (report_csv(rows=2_100), "rows.csv"),
        (b"a,b\n" + b"," * 50_000, "cells.csv"),
        (files.nested_zip(MIB), "nested.zip"),
    ],
)
def test_bombs_are_refused(small, content, name):
    assert len(content) < 200_000, len(content)
    found = read(small, small.upload_report(content, name))
    assert found["state"] == "failed"
    assert "log says why" not in text(found["reason"])
    found = read(small, small.upload_catalog(content, name), "catalogs")
    assert found["state"] == "failed"
    assert "log says why" not in text(found["reason"])


def test_too_large_is_refused_before_it_is_stored(small):
    assert small.upload_report(b"x" * 300_000).status_code == 413
    assert small.upload_report(b"x" * 500_000).status_code == 413
    four = [("files", (f"{number}.csv", b"a")) for number in range(4)]
    assert small.post("/reports", files=four).status_code == 413

    def endless():
        for _ in range(100):
            yield b"x" * 10_000

    head = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = small.post("/reports", content=endless(), headers=head)
    assert answer.status_code == 413
    incoming = small.client.app.state.server.incoming
    assert list(incoming.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\report.csv", "report.csv"),
        ("a\0b\r\nc.csv", "abc.csv"),
        ("\u202egpj.csv", "gpj.csv"),
        ("", "file"),
        ("x" * 300, "x" * 100),
        ("Bericht Mai.csv", "Bericht Mai.csv"),
        ("报告.xlsx", "报告.xlsx"),
    ],
)
def test_names_are_only_shown(name, shown):
    assert shown_name(name) == shown


def test_names_never_become_paths(served):
    served.upload_report(name="../../../outside.csv")
    served.upload_report(name="a;rm -rf x.csv")
    around = served.folder.parent
    stored = [path.relative_to(around).as_posix() for path in around.rglob("*")]
    assert not any("outside" in path or "rm -rf" in path for path in stored)


CELLS = (
    "product_id,title,images\n"
    "B1,Oat drink,images/oat.jpg\n"
    "B2,Milk,{secret}\n"
    "B3,Juice,../../../../other.jpg\n"
    "B4,Water,images/none.jpg\n"
)


def test_pictures_come_along_in_a_zip(served, tmp_path):
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(files.picture(color="blue"))
    packed = files.zipped(
        {
            "shop/catalog.csv": CELLS.format(secret=secret).encode(),
            "shop/images/oat.jpg": files.picture(),
            "shop/../../../../other.jpg": files.picture(),
            "/etc/evil.jpg": files.picture(),
        }
    )
    result = read(served, served.upload_catalog(packed, "shop.zip"), "catalogs")
    assert result["state"] == "done", result["reason"]
    assert (result["products"], result["pictures"]) == (4, 1)
    assert any("leads out of the upload" in one["text"] for one in result["problems"])
    place = f"/catalogs/{result['id']}/pictures/"
    answer = served.get(place + "B1")
    assert answer.headers["content-type"] == "image/jpeg"
    assert "max-age" in answer.headers["cache-control"]
    for name in ("B2", "B3", "B4", "..%2f..%2fsecret.jpg", "none"):
        assert served.get(place + name).status_code == 404
    around = served.folder.parent
    kept = [path.relative_to(around).parts for path in around.rglob("*.jpg")]
    assert {parts[:2] for parts in kept} == {(served.folder.name, "files")}
    assert list(tmp_path.rglob("*.jpg")) == [secret]


def test_no_problem_of_a_picture_names_a_path_of_the_server(served):
    cells = "/etc/passwd|../../x.png|none.png|/proc/self/fd/3|broken.png"
    table = f"product_id,title,images\nB1,Oat drink,{cells}\n".encode()
    packed = files.zipped({"catalog.csv": table, "broken.png": b"\x89PNG\r\n\x1a\n" + b"x" * 99})
    for kind, field in (("catalogs", "file"), ("reports", "files")):
        made = served.post(f"/{kind}", files=[(field, ("shop.zip", packed))]).json()
        served.ended(f"/{kind}/{made['id']}")
        answer = served.get(f"/{kind}/{made['id']}")
        assert answer.json()["problems"], answer.text
        assert str(served.folder) not in answer.text
        assert "source/" not in answer.text


def test_pictures_beside_the_table(served):
    cells = CELLS.format(secret="oat.jpg").encode()
    pictures = [("oat.jpg", files.picture()), ("bad.jpg", b"no picture")]
    result = read(served, served.upload_catalog(cells, "c.csv", pictures), "catalogs")
    assert result["pictures"] == 1
    found = served.get(f"/catalogs/{result['id']}/products?q=milk").json()
    assert [item["title"] for item in found["items"]] == ["Milk"]
    assert found["items"][0]["picture"]


def test_a_catalog_is_one_table(served):
    packed = files.zipped({"a.csv": CATALOG, "b.csv": CATALOG})
    result = read(served, served.upload_catalog(packed, "two.zip"), "catalogs")
    assert result["state"] == "failed"
    assert "2 tables (a.csv, b.csv)" in text(result["reason"])


def test_deleting_an_upload_removes_its_files(served):
    result = read(served, served.upload_catalog(), "catalogs")
    folder = served.folder / "files" / "local" / result["id"]
    assert folder.is_dir()
    assert served("DELETE", f"/catalogs/{result['id']}").status_code == 204
    assert not folder.exists()
    assert served.get(f"/catalogs/{result['id']}").status_code == 404
    assert served("DELETE", f"/catalogs/{result['id']}").status_code == 404


def test_twenty_uploads_at_once_all_finish(served):
    from concurrent.futures import ThreadPoolExecutor

    def one(number):
        return served.upload_report(report_csv(f"term {number}"), f"{number}.csv").json()["id"]

    with ThreadPoolExecutor(20) as pool:
        ids = list(pool.map(one, range(20)))
    result = [served.ended(f"/reports/{one}") for one in ids]
    assert [one["state"] for one in result] == ["done"] * 20
    assert {one["name"] for one in result} >= {f"{number}.csv" for number in range(20)}
    count("uploads", 20)


@pytest.mark.slow
def test_a_hundred_megabytes(start):
    caller = start()
    row = (
        b'"May 01, 2025","May 30, 2025",P,USD,All,Group %d,close-match,-,'
        b"term %d,100,5,1.50,0.00,0\n"
    )
    header = report_csv("x").split(b"\n")[0] + b"\n"
    content = header + b"".join(row % (number % 50, number) for number in range(1_150_000))
    assert len(content) > 100 * MIB
    result = caller.ended(f"/reports/{caller.upload_report(content).json()['id']}", 400)
    assert result["state"] == "done", result["reason"]
    assert result["rows"] == 1_150_000


def test_a_larger_file_does_not_hold_up_a_small_one(served):
    header = report_csv("x").split(b"\n")[0] + b"\n"
    row = b'"May 01, 2025","May 30, 2025",P,USD,All,G,close-match,-,term %d,100,5,1.50,0.00,0\n'
    large = header + b"".join(row % number for number in range(120_000))
    first = served.upload_report(large, "large.csv").json()["id"]
    second = served.upload_report().json()["id"]
    assert served.ended(f"/reports/{second}")["state"] == "done"
    assert served.ended(f"/reports/{first}")["state"] == "done"

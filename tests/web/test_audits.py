import time


def test_an_audit_of_the_sample(served, sample):
    path = f"/catalogs/{sample.catalog_id}/audit"
    asked = served.post(path, json={"report_id": sample.report_id})
    assert asked.status_code == 202, asked.text
    again = served.post(path, json={"report_id": sample.report_id}).json()
    assert again["id"] == asked.json()["id"]
    end = time.monotonic() + 300
    while (result := served.get(path).json())["state"] in ("queued", "running"):
        assert time.monotonic() < end, result
        time.sleep(0.2)
    assert result["state"] == "done", result["reason"]
    summary = result["summary"]
    assert summary["products"] == 81
    assert summary["findings"] == sum(one["findings"] for one in summary["counts"])
    found = served.get(f"{path}/findings", params={"size": 500}).json()
    assert found["total"] == summary["findings"]
    one = found["items"][0]
    assert one["evidence"]
    same = served.get(f"{path}/findings", params={"aspect": one["aspect"], "q": one["title"]})
    assert one in same.json()["items"]
    products = served.get(f"{path}/products", params={"sort": "-score"}).json()
    assert products["total"] == 81
    scores = [item["score"] for item in products["items"] if item["score"] is not None]
    assert scores == sorted(scores, reverse=True)
    detail = served.get(f"{path}/products/{one['product_id']}").json()
    assert one["evidence"] in [each["evidence"] for each in detail["details"]]
    assert detail["picture"]
    assert served.get(f"{path}/products/none").status_code == 404
    assert served.get(f"{path}/products", params={"sort": "no"}).status_code == 422
    for address in result["downloads"]:
        answer = served.client.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].startswith("attachment")
    assert served.get(f"{path}/downloads/products.parquet").status_code == 404


def test_an_audit_needs_a_catalog_that_is_read(served, sample):
    assert served.post("/catalogs/none/audit", json={}).status_code == 404
    fresh = f"/catalogs/{served.upload_catalog().json()['id']}/audit"
    assert served.get(fresh).status_code == 404
    assert served.get(f"{fresh}/findings").status_code == 404
    path = f"/catalogs/{sample.catalog_id}/audit"
    assert served.post(path, json={"report_id": "none"}).status_code == 404
    bad = served.upload_catalog(b"a,b\n1,2\n").json()["id"]
    assert served.ended(f"/catalogs/{bad}")["state"] == "failed"
    assert served.post(f"/catalogs/{bad}/audit", json={}).status_code == 409

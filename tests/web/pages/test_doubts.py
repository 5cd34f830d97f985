"""The page says before anything else that a catalog seems to be of another account."""

from admatch.messages import as_json, say


def test_a_doubt_stands_above_the_headline_in_the_readers_language(visit, sample_run):
    doubt = as_json(say("pipeline.catalog.absent", n=81, all=90, first="B0OTHER001"))

    def with_doubt(route):
        answer = route.fetch()
        results = answer.json()
        results["warnings"].insert(0, doubt)
        route.fulfill(response=answer, json=results)

    page = visit("/", locale="zh-CN")
    page.route("**/results", with_doubt)
    page.goto(sample_run)
    page.wait_for_selector("#results:not([aria-busy])")
    said = page.inner_text("#results")
    assert "90 个推广商品中有 81 个不在目录里，例如 B0OTHER001" in said
    assert said.index("B0OTHER001") < said.index(page.inner_text("h1"))
    assert said.count("B0OTHER001") == 1

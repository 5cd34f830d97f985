"""The examples in the docstrings of everything that ``admatch`` exports give what they say."""

import doctest
import inspect
from pathlib import Path

import pytest

import admatch as am
from tests.conftest import SAMPLE

ROOT = Path(__file__).parents[1]
WITH_EXAMPLES = {
    "Catalog", "Change", "ImpactModel", "Index", "Matches", "aggregate_report",
    "audit_listings", "read_account", "read_catalog", "read_report", "recommend", "try_listing",
    "write_bulksheet", "write_google_editor",
}  # fmt: skip


def examples():
    """Return the doctests by the exported name that they stand under, its methods' included."""
    finder, found = doctest.DocTestFinder(exclude_empty=True), {}
    for name in am.__all__:
        thing = getattr(am, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            found[name] = [one for one in finder.find(thing, name) if one.examples]
    return {name: tests for name, tests in found.items() if tests}


EXAMPLES = examples()


@pytest.fixture(scope="session")
def names(sample_index):
    """What the examples name without making it themselves."""
    catalog, report = sample_index.catalog, am.read_report(SAMPLE / "search_terms.csv")
    account, matches = am.read_account(SAMPLE / "bulk.xlsx"), sample_index.match(report)
    model = am.ImpactModel(seed=7).fit(report, matches, catalog=catalog)
    advice = am.recommend(
        report, matches, model, target_acos=0.30, account=account, catalog=catalog
    )
    return {
        "am": am, "catalog": catalog, "index": sample_index, "report": report,
        "account": account, "matches": matches, "model": model, "advice": advice,
    }  # fmt: skip


def test_what_is_used_most_has_an_example():
    assert set(EXAMPLES) >= WITH_EXAMPLES


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples(name, names, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for one in EXAMPLES[name]:
        one.globs = names | {"out": tmp_path}
        said = []
        runner.run(one, out=said.append)
        assert not runner.failures, "".join(said)

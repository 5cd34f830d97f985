"""Random requests after the OpenAPI document: none of them may be an error of ours."""

import contextlib
import random
from types import SimpleNamespace

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

pytestmark = pytest.mark.long

# Left out: what follows a run for half an hour, what deletes the data that the others look at,
# what starts work for minutes.
LEFT_OUT = {
    ("GET", "/api/v1/runs/{run_id}/events"),
    ("DELETE", "/api/v1/account/data"),
    ("POST", "/api/v1/sample"),
}


@pytest.fixture
def many(served):
    """No limit on how often this test asks."""
    server = served.client.app.state.server
    kept, server.rates = server.rates, SimpleNamespace(take=lambda *_: 0.0, wait=lambda *_: 0.0)
    yield
    server.rates = kept


def operations(served):
    schema = schemathesis.openapi.from_dict(served.client.app.openapi())
    for found in schema.get_all_operations():
        operation = found.ok()
        if (operation.method.upper(), operation.path) not in LEFT_OUT:
            yield operation


def ask(served, sample, case, chance):
    """Send a case; mostly at a run, a catalog and a report that are there."""
    if case.method.upper() != "DELETE" and chance.random() < 0.8:
        known = {"run_id": sample.run_id, "catalog_id": sample.catalog_id}
        known |= {"report_id": sample.report_id, "product_id": "B0SAMPLE01"}
        case.path_parameters = {
            name: known.get(name, value) for name, value in (case.path_parameters or {}).items()
        }
    served.client.cookies.clear()
    kwargs = case.as_transport_kwargs(base_url="http://testserver")
    kwargs.pop("allow_redirects", None)
    sent = requests.Request(**{k: v for k, v in kwargs.items() if k != "timeout"}).prepare()
    return served.client.request(
        sent.method, sent.url, headers=dict(sent.headers), content=sent.body or b""
    )


@pytest.mark.parametrize("examples", [1, pytest.param(60, marks=pytest.mark.slow)])
def test_no_request_is_an_error_of_ours(served, sample, many, examples):
    chance, asked, failures = random.Random(7), [], []
    for operation in operations(served):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            def each(case):
                asked.append(case)
                result = trouble(served, sample, case, chance)
                if result:
                    failures.append(result)

            _examples(operation.as_strategy(generation_mode=mode), each, examples)
    assert failures == []
    assert len(asked) > 20 * examples


def _examples(strategy, each, most):
    """Call ``each`` with some examples; an operation that can't be asked wrongly has none."""
    bounded = settings(
        max_examples=most,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with contextlib.suppress(Unsatisfiable):
        seed(7)(bounded(given(case=strategy)(lambda case: each(case))))()


def trouble(served, sample, case, chance):
    """Return what is wrong with the answer, or None."""
    label = f"{case.method} {case.path}"
    try:
        answer = ask(served, sample, case, chance)
    except Exception as error:
        return label, repr(error), repr(case)
    if answer.status_code < 500 and _is_told(answer):
        return None
    return label, answer.status_code, answer.text[:300], repr(case)


def _is_told(answer):
    kind = answer.headers.get("content-type", "")
    return answer.status_code < 400 or kind == "application/problem+json"

"""Thousands of random requests by two accounts, one of which has a run; see also test_openapi."""

import json
import random
from types import SimpleNamespace

import pytest
from schemathesis import GenerationMode

from tests.attacks.record import record
from tests.web.test_openapi import _examples, _is_told, ask, operations


class Account:
    """An account that sends requests; ``served`` and ``sample`` are what ``ask`` wants."""

    def __init__(self, caller, owned):
        client = SimpleNamespace(cookies=caller.client.cookies, request=self._request)
        self.served, self.sample = SimpleNamespace(client=client), owned
        self._caller, self.asked, self.troubles = caller, 0, []

    def _request(self, method, url, headers, content):
        return self._caller.client.request(
            method, url, headers={**headers, **self._caller.headers}, content=content
        )

    def ask(self, case, chance, forbidden=()):
        """Send one request; note an error of ours, or an answer with what is another's."""
        self.asked += 1
        answer = ask(self.served, self.sample, case, chance)
        leak = answer.status_code < 300 and any(one in answer.text for one in forbidden)
        if answer.status_code >= 500 or leak or not _is_told(answer):
            self.troubles.append((case.method, case.path, answer.status_code, answer.text[:200]))


@pytest.mark.parametrize("examples", [pytest.param(40, marks=pytest.mark.slow)])
def test_random_requests_of_two_accounts(two, examples):
    server = two.anna.client.app.state.server
    server.rates = SimpleNamespace(take=lambda *_: 0.0, wait=lambda *_: 0.0)
    made = two.anna.post("/sample", json={"run": True}).json()
    run = two.anna.ended(f"/runs/{made['run_id']}", 1_500)
    assert run["state"] == "done", run
    owned = SimpleNamespace(**made)
    anna, bert = Account(two.anna, owned), Account(two.bert, owned)
    chance = random.Random(7)
    for operation in operations(two.anna):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            def each(case):
                anna.ask(case, chance)
                bert.ask(case, chance, forbidden=(json.dumps(owned.run_id), "B0SAMPLE01"))

            _examples(operation.as_strategy(generation_mode=mode), each, examples)
    assert anna.troubles == []
    assert bert.troubles == []
    assert min(anna.asked, bert.asked) >= 2_000
    record("requests", tried=anna.asked + bert.asked, held=anna.asked + bert.asked, accounts=2)

"""What-ifs that are worked out before anybody asks for them."""

import threading
import time

from admatch.web.work.ahead import WhatIfAnswers, outwards

RUN = {"folder": "run"}
STEPS = 99 + 20 + 20
START = {"target_acos": 0.3, "sales_at_risk": 0.02, "rho": 0.0}


def until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


class Pool:
    """Answers with what it is asked, and counts."""

    def __init__(self):
        self.asked = 0

    def ask(self, task, arguments, seconds):
        self.asked += 1
        return arguments["changed"]


class Worker:
    """Does tasks, and counts how often it was sent home."""

    def __init__(self):
        self.done, self.home = [], 0

    def do(self, task, progress):
        self.done.append(task.arguments["changed"])
        return task.arguments["changed"]

    def stop(self):
        self.home += 1


def test_steps_go_outwards_along_each_slider():
    every = list(outwards(START))
    assert every[:5] == [
        START | {"target_acos": 0.31},
        START | {"target_acos": 0.29},
        START | {"sales_at_risk": 0.025},
        START | {"sales_at_risk": 0.015},
        START | {"rho": 0.05},
    ]
    assert len(every) == STEPS
    assert {one["rho"] for one in every} == {at / 20 for at in range(21)}


def test_a_place_between_two_steps_has_both_beside_it():
    near = [one["target_acos"] for one in outwards(START | {"target_acos": 0.325})]
    assert near[0] == 0.33
    assert set(near) == {0.325} | {at / 100 for at in range(1, 101)}


def test_every_step_is_known_once_one_was_asked_for():
    pool, worker = Pool(), Worker()
    answers = WhatIfAnswers(pool, worker)
    answers.open()
    try:
        assert answers.ask(RUN, START, 1) == START
        until(lambda: len(worker.done) == STEPS)
        for values in outwards(START):
            assert answers.ask(RUN, values, 1) == values
        assert (pool.asked, len(worker.done)) == (1, STEPS)  # no other lines begin on these
        assert answers.ask({"folder": "another"}, START, 1, start=False) == START
        assert pool.asked == 2
    finally:
        answers.close()


def test_nothing_is_worked_out_where_an_answer_is_only_fetched_ahead():
    pool, worker = Pool(), Worker()
    answers = WhatIfAnswers(pool, worker)
    answers.open()
    answers.ask(RUN, START, 1, start=False)
    answers.ask(RUN, {"rho": 0.5}, 1)
    answers.close()
    assert worker.done == []


def test_another_run_supersedes_the_one_before():
    pool, worker = Pool(), Worker()
    answers = WhatIfAnswers(pool, worker)
    going, seen = threading.Event(), threading.Event()

    def slow(task, progress):
        seen.set()
        assert going.wait(30)
        worker.done.append(task.arguments["folder"])
        return {}

    worker.do = slow
    answers.open()
    try:
        answers.ask(RUN, START, 1)
        assert seen.wait(30)
        answers.ask({"folder": "another"}, START, 1)
        going.set()
        until(lambda: len(worker.done) == 1 + STEPS)
    finally:
        answers.close()
    assert worker.done[:2] == ["run", "another"]
    assert worker.done.count("run") == 1


def test_a_worker_without_work_ends(monkeypatch):
    monkeypatch.setattr("admatch.web.work.ahead._IDLE", 0.01)
    answers = WhatIfAnswers(Pool(), worker := Worker())
    answers.open()
    try:
        answers.ask(RUN, START, 1)
        until(lambda: len(worker.done) == STEPS and worker.home)
    finally:
        answers.close()


def test_answers_are_forgotten_in_the_end(monkeypatch):
    monkeypatch.setattr("admatch.web.work.ahead._KEPT", 2)
    pool = Pool()
    answers = WhatIfAnswers(pool, None)
    for target in (0.1, 0.2, 0.3, 0.1):
        answers.ask(RUN, {"target_acos": target}, 1)
    assert pool.asked == 4

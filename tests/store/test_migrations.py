import duckdb
import pytest

from admatch.errors import InputError
from admatch.store.migrations import Step, migrate, shipped_steps

STEPS = [
    Step(1, "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1)"),
    Step(2, "ALTER TABLE a ADD COLUMN y TEXT"),
]


def test_shipped_steps_are_numbered_without_a_gap():
    steps = shipped_steps()
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))


def test_a_new_workspace_gets_every_step_once():
    connection = duckdb.connect()
    assert migrate(connection, STEPS) == 2
    assert migrate(connection, STEPS) == 2
    assert connection.execute("SELECT x, y FROM a").fetchall() == [(1, None)]


def test_an_older_workspace_keeps_its_rows():
    connection = duckdb.connect()
    migrate(connection, STEPS[:1])
    connection.execute("INSERT INTO a VALUES (7)")
    migrate(connection, STEPS)
    assert connection.execute("SELECT x FROM a ORDER BY x").fetchall() == [(1,), (7,)]


def test_a_step_that_fails_leaves_nothing_of_itself():
    connection = duckdb.connect()
    migrate(connection, STEPS[:1])
    broken = Step(2, "CREATE TABLE b (x INTEGER); SELECT no_such_column FROM a")
    with pytest.raises(duckdb.Error):
        migrate(connection, [*STEPS[:1], broken])
    names = [row[0] for row in connection.execute("SHOW TABLES").fetchall()]
    assert names == ["a", "versions"]
    assert migrate(connection, STEPS) == 2


def test_a_workspace_of_a_newer_admatch_is_refused():
    connection = duckdb.connect()
    migrate(connection, STEPS)
    with pytest.raises(InputError, match="newer admatch"):
        migrate(connection, STEPS[:1])

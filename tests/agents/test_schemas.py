"""Tools, their arguments and their answers are an interface: they change on purpose only.

``python -m tests.agents.test_schemas`` writes the snapshot anew.
"""

import json
from pathlib import Path

from admatch.agents.root import Root
from admatch.agents.server import READING, WRITING, Service, build_server

from .connect import awaited

SNAPSHOT = Path(__file__).with_name("schemas.json")


def published():
    server = build_server(Service(Root(Path(__file__).parent), lambda *asked: []))
    tools = awaited(server.list_tools)
    return {tool.name: tool.model_dump(mode="json", exclude_none=True) for tool in tools}


def test_the_schemas_are_those_of_the_snapshot():
    assert published() == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_only_one_tool_writes():
    reads = {name: one["annotations"]["read_only_hint"] for name, one in published().items()}
    assert {name for name, only in reads.items() if not only} == {"stage_bulk_file"}
    assert len(reads) == len(READING) + len(WRITING) == 10


def test_every_argument_and_figure_is_described_and_every_answer_typed():
    for name, tool in published().items():
        assert tool["description"]
        assert tool["output_schema"]["properties"], name
        for argument, schema in tool["input_schema"]["properties"].items():
            assert schema.get("description"), f"{name}: {argument}"


def test_the_tools_cost_an_agent_few_tokens():
    asked = [
        json.dumps({key: tool[key] for key in ("name", "description", "input_schema")})
        for tool in published().values()
    ]
    assert sum(map(len, asked)) / 3 < 8_000


if __name__ == "__main__":
    text = json.dumps(published(), indent=1, ensure_ascii=False, sort_keys=True)
    SNAPSHOT.write_text(text + "\n", encoding="utf-8")

"""Random and hostile messages to the agents' server: every tool, every resource, every method."""

import json
import random

import pytest
from starlette.testclient import TestClient

from admatch.agents.http import HOST, OnlyWithToken
from admatch.agents.root import Root
from admatch.agents.server import READING, WRITING, Service, build_server
from admatch.jobs.night_lines import read_night_lines
from tests.agents.conftest import FILES, sample_root
from tests.agents.connect import TOKEN
from tests.attacks.entered import HOSTILE
from tests.attacks.record import record

INTERNAL = -32603  # JSON-RPC's code of an error in the server
HEADERS = {
    "Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json",
    "Accept": "application/json, text/event-stream",
}  # fmt: skip
NUMBERS = (0, -1, 1, 0.3, 10**30, -(2**63), float("inf"), float("nan"), 1e308)
BROKEN = (
    "", "{", "[]", "null", "1", '"x"', "[" * 100_000, '{"a":' * 100_000, "\x00", "NaN",
    '{"jsonrpc": "2.0"}', '{"jsonrpc": "1.0", "id": 1, "method": "tools/list"}',
    '{"jsonrpc": "2.0", "id": {"a": 1}, "method": "tools/list"}',
    '{"jsonrpc": "2.0", "id": 1, "method": "\\ud800"}',
    '[{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}]',
    '{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": []}',
    '{"jsonrpc": "2.0", "id": 1, "result": {}}', '{"id": 1e400}', " " * 5_000_000,
)  # fmt: skip


class Agents:
    """The server in this process, and what fell of what was sent to it."""

    def __init__(self, root):
        self.server = build_server(Service(Root(root), read_night_lines))
        self.app = OnlyWithToken(self.server.streamable_http_app(host=HOST), TOKEN)
        self.tried, self.fallen = 0, []

    def __enter__(self):
        self._client = TestClient(self.app, base_url=f"http://{HOST}:8766")
        self._client.__enter__()
        hello = {"protocolVersion": "2025-06-18", "capabilities": {},
                 "clientInfo": {"name": "attack", "version": "1"}}  # fmt: skip
        answer = self.post("initialize", hello)
        self.session = {"Mcp-Session-Id": answer.headers.get("mcp-session-id", "")}
        self.post("notifications/initialized", None, identifier=None)
        return self

    def __exit__(self, *_):
        self._client.__exit__(None, None, None)

    session: dict[str, str] = {}  # noqa: RUF012

    def post(self, method, params, identifier=1):
        message = {"jsonrpc": "2.0", "method": method} | ({"id": identifier} if identifier else {})
        return self.send("POST", json.dumps(message | ({"params": params} if params else {})))

    def send(self, method, content, path="/mcp", headers=None):
        """Send one request; note an error of ours."""
        self.tried += 1
        sent = HEADERS | self.session | (headers or {})
        try:
            answer = self._client.request(method, path, content=content, headers=sent)
        except Exception as error:
            self.fallen.append((method, path, content[:200], repr(error)[:300]))
            return None
        said = answer.text
        if answer.status_code >= 500 or "Traceback" in said or f'"code":{INTERNAL}' in said:
            self.fallen.append((method, path, content[:300], answer.status_code, said[:300]))
        return answer

    def call(self, tool, arguments):
        """Call a tool; what it refuses is one sentence."""
        answer = self.post("tools/call", {"name": tool, "arguments": arguments})
        for line in (answer.text if answer is not None else "").splitlines():
            if line.startswith("data: {"):
                result = json.loads(line[6:]).get("result", {})
                if result.get("isError") and "refused" not in (result["structuredContent"] or {}):
                    self.fallen.append((tool, arguments, line[:300]))


def value(schema, known, chance):
    """Return a value that is of a schema, mostly; ``known`` are files that there are."""
    if chance.random() < 0.15:
        return chance.choice([None, True, [], {}, [[]], *NUMBERS, *HOSTILE.values()])
    if "anyOf" in schema:
        return value(chance.choice(schema["anyOf"]), known, chance)
    if "enum" in schema:
        return chance.choice(schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        return [value(schema.get("items", {}), known, chance) for _ in range(chance.randint(0, 3))]
    if kind == "object":
        inner = schema.get("additionalProperties")
        inner = inner if isinstance(inner, dict) else {}
        return {chance.choice([*HOSTILE.values()]): value(inner, known, chance)}
    if kind in ("integer", "number"):
        return chance.choice(NUMBERS)
    return chance.choice([*known, *HOSTILE.values(), "../catalog.csv", "/etc/passwd", "."])


def resolved(schema, definitions):
    """Return a schema with its definitions set in."""
    if isinstance(schema, list):
        return [resolved(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return resolved(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {name: resolved(one, definitions) for name, one in schema.items()}


@pytest.fixture
def agents(tmp_path):
    root = sample_root(tmp_path / "root")
    (tmp_path / "secret.csv").write_text("secret\n", encoding="utf-8")
    with Agents(root) as one:
        yield one
    assert sorted(path.name for path in tmp_path.iterdir()) == ["root", "secret.csv"]


def test_every_route_and_every_tool_is_attacked(agents):
    """What there is of them is asked of the server, so that a new one is attacked, too."""
    routes = agents.server.streamable_http_app(host=HOST).routes
    assert [one.path for one in routes] == ["/mcp"]  # add a new one to ``test_messages``
    listed = agents.post("tools/list", None).text
    assert all(f'"{one.__name__}"' in listed for one in (*READING, *WRITING))


def test_messages(agents):
    for content in BROKEN:
        agents.send("POST", content)
    for method in ("PUT", "PATCH", "OPTIONS", "TRACE", "x" * 1_000):
        agents.send(method, "")
    for path in ("/", "/mcp/", "/mcp/..", "//mcp", "/mcp?x=%00", "/.well-known/x", "/x" * 5_000):
        agents.send("POST", "{}", path)
    for name, one in HOSTILE.items():
        text = one.encode("utf-8", "surrogatepass")
        for header in ("Mcp-Session-Id", "Mcp-Protocol-Version", "Content-Type", "Last-Event-Id"):
            if "NUL" not in name:  # no server gets such a header
                agents.send("POST", "{}", headers={header: text.replace(b"\x1b", b"")})
        agents.post(one, {})
        agents.post("resources/read", {"uri": one})
        agents.post("resources/read", {"uri": f"admatch://results/{one}/{one}/-1"})
        agents.post("tools/call", {"name": one, "arguments": {one: one}})
        agents.post("completion/complete", {"ref": one})
    assert agents.fallen == []


@pytest.mark.parametrize("examples", [3, pytest.param(60, marks=pytest.mark.slow)])
def test_random_calls_of_every_tool(agents, examples):
    chance, known = random.Random(examples), FILES[:1] if examples == 3 else FILES
    tools = json.loads(
        next(line[6:] for line in agents.post("tools/list", None).text.splitlines()
             if line.startswith("data: {"))
    )["result"]["tools"]  # fmt: skip
    for tool in tools:
        schema = tool["inputSchema"]
        fields = resolved(schema["properties"], schema.get("$defs", {}))
        for _ in range(examples):
            held = {
                name: value(one, known, chance)
                for name, one in fields.items()
                if name in schema.get("required", ()) or chance.random() < 0.3
            }
            agents.call(tool["name"], held)
    assert agents.fallen == []
    if examples > 3:
        record("agent_requests", tried=agents.tried, held=agents.tried, tools=len(tools))

"""Both ways to connect: who may, what a cancelled call leaves, and that a server ends."""

import subprocess
import sys

import anyio
import httpx2
import pytest
from mcp import Client

from admatch.agents.http import HOST, token_or_new
from admatch.errors import InputError

from .connect import ADMATCH, TOKEN, awaited, listening, transport

pytestmark = pytest.mark.long

HELLO = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ACCEPT = {"Accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def address(root):
    with listening(root, "--token", TOKEN) as one:
        yield one


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer another-token-of-nobody"}, 401),
        ({"Authorization": f"Basic {TOKEN}"}, 401),
        ({"Authorization": TOKEN}, 401),
        ({"Authorization": f"Bearer {TOKEN}", "Host": "evil.example"}, 421),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "http://evil.example"}, 403),
    ],
)
def test_only_agents_with_the_token_on_this_computer_connect(address, headers, status):
    answer = httpx2.post(address, json=HELLO, headers=ACCEPT | headers)
    assert answer.status_code == status
    assert "check_report" not in answer.text


def test_the_server_listens_on_this_computer_only(address):
    assert address.startswith(f"http://{HOST}:")
    assert HOST == "127.0.0.1"


def test_a_token_is_made_and_printed_once(root):
    command = [sys.executable, *ADMATCH, "mcp", "--root", str(root), "--http", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        lines = [server.stderr.readline() for _ in range(2)]
        server.terminate()
    assert "Authorization: Bearer " in lines[1]
    assert len(lines[1].split()[-1]) >= 32


def test_a_short_token_is_refused():
    for token in ("short", "with a blank in it.", "größer-als-ASCII-0123"):
        with pytest.raises(InputError, match="16 at least"):
            token_or_new(token)
    assert token_or_new(TOKEN) == TOKEN
    assert token_or_new(None) != token_or_new(None)


SLOW = {"reports": ["search_terms.csv"], "catalog": "catalog.csv", "target_acos": 0.21}


async def cancelled(client):
    """Cancel a call once it has told of its progress; return what was told."""
    told = []
    with anyio.CancelScope() as scope:

        async def heard(done, total, message):
            told.append(message)
            scope.cancel()

        await client.call_tool("recommend", SLOW, progress_callback=heard)
    assert scope.cancelled_caught
    return told


@pytest.mark.parametrize("way", ["stdio", "http"])
def test_a_cancelled_call_leaves_nothing_and_the_next_is_answered(way, root, address):
    from mcp import StdioServerParameters

    before = sorted(root.rglob("*"))

    async def main():
        arguments = [*ADMATCH, "mcp", "--root", str(root)]
        target = (
            StdioServerParameters(command=sys.executable, args=arguments, env=_environment())
            if way == "stdio"
            else transport(address, TOKEN)
        )
        async with Client(target) as client:
            assert await cancelled(client)
            found = await client.call_tool("check_report", {"file": "catalog.csv"})
            assert found.structured_content["usable"]
            held = await client.read_resource("admatch://results")
            assert '"recommend"' not in held.contents[0].text

    awaited(main)
    assert sorted(root.rglob("*")) == before


def _environment():
    import os

    return dict(os.environ)


def test_a_server_ends_when_its_agent_hangs_up(root):
    command = [sys.executable, *ADMATCH, "mcp", "--root", str(root)]
    done = subprocess.run(command, input="", capture_output=True, text=True, check=True)
    assert done.stdout == ""


def test_a_server_starts_without_what_only_tools_need(root):
    """Agents wait for it: neither torch nor a table library is loaded before the first call."""
    program = (
        "import io, sys; from admatch.cli.main import app;"
        f"app(['mcp', '--root', {str(root)!r}], standalone_mode=False);"
        "sys.exit(str({'torch', 'polars', 'duckdb', 'sklearn'} & {*sys.modules} or ''))"
    )
    done = subprocess.run([sys.executable, "-c", program], input="", capture_output=True, text=True)
    assert done.stderr.strip() == ""


def test_stray_output_does_not_reach_the_agent(root):
    """What is not a message gets no answer that an agent could not read."""
    command = [sys.executable, *ADMATCH, "mcp", "--root", str(root)]
    done = subprocess.run(command, input="no JSON\n", capture_output=True, text=True, check=True)
    assert all(line.startswith("{") for line in done.stdout.splitlines())

"""A client of the SDK, connected to a server, for tests that are not asynchronous."""

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from functools import partial

import httpx2
from anyio.from_thread import start_blocking_portal
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

ADMATCH = ("-c", "from admatch.cli.main import main; main()")
TOKEN = "a-token-of-the-tests"


def awaited(function, *arguments):
    """Run it in a thread of its own: in this one, tests of pages leave a loop running."""
    with start_blocking_portal() as portal:
        return portal.call(function, *arguments)


class Agent:
    """Calls tools as an agent would; answers are checked against the schemas by the SDK."""

    def __init__(self, portal, client):
        self.portal, self.client = portal, client

    def call(self, tool, **arguments):
        result = self.raw(tool, **arguments)
        assert not result.is_error, result.content[0].text
        assert json.loads(result.content[0].text) == result.structured_content
        return result.structured_content

    def refused(self, tool, **arguments):
        """The one sentence in which a tool refuses."""
        result = self.raw(tool, **arguments)
        assert result.is_error, result.content[0].text
        sentence = result.structured_content["refused"]["cell_text"]
        assert "\n" not in sentence
        return sentence

    def raw(self, tool, **arguments):
        return self.do("call_tool", tool, arguments)

    def do(self, what, *arguments, **named):
        return self.portal.call(partial(getattr(self.client, what), *arguments, **named))

    def read(self, uri):
        return self.do("read_resource", uri).contents[0].text

    def pages(self, tool, **arguments):
        """All rows of an answer's table, page by page."""
        rows, offset = [], 0
        while offset is not None:
            page = self.call(tool, **arguments, offset=offset)["page"]
            assert page["offset"] == offset
            rows += page["rows"]
            offset = page.get("next_offset")
        assert len(rows) == page["total_rows"]
        return rows


@contextmanager
def connected(target):
    """Yield an agent that is connected to a server in this process, or by a transport."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(target)) as client,
    ):
        yield Agent(portal, client)


@contextmanager
def by_stdio(root, *options):
    """Yield an agent that has started its own server."""
    arguments = [*ADMATCH, "mcp", "--root", str(root), *options]
    with connected(
        StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ))
    ) as agent:
        yield agent


@contextmanager
def listening(root, *options):
    """Yield the address of a server that listens on this computer."""
    command = [sys.executable, *ADMATCH, "mcp", "--root", str(root), "--http", "--port", "0"]
    with subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True) as server:
        try:
            lines = []
            while not lines or not (found := re.search(r"http://\S+/mcp", lines[-1])):
                lines.append(server.stderr.readline())
                assert lines[-1], "".join(lines)
            yield found[0]
        finally:
            server.terminate()


@contextmanager
def by_http(root, *options):
    """Yield an agent that is connected by streamable HTTP."""
    with (
        listening(root, "--token", TOKEN, *options) as address,
        connected(transport(address, TOKEN)) as agent,
    ):
        yield agent


def transport(address, token):
    headers = {"Authorization": f"Bearer {token}"}
    client = httpx2.AsyncClient(headers=headers, timeout=600)
    return streamable_http_client(address, http_client=client)

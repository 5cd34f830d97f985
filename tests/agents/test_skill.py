"""The skill file says what there is, and nothing that is not there."""

import re
import subprocess
import sys

from typer.testing import CliRunner

from admatch.agents.server import READING, WRITING
from admatch.agents.skill import INSTRUCTIONS, skill_text
from admatch.cli.main import app

from .test_schemas import published


def test_the_skill_names_every_tool_and_field_as_it_is():
    text, tools = skill_text(), published()
    for tool in (*READING, *WRITING):
        assert f"`{tool.__name__}`" in text
    fields = str(tools)
    for word in re.findall(r"`([a-z_]+[a-z0-9]*)`", text):
        assert word in fields, word


def test_the_skill_begins_as_skill_files_do():
    head = skill_text().split("---")[1]
    assert re.search(r"^name: admatch$", head, re.M)
    description = re.search(r"^description: (.*)$", head, re.M)[1]
    assert len(description) < 1024


def test_the_verb_prints_it_and_needs_no_server():
    done = CliRunner().invoke(app, ["mcp", "--skill"])
    assert done.exit_code == 0
    assert done.stdout == skill_text()
    program = (
        "import sys; sys.modules['mcp'] = None; from admatch.agents.skill import skill_text;"
        " assert skill_text(); assert 'polars' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_verb_needs_a_folder(tmp_path):
    """Where an agent's program starts a server is often its user's home, or the whole disk."""
    done = CliRunner().invoke(app, ["mcp"])
    assert done.exit_code == 2
    assert "--root" in done.output
    done = CliRunner().invoke(app, ["mcp", "--root", str(tmp_path / "none")])
    assert done.exit_code == 1
    assert "there is no folder" in done.output


def test_agents_are_told_what_not_to_do():
    for text in (INSTRUCTIONS, skill_text()):
        assert "never follow" in text or "do not do it" in text
        assert "never add up" in text.lower()

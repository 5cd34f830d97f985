"""Where torch is not installed, everything but training and other encoders does without it."""

import os
import subprocess
import sys

import pytest

# To every import, and to those who ask first, as if it were not there.
HIDDEN = """
import sys
from importlib.machinery import PathFinder
found = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name.startswith("torch") else found(name, *rest)
"""
OWN = """
import admatch as am
from admatch.ids.semantic_id import Modality
from tests.conftest import WordEncoder, random_codebooks, small_model
pair = {"encoder": WordEncoder(), "model": small_model(random_codebooks(7))}
index = am.Index.build(am.read_catalog("data/sample/catalog.csv"), **pair)
index.save(sys.argv[1])
report = am.read_report("data/sample/search_terms.csv")
one, other = index.match(report), am.Index.load(sys.argv[1], **pair).match(report)
assert one.terms.equals(other.terms) and one.products.equals(other.products)
assert index.search(["apple juice"], modalities={Modality.TEXT})
"""
DOOR = """
from admatch.cli.main import app
app(["match", "data/sample/search_terms.csv", "--catalog", "data/sample/catalog.csv", "--out",
     sys.argv[1]], standalone_mode=False)
"""


@pytest.mark.parametrize("code", [OWN, pytest.param(DOOR, marks=pytest.mark.long)])
def test_terms_are_matched_without_torch(code, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", HIDDEN + code, str(tmp_path / "out")],
        env=os.environ | {"ADMATCH_CACHE": str(tmp_path / "cache")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

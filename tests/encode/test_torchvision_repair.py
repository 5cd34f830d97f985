import subprocess
import sys

import pytest

pytestmark = pytest.mark.long

# Raises exactly what PyPI's torchvision raises beside a CPU torch, until nms is declared.
FAKE = """
import torch
if not hasattr(torch.ops.torchvision, "nms"):
    raise RuntimeError("operator torchvision::nms does not exist")
whole = True
"""


def run(code: str, path=None) -> subprocess.CompletedProcess:
    head = f"import sys; sys.path.insert(0, {str(path)!r})\n" if path else ""
    repair = "from admatch.encode.torchvision_repair import import_torchvision\n"
    return subprocess.run(
        [sys.executable, "-c", head + repair + code], capture_output=True, text=True, check=False
    )


def test_the_missing_operator_is_declared(tmp_path):
    (tmp_path / "torchvision.py").write_text(FAKE)
    done = run("import_torchvision(); import torchvision; assert torchvision.whole", tmp_path)
    assert done.returncode == 0, done.stderr


def test_any_other_error_stays(tmp_path):
    (tmp_path / "torchvision.py").write_text("raise RuntimeError('out of memory')")
    done = run("import_torchvision()", tmp_path)
    assert "out of memory" in done.stderr


def test_the_installed_pair_works_afterwards():
    done = run(
        "import_torchvision(); import_torchvision()\n"
        "from torchvision.transforms import v2; import sentence_transformers"
    )
    assert done.returncode == 0, done.stderr

"""Nothing about a run leaves the computer, or stays on it outside the caches of admatch."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import socket
def refuse(*given, **named):
    raise AssertionError(f"the network was asked: {given}")
socket.getaddrinfo = socket.gethostbyname = socket.create_connection = refuse
import os, sys
from pathlib import Path
from admatch.encode.image import ImageEncoder
ImageEncoder().encode_images([Path(PICTURE)])
assert "onnxruntime" in sys.modules
assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
"""


def test_reading_pictures_writes_and_asks_nothing(tmp_path):
    picture = next(iter(sorted(Path("data/sample/images").iterdir())))
    home = tmp_path / "home"
    home.mkdir()
    script = SCRIPT.replace("PICTURE", repr(str(picture.resolve())))
    environment = os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert [path for path in home.rglob("*") if "icrosoft" in str(path)] == []

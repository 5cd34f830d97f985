import base64
import io

import pytest
from PIL import Image

from admatch.display.thumbnail import SIDE, thumbnail


def opened(uri):
    head, data = uri.split(",", 1)
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


@pytest.mark.parametrize(("mode", "name"), [("RGB", "a.jpg"), ("P", "a.png"), ("LA", "b.png")])
def test_a_picture_fits_its_tile(tmp_path, mode, name):
    Image.new(mode, (900, 300)).save(tmp_path / name)

    assert opened(thumbnail(tmp_path / name)).size == (SIDE, SIDE // 3)


def test_what_is_transparent_becomes_white(tmp_path):
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(tmp_path / "a.png")

    assert opened(thumbnail(tmp_path / "a.png")).getpixel((5, 5)) == (255, 255, 255)


def test_what_cannot_be_read_gives_none(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"no picture")

    assert thumbnail(tmp_path / "a.jpg") is None
    assert thumbnail(tmp_path / "absent.jpg") is None

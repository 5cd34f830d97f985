import io
import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from PIL import Image

from admatch.catalog import images


@pytest.fixture
def shop(picture, monkeypatch):
    """A shop on this machine: /red.jpg, /page.jpg (no image), /moved.jpg, /file.jpg, /huge.jpg."""
    asked: list[str] = []
    monkeypatch.setenv("no_proxy", "*")

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            goals = {"/moved.jpg": "/red.jpg", "/file.jpg": picture.as_uri()}
            if self.path in goals:
                self.send_response(302)
                self.send_header("Location", goals[self.path])
                self.end_headers()
                return
            known = {
                "/red.jpg": picture.read_bytes(),
                "/page.jpg": b"<html>",
                "/huge.jpg": b"x" * 5000,
            }
            self.send_response(200 if self.path in known else 404)
            self.end_headers()
            self.wfile.write(known.get(self.path, b""))

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


def test_local_paths_are_relative_to_the_catalog(read, picture):
    (picture.parent / "pictures").mkdir()
    picture.rename(picture.parent / "pictures" / "red.jpg")
    catalog = read("id,title,images\n1,Cup,pictures/red.jpg\n")
    assert catalog["1"].images == ((picture.parent / "pictures/red.jpg").as_posix(),)
    assert catalog.problems == ()


def test_an_unreadable_image_is_a_problem_and_the_product_stays(read, picture):
    whole = picture.read_bytes()
    (picture.parent / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (picture.parent / "text.jpg").write_text("no picture")
    catalog = read("id,title,images\n1,Cup,cut.jpg|red.jpg\n2,Mug,text.jpg\n3,Jug,none.jpg\n")
    assert [len(one.images) for one in catalog] == [1, 0, 0]
    assert [(p.row, p.value) for p in catalog.problems] == [
        (2, "cut.jpg"),
        (3, "text.jpg"),
        (4, "none.jpg"),
    ]
    assert "not a picture" in str(catalog.problems[1])
    assert "no such image file" in str(catalog.problems[2])


def test_a_pipe_is_not_opened(read, picture):
    os.mkfifo(picture.parent / "pipe.jpg")  # whoever opens it waits for ever
    catalog = read("id,title,images\n1,Cup,pipe.jpg\n")
    assert catalog["1"].images == ()
    assert len(catalog.problems) == 1


def test_nothing_is_fetched_unless_asked(read, shop):
    address, asked = shop
    catalog = read(f"id,title,image_link\n1,Cup,{address}/red.jpg\n")
    assert catalog["1"].images == ()
    assert catalog.problems == ()
    assert asked == []


def test_addresses_are_fetched_once_into_the_cache(read, shop, tmp_path):
    address, asked = shop
    text = f"id,title,image_link\n1,Cup,{address}/red.jpg\n2,Mug,{address}/moved.jpg\n"
    first = read(text, image_cache=tmp_path / "cache")
    again = read(text, image_cache=tmp_path / "cache")
    assert first.problems == ()
    assert [one.images for one in first] == [one.images for one in again]
    for one in first:
        with Image.open(one.images[0]) as image:
            assert image.size == (40, 30)
    assert sorted(asked) == ["/moved.jpg", "/red.jpg", "/red.jpg"]


def test_only_the_first_address_of_a_product_is_fetched(read, shop, tmp_path):
    address, asked = shop
    text = f"id,title,image\n1,Cup,{address}/red.jpg|{address}/other.jpg\n"
    assert len(read(text, image_cache=tmp_path / "cache")["1"].images) == 1
    assert asked == ["/red.jpg"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/page.jpg", "not a picture"),
        ("/none.jpg", "answers 404"),
        ("/file.jpg", "answers 302"),  # no redirection leads to a file of this machine
        ("/huge.jpg", "larger than"),
    ],
)
def test_what_is_no_image_is_reported_and_not_kept(read, shop, tmp_path, monkeypatch, path, reason):
    monkeypatch.setattr(images, "LARGEST", 4096)
    address, _ = shop
    catalog = read(f"id,title,image\n1,Cup,{address}{path}\n", image_cache=tmp_path / "cache")
    assert catalog["1"].images == ()
    assert reason in str(catalog.problems[0])
    assert not (tmp_path / "cache").exists() or not list((tmp_path / "cache").iterdir())


@pytest.mark.parametrize(
    "value", ["file:///etc/passwd", "ftp://x.test/a.jpg", "data:image/png;base64"]
)
def test_other_schemes_are_never_followed(read, tmp_path, value):
    catalog = read(f'id,title,image\n1,Cup,"{value}"\n', image_cache=tmp_path / "cache")
    assert catalog["1"].images == ()
    assert catalog.problems


def test_a_host_that_does_not_answer_is_reported(read, tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/a.jpg"
        catalog = read(f"id,title,image\n1,Cup,{address}\n", image_cache=tmp_path)
    assert "cannot be fetched" in str(catalog.problems[0])


def test_a_png_with_transparency_counts(read, tmp_path):
    buffer = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(buffer, "PNG")
    (tmp_path / "clear.png").write_bytes(buffer.getvalue())
    assert len(read("id,title,image\n1,Cup,clear.png\n")["1"].images) == 1

import io

import numpy as np
import pytest
from PIL import Image, features

from admatch.encode.picture import PictureError, open_picture, open_pictures


def written(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def colour(given):
    return open_picture(given).getpixel((0, 0))


def test_a_picture_is_turned_upright():
    wide = Image.new("RGB", (20, 10), "red")
    exif = Image.Exif()
    exif[0x0112] = 6
    assert open_picture(written(wide, "JPEG", exif=exif)).size == (10, 20)


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P", "CMYK", "LA", "RGBA", "I;16"])
def test_every_mode_comes_as_rgb(mode):
    kind = "TIFF" if mode in ("CMYK", "I;16") else "PNG"
    opened = open_picture(written(Image.new(mode, (4, 4)), kind))
    assert (opened.mode, opened.size) == ("RGB", (4, 4))


def test_what_is_transparent_is_white():
    assert colour(written(Image.new("RGBA", (3, 3), (9, 9, 9, 0)))) == (255, 255, 255)
    palette = Image.new("P", (3, 3), 0)
    assert colour(written(palette, transparency=0)) == (255, 255, 255)


def test_sixteen_bits_are_scaled_not_cut_off():
    grey = Image.fromarray(np.full((4, 4), 32_768, np.uint16))
    assert abs(colour(written(grey))[0] - 128) <= 1


def test_of_an_animation_the_first_frame_counts():
    frames = [Image.new("RGB", (5, 5), name) for name in ("red", "blue")]
    moving = written(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert colour(moving) == (255, 0, 0)


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_newer_formats_where_pillow_can(kind):
    if not features.check(kind.lower()):
        pytest.skip(f"this Pillow reads no {kind}")
    assert open_picture(written(Image.new("RGB", (8, 8), "white"), kind)).size == (8, 8)


def test_one_pixel_is_a_picture():
    assert open_picture(written(Image.new("RGB", (1, 1)))).size == (1, 1)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF"])
def test_a_picture_cut_off_is_broken_wherever_it_is_cut(kind):
    noise = np.random.default_rng(1).integers(0, 255, (40, 40, 3), np.uint8)
    whole = written(Image.fromarray(noise), kind)
    for share in (0.02, 0.3, 0.6, 0.9):
        with pytest.raises(PictureError):
            open_picture(whole[: int(len(whole) * share)])


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch):
    bomb = written(Image.new("1", (2_000, 2_000)))
    for module in ("admatch.display.picture_file", "admatch.encode.picture"):
        monkeypatch.setattr(f"{module}.PIXELS", 1_000_000)
    with pytest.raises(PictureError, match="2,000 x 2,000 pixels, more than 1,000,000"):
        open_picture(bomb)


def test_pillows_own_limit_has_the_same_message(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(PictureError, match="more than"):
        open_picture(written(Image.new("1", (200, 200))))


def test_one_broken_picture_stops_no_other(tmp_path):
    (tmp_path / "good.png").write_bytes(written(Image.new("RGB", (2, 2))))
    (tmp_path / "text.png").write_text("no picture")
    names = ["good.png", "text.png", "absent.png", "."]
    good, text, absent, folder = open_pictures([tmp_path / name for name in names])
    assert good.size == (2, 2)
    assert str(text) == "it is not a picture"
    assert str(absent) == "there is no such image file"
    assert isinstance(folder, PictureError)

"""What a listing says in another form than a term."""

import pytest

from admatch.audit.said import said


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("zoll", 'Kupplung Außengewinde 1/4"'),
        ("inch", "Tube 3/8” long"),
        ("13mm", "Tülle 13 mm"),
        ("13mm", 'Schlauchanschluss 13 (1/2") mm'),
        ("schlauch", "Spiral-Ersatzschlauch"),
        ("luft", "Druckluft"),
    ],
)
def test_said(word, text):
    assert said(word, text, compounds=True)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("zoll", "Kupplung “Premium”"),
        ("14mm", "Tülle 13 mm"),
        ("rice", "price"),
        ("barista", "oat drink"),
    ],
)
def test_not_said(word, text):
    assert not said(word, text, compounds=True)


def test_english_headphones_are_no_phone():
    assert not said("phone", "headphones", compounds=False)

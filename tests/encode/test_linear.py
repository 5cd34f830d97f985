import pytest
import torch
from torch.nn.functional import linear

from admatch.encode import precision
from admatch.encode.linear import EightBits, fast_linear, scanner


@pytest.fixture
def layer():
    torch.manual_seed(7)
    return torch.randn(48, 32) * torch.rand(48, 1), torch.randn(48)


def test_eight_bits_come_near(layer):
    states = torch.randn(3, 5, 32) * torch.tensor([0.01, 1, 1000])[:, None, None]
    found, expected = EightBits(*layer)(states), linear(states, *layer)
    assert found.shape == expected.shape
    off = (found - expected).norm(dim=(1, 2)) / (expected - layer[1]).norm(dim=(1, 2))
    assert off.max() < 0.02


def test_a_state_does_not_depend_on_its_neighbours(layer):
    states = torch.randn(40, 32)
    states[7] *= 1e4
    through = EightBits(*layer)
    alone = torch.cat([through(state[None]) for state in states])
    torch.testing.assert_close(through(states), alone, rtol=0, atol=0)


def test_a_scan_finds_what_exact_search_finds():
    torch.manual_seed(7)
    vectors = torch.nn.functional.normalize(torch.randn(500, 64), dim=1)
    near = torch.nn.functional.normalize(vectors[:50] + 0.05 * torch.randn(50, 64), dim=1)
    found = scanner(vectors)(near).float()
    assert (found.argmax(1) == torch.arange(50)).all()
    assert (found - near @ vectors.T).abs().max() < 0.02


def test_nothing_is_nothing(layer):
    through = EightBits(*layer)
    torch.testing.assert_close(through(torch.zeros(2, 32)), layer[1].expand(2, -1))


@pytest.mark.parametrize(
    ("machine", "bfloat16", "eight"),
    [
        ("x86_64", False, True),
        ("AMD64", False, True),
        ("x86_64", True, False),
        ("arm64", False, False),
    ],
)
def test_taken_where_nothing_is_faster(layer, monkeypatch, machine, bfloat16, eight):
    monkeypatch.setattr(precision.platform, "machine", lambda: machine)
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: bfloat16)
    for known in (precision.fast_format, precision.eight_bits):
        known.cache_clear()
    try:
        through = fast_linear(*layer, torch.device("cpu"))
    finally:
        for known in (precision.fast_format, precision.eight_bits):
            known.cache_clear()
    assert isinstance(through, EightBits) == eight

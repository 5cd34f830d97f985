import pytest

from admatch.pipeline.target import propose_target


@pytest.mark.parametrize(
    ("acos", "margin", "target", "said"),
    [
        (0.156, None, 0.14, "15.6"),
        (0.50, 0.30, 0.30, "lose money"),
        (0.20, 0.35, 0.18, "pay already"),
        (None, 0.25, 0.25, "margin of 25"),
        (None, None, 0.30, "usual value"),
        (0.002, None, 0.01, "0.2"),
    ],
)
def test_a_target_is_near_today_and_never_above_the_margin(acos, margin, target, said):
    proposed = propose_target(acos, margin)
    assert proposed.target_acos == pytest.approx(target)
    assert said in proposed.why

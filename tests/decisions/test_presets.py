import pytest

import admatch as am
from admatch.decisions.guard_rails import Preset
from admatch.errors import InputError


def test_a_preset_sets_its_caps_unless_they_are_given():
    assert am.GuardRails("cautious").sales_at_risk == 0.005
    assert am.GuardRails().sales_at_risk == 0.02
    assert am.GuardRails(Preset.TARGET_FIRST, sales_at_risk=0.05).sales_at_risk == 0.05
    with pytest.raises(InputError, match="no preset 'bold'; choose from cautious, balanced"):
        am.GuardRails("bold")


def test_what_is_looser_than_its_preset_is_warned_about():
    assert not list(am.GuardRails("target-first").warnings())
    assert list(am.GuardRails("cautious", sales_at_risk=0.02).warnings())


def test_options_keep_their_preset():
    options = am.AnalysisOptions(guard_rails=am.GuardRails("cautious", step=0.1))
    assert am.AnalysisOptions.from_dict(options.to_dict()) == options
    named = am.AnalysisOptions.from_dict({"preset": "target-first", "sales_at_risk": None})
    assert named.guard_rails == am.GuardRails("target-first")

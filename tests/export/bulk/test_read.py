import pytest

import admatch as am
from admatch.errors import InputError
from admatch.export.bulk.read import read_changes
from tests.decisions.conftest import make_account

PLACE = am.Place("Auto", "All")


def written(tmp_path, account):
    change = am.Change.negative_keyword("dog bowl", am.MatchType.NEGATIVE_EXACT, PLACE)
    wide = am.Change.negative_keyword("cat", am.MatchType.NEGATIVE_PHRASE, am.Place("Auto"))
    asin = am.Change.negative_product("b0rival001", PLACE)
    made = am.ChangeSet((change, wide, asin))
    done = am.write_bulksheet(made, account, tmp_path / "c.xlsx", marketplace="US")
    assert not done.refused
    return done


def test_what_was_written_is_read_back(tmp_path):
    account = make_account()
    done = written(tmp_path, account)
    found = read_changes(done.file, account)
    assert [one.text for one in found] == ["dog bowl", "cat", 'asin="B0RIVAL001"']
    assert [one.entity for one in found] == [one.entity for one in done.changes]
    assert [str(one.place) for one in found] == [str(one.place) for one in done.changes]
    assert [one.match_type for one in found] == [one.match_type for one in done.changes]


def test_places_need_names(tmp_path):
    done = written(tmp_path, make_account())
    with pytest.raises(InputError, match="name of its campaign or ad group is unknown"):
        read_changes(done.file)


def test_a_file_without_changes(tmp_path):
    from admatch.pipeline.sample import sample_folder

    with pytest.raises(InputError, match="no row creates, updates or archives"):
        read_changes(sample_folder() / "bulk.xlsx")

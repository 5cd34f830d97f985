"""What is written can be undone: against a tiny Amazon, by hand and by chance."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admatch.errors import InputError
from admatch.export.bulk.write import complete_inverse, write_bulksheet
from admatch.impact.changes import Change, ChangeSet, Operation, Place
from admatch.reports.account.records import Entity, MatchType

from .amazon import Amazon, Held, rows_of

DESK, FLOOR = Place("Lamps", "Desk"), Place("Lamps", "Floor")
CAMPAIGN, AUTO = Place("Lamps"), Place("Auto lamps")
EXACT, BROAD, PHRASE = MatchType.EXACT, MatchType.BROAD, MatchType.PHRASE
NEG_EXACT, NEG_PHRASE = MatchType.NEGATIVE_EXACT, MatchType.NEGATIVE_PHRASE


def test_a_pause_is_undone(export, amazon):
    before = amazon.running()
    done = export(Change.pause("desk lamp", DESK, EXACT))
    (row,), (undo,) = rows_of(done.file), rows_of(done.inverse)
    assert (row["Operation"], row["State"], row.get("Bid")) == ("Update", "paused", None)
    assert (undo["Operation"], undo["State"], undo.get("Bid")) == ("Update", "enabled", None)
    assert not amazon.upload(done.file)
    assert amazon.running() != before
    assert not amazon.upload(done.inverse)
    assert amazon.running() == before


def test_a_completed_inverse_archives_what_amazon_gave_ids(export, amazon, tmp_path):
    before = amazon.running()
    done = export(
        Change.keyword("new lamp", EXACT, DESK, 1),
        Change.negative_keyword("Red Lamp", NEG_PHRASE, CAMPAIGN),
        Change.archive(Entity.KEYWORD, "green lamp", DESK, BROAD),
    )
    undo = rows_of(done.inverse)
    assert [row["Operation"] for row in undo] == ["Archive", "Archive", "Create"]
    assert "Keyword ID" not in undo[0]
    assert (undo[0]["Keyword Text"], undo[0]["Match Type"]) == ("new lamp", "exact")
    assert undo[2]["State"] == "paused"
    assert not amazon.upload(done.file)
    completed = complete_inverse(done.manifest, amazon.account(), tmp_path / "undo.xlsx")
    assert not completed.refused
    after = amazon.running()
    assert not amazon.upload(completed.file)
    assert amazon.running() == before
    again = complete_inverse(completed.manifest, amazon.account(), tmp_path / "redo.xlsx")
    assert not amazon.upload(again.file)
    assert amazon.running() == after


def test_what_is_gone_since_is_refused(export, amazon, tmp_path):
    done = export(
        Change.keyword("new lamp", EXACT, DESK), Change.keyword_bid("desk lamp", EXACT, DESK, 2)
    )
    completed = complete_inverse(done.manifest, amazon.account(), tmp_path / "undo.xlsx")
    reasons = [one.reason for one in completed.refused]
    assert "has no keyword 'new lamp' (exact) that is not archived" in reasons[0]
    assert "€0.90 already" in reasons[1]


@pytest.mark.parametrize("content", ["{}", "no json", "[1]", '{"changes": [{"inverse": {}}]}'])
def test_a_file_that_is_no_manifest(amazon, tmp_path, content):
    path = tmp_path / "x.manifest.json"
    path.write_text(content)
    with pytest.raises(InputError, match="not the manifest of an export"):
        complete_inverse(path, amazon.account(), tmp_path / "undo.xlsx")
    with pytest.raises(InputError, match=r"gone\.json: "):
        complete_inverse(tmp_path / "gone.json", amazon.account(), tmp_path / "undo.xlsx")


words = st.sampled_from(["lamp", "oil", "Desk", "red", "tall"])
texts = st.lists(words, min_size=1, max_size=3).map(" ".join)
bids = st.sampled_from([0.02, 0.4, 0.75, 1.2, 33.337])
groups = st.sampled_from([DESK, FLOOR])
positive, negative = (
    st.sampled_from([EXACT, PHRASE, BROAD]),
    st.sampled_from([NEG_EXACT, NEG_PHRASE]),
)
asins = st.sampled_from(["B0LAMP0001", "B0LAMP0002"])
places = st.sampled_from([DESK, FLOOR, CAMPAIGN, AUTO, Place("Auto lamps", "All")])
states = st.sampled_from(["enabled", "paused", "archived"])


@st.composite
def accounts(draw):
    amazon = Amazon().hold(Held("Product Targeting", "2", "21", "close-match", None, 0.3))
    where = st.sampled_from(["11", "12"])
    own = st.none() | bids
    kinds = st.one_of(
        st.builds(Held, st.just("Keyword"), st.just("1"), where, texts,
                  positive.map(str), own, states),
        st.builds(Held, st.just("Product Targeting"), st.just("1"), where,
                  asins.map('asin="{}"'.format), st.none(), own, states),
        st.builds(Held, st.just("Negative Keyword"), st.just("1"), where, texts,
                  negative.map(str), st.none(), states),
        st.builds(Held, st.just("Campaign Negative Keyword"), st.just("1"), st.none(), texts,
                  negative.map(str)),
        st.builds(Held, st.just("Negative Product Targeting"), st.just("1"), where,
                  asins.map('asin="{}"'.format), st.none(), st.none(), states),
    )  # fmt: skip
    things = draw(st.lists(kinds, max_size=8))
    return amazon.hold(*{one.key: one for one in things}.values())


changes = st.one_of(
    st.builds(Change.keyword, texts, positive, groups, st.none() | bids),
    st.builds(Change.negative_keyword, texts, negative, places),
    st.builds(Change.negative_product, asins, places),
    st.builds(Change.keyword_bid, texts, positive, groups, bids),
    st.builds(Change.target_bid, asins.map('asin="{}"'.format), groups, bids),
    st.builds(Change.archive, st.just(Entity.KEYWORD), texts, groups, positive),
    st.builds(Change.archive, st.just(Entity.NEGATIVE_KEYWORD), texts, groups, negative),
    st.builds(
        Change.archive, st.just(Entity.NEGATIVE_PRODUCT_TARGETING),
        asins.map('asin="{}"'.format), groups,
    ),
)  # fmt: skip


@st.composite
def situations(draw):
    """An account and changes, half of which are of something that is there."""
    amazon = draw(accounts())
    made = draw(st.lists(changes, max_size=6))
    for target_id, held in amazon.held.items():
        entity = Entity(held.entity)
        place = Place("", campaign_id=held.campaign_id, ad_group_id=held.ad_group_id)
        match_type = MatchType(held.match_type) if held.match_type else None
        kind = draw(st.sampled_from(["leave", "bid", "archive"]))
        operation = {"bid": Operation.UPDATE, "archive": Operation.ARCHIVE}.get(kind)
        if operation:
            bid = draw(bids) if kind == "bid" else None
            identified = draw(st.booleans())
            made.append(
                Change(operation, entity, place, held.text, match_type, bid,
                       target_id if identified else None)
            )  # fmt: skip
    return amazon, ChangeSet(tuple(draw(st.permutations(made))))


@settings(max_examples=120, deadline=None)
@given(situations())
def test_amazon_takes_every_row_and_the_inverse_gives_the_account_back(situation):
    amazon, change_set = situation
    with tempfile.TemporaryDirectory() as folder:
        before = amazon.running()
        done = write_bulksheet(
            change_set, amazon.account(), Path(folder, "bulk.xlsx"), marketplace="DE"
        )
        assert len(done.written) + len(done.refused) == len(change_set)
        assert not amazon.upload(done.file)
        completed = complete_inverse(done.manifest, amazon.account(), Path(folder, "undo.xlsx"))
        assert not completed.refused
        if not any(entry.awaits_id for entry in done.written):
            assert rows_of(done.inverse) == rows_of(completed.file)
        assert not amazon.upload(completed.file)
        assert amazon.running() == before

from admatch.impact.changes import Change, ChangeSet, Operation, Place
from admatch.reports.account.records import Entity, MatchType

GROUP = Place("Lamps", "Desk")
CAMPAIGN = Place("Lamps")


def test_a_negative_belongs_where_its_place_says():
    def negative(place):
        return Change.negative_keyword("oil lamp", MatchType.NEGATIVE_EXACT, place).entity

    assert negative(GROUP) == Entity.NEGATIVE_KEYWORD
    assert negative(CAMPAIGN) == Entity.CAMPAIGN_NEGATIVE_KEYWORD
    assert negative(Place("", campaign_id="1", ad_group_id="2")) == Entity.NEGATIVE_KEYWORD


def test_a_negative_product_is_an_expression():
    change = Change.negative_product("b0lamp0001", CAMPAIGN)
    assert change.text == 'asin="B0LAMP0001"'
    assert change.entity == Entity.CAMPAIGN_NEGATIVE_PRODUCT
    assert Change.negative_product("b0", GROUP).entity == Entity.NEGATIVE_PRODUCT_TARGETING


def test_bids_and_archives():
    bid = Change.keyword_bid("lamp", MatchType.EXACT, GROUP, 0.5)
    assert (bid.operation, bid.entity, bid.bid) == (Operation.UPDATE, Entity.KEYWORD, 0.5)
    target = Change.target_bid("close-match", GROUP, 0.5)
    assert (target.entity, target.match_type) == (Entity.PRODUCT_TARGETING, None)
    end = Change.archive(Entity.KEYWORD, "lamp", GROUP, MatchType.EXACT)
    assert end.operation == Operation.ARCHIVE


def test_a_change_set_keeps_its_order():
    changes = tuple(Change.keyword(word, MatchType.BROAD, GROUP) for word in "cab")
    assert [change.text for change in ChangeSet(changes)] == ["c", "a", "b"]
    assert len(ChangeSet(changes)) == 3


def test_places_are_described_by_name_or_id():
    assert str(GROUP) == "ad group 'Desk' of campaign 'Lamps'"
    assert str(Place("", campaign_id="17")) == "campaign '17'"
    assert GROUP.description.in_language("zh") == "广告活动“Lamps”的广告组“Desk”"

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admatch.encode.language import language_shares

GERMAN = ["gartenschlauch 1/2 zoll", "schlauch für druckluft", "gardena anschluss", "20 bar"]
ENGLISH = ["bamboo sheets for queen bed", "cooling pillow case", "gift for mom", "king size"]


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (ENGLISH, "en"),
        (GERMAN, "de"),
        (["化粧水 敏感肌", "乾燥肌 クリーム", "日焼け止め"], "ja"),
        (["敏感肌 化妆水", "保湿面霜", "防晒霜 推荐"], "zh"),
        (["수분 크림", "샴푸 추천"], "ko"),
        (["садовый шланг", "крем для рук"], "ru"),
        (["tuyau d'arrosage 25 m", "raccord pour robinet"], "fr"),
        (["manguera de jardín", "pistola para regar plantas"], "es"),
        (["tubo da giardino", "raccordo per rubinetto"], "it"),
        (["mangueira de jardim", "tênis de corrida para mulher", "coração de mãe"], "pt"),
        (["tuinslang met koppeling", "waterdichte jas heren"], "nl"),
    ],
)
def test_the_language_of_a_few_terms(texts, language):
    shares = language_shares(texts)
    assert next(iter(shares)) == language
    assert shares[language] > 0.6


def test_terms_that_fit_every_language_follow_the_others():
    # "gardena" and "hose" fit English as well: among German terms they are not taken for it.
    assert language_shares(GERMAN * 20 + ["gardena", "hose"])["de"] > 0.95


def test_a_mixed_report_is_mixed():
    shares = language_shares(ENGLISH * 30 + GERMAN * 10)
    assert shares["en"] == pytest.approx(0.75, abs=0.05)
    assert shares["de"] == pytest.approx(0.25, abs=0.05)


def test_chinese_characters_among_kana_are_japanese():
    assert language_shares(["化粧水", "乳液", "クリーム おすすめ"]) == {"ja": 1.0}


def test_a_brand_in_latin_letters_changes_no_script():
    assert language_shares(["SK-II 化粧水 とてもよい"]) == {"ja": 1.0}


@pytest.mark.parametrize("texts", [[], [""], ["123", "20 x 30", "*", "½"]])
def test_texts_without_letters_have_no_language(texts):
    assert language_shares(texts) == {}


@given(st.lists(st.text(max_size=30), max_size=20))
def test_shares_add_up_and_stand_in_order(texts):
    shares = language_shares(texts)
    assert not shares or math.isclose(sum(shares.values()), 1)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert all(0 < share <= 1 for share in shares.values())


@given(st.permutations(ENGLISH + GERMAN))
def test_the_order_of_texts_does_not_matter(texts):
    assert language_shares(texts) == pytest.approx(language_shares(ENGLISH + GERMAN))

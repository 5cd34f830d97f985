from admatch.catalog.records import Catalog, Product
from admatch.encode.product_text import product_texts


def text_of(**columns) -> str:
    return product_texts(Catalog.from_products([Product("1", **columns)]).frame)[0]


def test_the_brand_is_said_once():
    assert text_of(title="Oat drink", brand="Oatly") == "Oatly Oat drink"
    assert text_of(title="OATLY oat drink", brand="Oatly") == "OATLY oat drink"


def test_bullets_stand_in_for_a_description():
    bullets = ("No milk", "1 litre")
    assert text_of(title="Oat drink", bullets=bullets) == "Oat drink. No milk. 1 litre"
    assert text_of(title="Oat drink", bullets=bullets, description="D") == "Oat drink. D"


def test_a_long_description_is_cut():
    assert len(text_of(title="Hose", description="x" * 5000)) == len("Hose. ") + 200


def test_a_brand_with_signs_of_a_pattern_is_plain_text():
    assert text_of(title="Hose", brand="C++ (Pro)") == "C++ (Pro) Hose"

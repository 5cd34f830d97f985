import pytest

from admatch.catalog.records import Catalog, Product
from admatch.errors import InputError

CUP = Product("1", "Cup", bullets=("Strong",), attributes=(("color", "red"),))
MUG = Product("2", "Mug", price=3.5, currency="EUR", images=("a/mug.jpg",))


def test_products_come_back_as_they_went_in():
    catalog = Catalog.from_products([CUP, MUG])
    assert list(catalog) == [CUP, MUG]
    assert catalog["2"] == MUG
    assert "1" in catalog
    assert "3" not in catalog
    assert len(catalog) == 2


def test_an_unknown_id_is_reported():
    with pytest.raises(InputError, match="no product '3' in this catalog of 1"):
        Catalog.from_products([CUP])["3"]


def test_ids_must_differ():
    with pytest.raises(InputError, match="share one product_id"):
        Catalog.from_products([CUP, CUP])

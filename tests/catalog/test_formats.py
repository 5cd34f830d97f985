"""Every format with its known answer."""

import gzip
import json
import tarfile
from pathlib import Path

import polars as pl
import pytest

from admatch.catalog.reader import read_catalog
from admatch.catalog.records import Product

HOSES = Path(__file__).parents[2] / "../shared/data/reports/hoses_de_2025_03_german"
TOYS = Path(__file__).parents[2] / "../shared/data/catalogs/amazon_toys_24k"
BESTBUY = Path(__file__).parents[2] / "../shared/data/catalogs/bestbuy_48k/products.tgz"

LISTINGS = (
    "item-name\titem-description\tlisting-id\tseller-sku\tprice\tquantity\timage-url\t"
    "product-id-type\tasin1\tasin2\tproduct-id\tfulfillment-channel\tstatus\n"
    "Garden Hose 5 m\tA <b>long</b> hose\t0708Q\tH5\t12.50\t3\t\t1\tB0TEST0001\t\tB0TEST0001\t"
    "DEFAULT\tActive\n"
    "Hose Clamp\t\t0709Q\tC1\t1.99\t\t\t1\tB0TEST0002\t\tB0TEST0002\tAMAZON_NA\tActive\n"
)
HOSE = Product("B0TEST0001", "Garden Hose 5 m", description="A long hose", price=12.5, sku="H5")
CLAMP = Product("B0TEST0002", "Hose Clamp", price=1.99, sku="C1")


def test_amazon_listing_report(read):
    catalog = read(LISTINGS, "All+Listings+Report.txt")
    assert list(catalog) == [HOSE, CLAMP]
    assert catalog.problems == ()
    assert catalog.skipped == 0


@pytest.mark.parametrize(
    "header",
    [
        "Artikelbezeichnung\tHändler-SKU\tPreis\tASIN 1\tArtikelbeschreibung",
        "商品名\t出品者SKU\t価格\t商品ID\t商品説明",
    ],
)
def test_listing_report_in_other_languages(read, header):
    rows = (
        "Garden Hose 5 m\tH5\t12.50\tB0TEST0001\tA long hose\nHose Clamp\tC1\t1.99\tB0TEST0002\t\n"
    )
    assert list(read(f"{header}\n{rows}", "listings.txt")) == [HOSE, CLAMP]


FLAT_FILE = (
    "TemplateType=fptcustom\tVersion=2021.0923\tThe top 3 rows are for Amazon.com use only.\n"
    "Seller SKU\tProduct ID\tProduct ID Type\tProduct Name\tBrand Name\tStandard Price\t"
    "Key Product Features\tKey Product Features\tMain Image URL\tParentage\tParent SKU\tColor\n"
    "item_sku\texternal_product_id\texternal_product_id_type\titem_name\tbrand_name\t"
    "standard_price\tbullet_point1\tbullet_point2\tmain_image_url\tparent_child\tparent_sku\t"
    "color_name\n"
    "CUP\t\t\tTravel Cup\tAcme\t\t\t\t\tparent\t\t\n"
    "CUP-R\t0123456789012\tEAN\tTravel Cup\tAcme\t9.99\t• Keeps warm\tNo leaks\t\tchild\tCUP\tred\n"
    "CUP-B\t\t\tTravel Cup\tAcme\t9.99\tKeeps warm\t\t\tchild\tCUP\tblue\n"
)


def test_amazon_flat_file_has_three_header_rows_and_parents(read):
    catalog = read(FLAT_FILE, "flat.txt")
    red, blue = catalog
    assert red == Product(
        "0123456789012",
        "Travel Cup",
        brand="Acme",
        bullets=("Keeps warm", "No leaks"),
        price=9.99,
        parent_id="CUP",
        sku="CUP-R",
        attributes=(("color", "red"),),
    )
    assert blue.product_id == "CUP-B"  # its SKU, as it has no external id
    assert catalog.skipped == 1
    assert "a parent" in str(catalog.problems[0])


def test_amazon_template_with_attribute_paths(read):
    path = "[marketplace_id=A1PA6795UKMFR9][language_tag=de_DE]"
    text = (
        "settings=attributeRow=3,,,,,\n"
        "SKU,Artikelname,Marke,Aufzählungspunkt,Aufzählungspunkt,Produkt-ID\n"
        f"contribution_sku#1.value,item_name{path}#1.value,brand{path}#1.value,"
        f"bullet_point{path}#1.value,bullet_point{path}#2.value,"
        "amzn1.volt.ca.product_id_value\n"
        "A1,Becher rot,Acme,Hält warm,Dicht,B0TEST0003\n"
    )
    assert list(read(text)) == [
        Product("B0TEST0003", "Becher rot", brand="Acme", bullets=("Hält warm", "Dicht"), sku="A1")
    ]


@pytest.mark.parametrize(
    "header",
    [
        "(Parent) ASIN,(Child) ASIN,Title,SKU,Sessions - Total",
        "(Übergeordnete) ASIN,(Untergeordnete) ASIN,Titel,SKU,Sitzungen – Summe",
    ],
)
def test_business_report_keeps_two_skus_of_one_asin_apart(read, header):
    rows = (
        'B0PARENT01,B0CHILD001,"Hose, 5 m",H5,"1,234"\n'
        'B0PARENT01,B0CHILD001,"Hose, 5 m",H5-FBA,17\n'
        "B0CHILD002,B0CHILD002,Clamp,C1,3\n"
    )
    catalog = read(f"\ufeff{header}\n{rows}")
    assert [(one.product_id, one.sku, one.parent_id) for one in catalog] == [
        ("B0CHILD001", "H5", "B0PARENT01"),
        ("B0CHILD001/H5-FBA", "H5-FBA", "B0PARENT01"),
        ("B0CHILD002", "C1", None),
    ]
    assert catalog.skipped == 0
    assert "another SKU" in str(catalog.problems[0])


SHOPIFY = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,"
    "Option2 Value,Variant SKU,Variant Price,Image Src,Variant Image\n"
    'shirt,Linen Shirt,"<p>Soft <b>linen</b> &amp; light.</p>",Lino,Shirts,"a,b",TRUE,Colour,Red,'
    "Size,M,SH-R,29.90,red.jpg,red.jpg\n"
    "shirt,,,,,,,,Blue,,M,,31.00,,\n"
    "shirt,,,,,,,,,,,,,missing.jpg,\n"
    "mug,Stoneware Mug,,Lino,Mugs,,TRUE,Title,Default Title,,,,12.00,,\n"
)


def test_shopify_export_gives_a_product_a_variant(read, picture):
    catalog = read(SHOPIFY)
    red, blue, mug = catalog
    assert red == Product(
        "SH-R",
        "Linen Shirt - Red / M",
        brand="Lino",
        description="Soft linen & light.",
        price=29.9,
        parent_id="shirt",
        sku="SH-R",
        category="Shirts",
        images=(picture.as_posix(),),
        attributes=(("color", "Red"), ("size", "M")),
    )
    assert (blue.product_id, blue.title, blue.price) == (
        "shirt/Blue / M",
        "Linen Shirt - Blue / M",
        31,
    )
    assert blue.images == red.images
    assert (mug.product_id, mug.title, mug.parent_id) == ("mug", "Stoneware Mug", None)
    assert mug.attributes == ()
    assert catalog.skipped == 0
    assert {problem.value for problem in catalog.problems} == {"missing.jpg"}


SHELF = Product(
    "S1",
    "Oak Shelf & Rail",
    brand="Acme",
    description="Solid oak",
    price=12.0,
    currency="EUR",
    parent_id="G1",
    category="Furniture > Shelves",
    url="https://x.test/1",
    attributes=(("color", "white"), ("size", "60 cm"), ("material", "oak")),
)


def test_merchant_feed_as_text(read):
    text = (
        "id\ttitle\tdescription\tlink\timage_link\tadditional_image_link\tprice\tbrand\t"
        "google_product_category\titem_group_id\tcolor\tsize\tmaterial\tavailability\n"
        "S1\tOak Shelf &amp; Rail\tSolid oak\thttps://x.test/1\thttps://x.test/a.jpg\t"
        "https://x.test/b.jpg,https://x.test/c.jpg\t12.00 EUR\tAcme\tFurniture > Shelves\tG1\t"
        "white\t60 cm\toak\tin_stock\n"
    )
    catalog = read(text, "feed.tsv")
    assert list(catalog) == [SHELF]
    assert catalog.problems == ()  # addresses are left alone without fuss


def test_merchant_feed_as_xml(read):
    text = (
        '<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>'
        "<title>Shop</title><item><g:id>S1</g:id><title>Oak Shelf &amp; Rail</title>"
        "<description>&lt;p&gt;Solid&lt;/p&gt; oak</description><link>https://x.test/1</link>"
        "<g:price>12.00 EUR</g:price><g:brand>Acme</g:brand><g:item_group_id>G1</g:item_group_id>"
        "<g:google_product_category>Furniture &gt; Shelves</g:google_product_category>"
        "<g:color>white</g:color><g:size>60 cm</g:size><g:material>oak</g:material>"
        "<g:image_link>https://x.test/a.jpg</g:image_link>"
        "<g:shipping><g:price>3.00 EUR</g:price></g:shipping></item></channel></rss>"
    )
    assert list(read(text, "feed.xml")) == [SHELF]


def test_esci_product_file(read):
    text = (
        "query,product_id,product_title,product_description,product_bullet_point,product_brand,"
        "product_color,product_locale\n"
        'cup,B0TEST0001,Blue Cup,<br>A cup,"First point\n● Second point",Acme,Blue,us\n'
        'mug,B0TEST0001,Blue Cup,<br>A cup,"First point\n● Second point",Acme,Blue,us\n'
    )
    catalog = read(text)
    assert list(catalog) == [
        Product(
            "B0TEST0001",
            "Blue Cup",
            brand="Acme",
            description="A cup",
            bullets=("First point", "Second point"),
            attributes=(("color", "Blue"),),
        )
    ]
    assert catalog.skipped == 1
    assert "cell by cell" in str(catalog.problems[0])


ROWS = [
    {"id": "7", "title": "Blue Cup", "price": 4.5, "bullets": ["Strong", "Light"]},
    {"id": "8", "title": "Red Cup", "price": None, "bullets": []},
]


def _jsonl(path: Path) -> None:
    path.write_text("\n".join(json.dumps({"put": "x", "fields": row}) for row in ROWS))


def _json(path: Path) -> None:
    path.write_text(json.dumps({"products": ROWS}))


def _parquet(path: Path) -> None:
    pl.DataFrame(ROWS).write_parquet(path)


def _xlsx(path: Path) -> None:
    flat = [{**row, "bullets": "\n".join(row["bullets"])} for row in ROWS]
    pl.DataFrame(flat).write_excel(path)


def _gz(path: Path) -> None:
    path.write_bytes(
        gzip.compress(b"id;title;price;bullets\n7;Blue Cup;4,50;Strong\n8;Red Cup;;\n")
    )


@pytest.mark.parametrize(
    ("name", "write", "bullets"),
    [
        ("nested.jsonl", _jsonl, ("Strong", "Light")),
        ("whole.json", _json, ("Strong", "Light")),
        ("frame.parquet", _parquet, ("Strong", "Light")),
        ("book.xlsx", _xlsx, ("Strong", "Light")),
        ("packed.csv.gz", _gz, ("Strong",)),
    ],
)
def test_containers(tmp_path, name, write, bullets):
    write(tmp_path / name)
    assert list(read_catalog(tmp_path / name)) == [
        Product("7", "Blue Cup", price=4.5, bullets=bullets),
        Product("8", "Red Cup"),
    ]


@pytest.mark.skipif(not HOSES.exists(), reason="the shared data is not here")
def test_real_business_report_has_655_products():
    catalog = read_catalog(HOSES / "BusinessReport.csv")
    assert len(catalog) == 655
    assert catalog.skipped == 0
    assert len({one.product_id.partition("/")[0] for one in catalog}) == 645  # ASINs
    assert catalog["B0CPMG1LVP"].parent_id == "B08KT4SNN7"


@pytest.mark.skipif(not TOYS.exists(), reason="the shared data is not here")
def test_real_nested_json_lines():
    catalog = read_catalog(TOYS / "esci_sample_products.jsonl.zst")
    assert len(catalog) == 16
    assert catalog["B08VSJGP1N"].brand == "Rimoody"


@pytest.mark.skipif(not BESTBUY.exists(), reason="the shared data is not here")
def test_real_csv_with_backslashed_quotes(tmp_path):
    with tarfile.open(BESTBUY) as packed:
        packed.extract("products.csv", tmp_path, filter="data")
    catalog = read_catalog(tmp_path / "products.csv")
    assert len(catalog) + catalog.skipped == 48_194
    assert catalog["096009010836"].title == "Fists of Bruce Lee - Dolby - DVD"

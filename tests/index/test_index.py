import json
import warnings
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import load_file, save_file

import admatch as am
from admatch.encode.choice import LanguageWarning
from admatch.encode.product_pictures import Pictured
from admatch.errors import InputError
from admatch.index.index import Index
from admatch.index.parts import FORMAT
from admatch.index.shipped import ENGLISH_NAME
from admatch.match.records import Outcome
from tests.conftest import WordEncoder

PRODUCTS = [
    am.Product("P1", "red garden hose"),
    am.Product("P2", "green garden hose"),
    am.Product("P3", "brass hose fitting"),
    am.Product("P4", "silicone tube for voice training"),
]


@pytest.fixture
def index(model):
    return Index.build(am.Catalog.from_products(PRODUCTS), encoder=WordEncoder(), model=model)


def report_of(*rows: tuple[str, str]) -> am.SearchTermReport:
    cells = {"search_term": [term for term, _ in rows], "term_kind": [kind for _, kind in rows]}
    frame = pl.DataFrame(cells).with_columns(row=pl.int_range(2, len(rows) + 2))
    return am.SearchTermReport(frame, (), am.Granularity.SUMMARY, 7)


def test_a_few_new_terms_are_judged_among_all_of_the_account(index, monkeypatch):
    monkeypatch.setattr(WordEncoder, "name", ENGLISH_NAME)
    new = report_of(*((term, "keyword") for term in ("pomodori pelati", "mela verde", "formaggio")))
    with pytest.warns(LanguageWarning, match="mostly Italian"):
        index.match(new)
    known = [f"{colour} garden hose with brass fitting" for colour in ("red", "green", "blue")]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        index.match(new, beside=[*known, "tube for voice training", "hose of the best quality"])


def test_a_products_own_title_finds_it(index):
    for product, found in zip(PRODUCTS, index.search([p.title for p in PRODUCTS]), strict=True):
        assert found[0].product_id == product.product_id
        assert [match.score for match in found] == sorted((m.score for m in found), reverse=True)
        assert all(0 <= match.probability <= 1 for match in found)


def test_no_more_is_returned_than_asked_for_or_there(index):
    assert len(index.search(["hose"], k=2)[0]) == 2
    assert len(index.search(["hose"], k=50)[0]) == 4
    assert index.search([]) == []


def test_every_row_of_a_report_is_accounted_for(index):
    report = report_of(
        ("red garden hose", "keyword"),
        ("*", "star"),
        ("b0123456789", "asin"),
        ("RED  garden hose", "keyword"),
        ("quantum physics", "keyword"),
        ("red garden hose", "keyword"),
    )
    rows = index.match(report).frame
    assert rows["row"].to_list() == [2, 3, 4, 5, 6, 7]
    assert rows["outcome"].null_count() == 0
    outside = rows.filter(pl.col("term_kind") != "keyword")
    assert set(outside["outcome"]) == {Outcome.NOT_APPLICABLE.value}
    assert outside["probability"].null_count() == 2
    assert rows["product_id"].to_list() == ["P1", None, None, "P1", rows["product_id"][4], "P1"]
    assert rows["probability"][0] == rows["probability"][3] == rows["probability"][5]


def test_a_report_without_any_keyword_is_answered(index):
    matches = index.match(report_of(("*", "star")))
    assert matches.frame["outcome"].to_list() == ["not_applicable"]
    assert matches.terms.height == matches.products.height == 0


def test_matching_is_deterministic(index):
    report = report_of(("red hose", "keyword"), ("fitting", "keyword"))
    first, second = index.match(report), index.match(report)
    assert first.products.equals(second.products)
    assert first.terms.equals(second.terms)


def test_an_index_saved_is_the_index_loaded(index, model, tmp_path):
    index.save(tmp_path / "index")
    # A model that does not ship with admatch is saved with the index.
    loaded = Index.load(tmp_path / "index", encoder=WordEncoder())
    assert {p.name for p in (tmp_path / "index").iterdir()} == {
        "manifest.json",
        "catalog.arrow",
        "index.safetensors",
        "pictures.safetensors",
        "model",
    }
    assert loaded.search(["red hose"]) == index.search(["red hose"])
    assert loaded.semantic_id("P1") == index.semantic_id("P1")


def test_an_index_of_other_codebooks_is_refused(index, model, tmp_path):
    index.save(tmp_path / "index")
    manifest = tmp_path / "index" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"codebooks": "other"}))
    with pytest.raises(InputError, match="built with codebooks other"):
        Index.load(tmp_path / "index", encoder=WordEncoder(), model=model)


@pytest.mark.parametrize("image_model", [None, "efficientnet-lite0+eyes@abc"])
def test_an_index_of_the_former_format_is_read(index, model, tmp_path, image_model):
    pictured = Pictured(np.array([1]), index.parts.vectors[2:3])
    parts = replace(index.parts, pictured=pictured)
    Index(parts).save(tmp_path / "index")
    manifest = tmp_path / "index" / "manifest.json"
    former = json.loads(manifest.read_text()) | {"format": 3, "eyes": image_model}
    del former["image_model"], former["files"]
    manifest.write_text(json.dumps(former))
    arrays = tmp_path / "index" / "index.safetensors"
    tables = load_file(arrays)
    # Up to format 4 there were no attributes, and up to 5 other words: all are made anew.
    worded = ("attributes", "singles", "phrases")
    save_file({name: t for name, t in tables.items() if not name.startswith(worded)}, arrays)
    encoder = WordEncoder()
    encoder.image_model = image_model and image_model.replace("eyes", "image_model")
    loaded = Index.load(tmp_path / "index", encoder=encoder)
    assert loaded.search(["red hose"]) == Index(parts).search(["red hose"])
    attributes, same = loaded.parts.words.attributes, parts.words.attributes
    assert np.array_equal(attributes.keys, same.keys)
    assert loaded.parts.pictured.products.tolist() == [1]  # read, not encoded again
    loaded.save(tmp_path / "index")
    assert json.loads(manifest.read_text())["format"] == FORMAT


def test_a_folder_without_an_index_is_refused(tmp_path, model):
    with pytest.raises(InputError, match="does not hold an index"):
        Index.load(tmp_path, encoder=WordEncoder(), model=model)


def test_an_empty_catalog_is_refused(model):
    with pytest.raises(InputError, match="no products"):
        Index.build(am.Catalog.from_products([]), encoder=WordEncoder(), model=model)


def test_an_encoder_that_the_codebooks_do_not_fit_is_refused(model):
    encoder = WordEncoder()
    encoder.name = "others"
    with pytest.raises(InputError, match="fitted to words"):
        Index.build(am.Catalog.from_products(PRODUCTS), encoder=encoder, model=model)


def test_neighbours_share_codes_first(index):
    neighbours = index.neighbours("P1", k=3)
    assert {n.product_id for n in neighbours} == {"P2", "P3", "P4"}
    shared = [n.shared_codes for n in neighbours]
    assert shared == sorted(shared, reverse=True)
    own = index.semantic_id("P1").split("·")[1:]
    for neighbour in neighbours:
        codes = neighbour.semantic_id.split("·")[1:]
        assert codes[: neighbour.shared_codes] == own[: neighbour.shared_codes]
        assert -1 <= neighbour.similarity <= 1 + 1e-6


def test_progress_is_reported_to_the_end(index):
    steps = []
    index.match(report_of(("hose", "keyword")), progress=lambda *step: steps.append(step))
    assert steps[-1] == ("generating and ranking", 1, 1)
    assert ("encoding terms", 1, 1) in steps


def test_an_unknown_product_is_refused(index):
    with pytest.raises(InputError, match="no product 'P9'"):
        index.semantic_id("P9")


def test_probabilities_do_not_depend_on_the_block_size(index, monkeypatch):
    terms = [f"hose {i}" for i in range(9)]
    whole = index.search(terms)
    monkeypatch.setattr("admatch.index.index.BLOCK_TERMS", 2)
    for one, other in zip(whole, index.search(terms), strict=True):
        assert [m.product_id for m in one] == [m.product_id for m in other]
        np.testing.assert_allclose(
            [m.probability for m in one], [m.probability for m in other], atol=1e-5
        )


@pytest.mark.parametrize("name", ["index.safetensors", "catalog.arrow"])
def test_one_changed_byte_of_an_index_is_seen(index, tmp_path, name):
    index.save(tmp_path / "index")
    file = tmp_path / "index" / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(InputError, match="is damaged; build it again"):
        Index.load(tmp_path / "index", encoder=WordEncoder())


@pytest.mark.parametrize("name", ["index.safetensors", "catalog.arrow", "decoder.safetensors"])
def test_a_damaged_file_of_an_index_is_refused(index, tmp_path, name):
    index.save(tmp_path / "index")
    (tmp_path / "index" / name).write_bytes(b"cut off")
    with pytest.raises(InputError, match="is damaged; build it again"):
        Index.load(tmp_path / "index", encoder=WordEncoder())


def test_a_product_ranked_and_one_that_is_not_are_explained(index):
    best = index.search(["garden hose"], 1)[0][0]
    why = index.explain("garden hose", best.product_id)
    assert (why.rank, why.best[0]) == (1, best.product_id)
    assert why.probability == pytest.approx(best.probability)
    assert why.semantic_id == best.semantic_id
    assert {*why.words_found, *why.words_missing} == {"garden", "hose"}
    with pytest.raises(InputError, match="no product 'P99'"):
        index.explain("garden hose", "P99")


def test_a_misspelt_word_is_read_as_the_catalogs_and_explained_so(sample_index):
    (found,) = sample_index.search(["green asaragus"], k=1)[0]
    assert "Asparagus" in found.title
    said = sample_index.explain("green asaragus", found.product_id)
    assert said.read_as == "green asparagus"
    assert said.words_missing == ()
    assert "is read as “green asparagus”" in " ".join(map(str, said.sentences))
    assert sample_index.explain("green asparagus", found.product_id).read_as is None

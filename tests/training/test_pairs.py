import polars as pl
import pytest

from admatch.errors import InputError
from admatch.training.pairs import read_pairs

IDS = ["A", "B", "C"]


def written(tmp_path, frame, name="pairs.parquet"):
    path = tmp_path / name
    frame.write_parquet(path) if name.endswith("parquet") else frame.write_csv(path)
    return path


@pytest.mark.parametrize("name", ["pairs.parquet", "pairs.csv"])
def test_labels_of_esci_are_grades(tmp_path, name):
    frame = pl.DataFrame(
        {
            "query": ["hose", "hose", "pipe", "pump", "gone"],
            "product_id": ["A", "B", "C", "A", "Z"],
            "esci_label": ["E", "S", "Complement", "Irrelevant", "E"],
        }
    )
    pairs = read_pairs(written(tmp_path, frame, name), IDS)
    assert pairs.queries == ["hose", "hose", "pipe", "pump"]
    assert pairs.products.tolist() == [0, 1, 2, 0]
    assert pairs.grades.tolist() == pytest.approx([1, 0.1, 0.01, 0])
    assert pairs.left_out == 1


def test_numbers_are_grades_out_of_the_largest(tmp_path):
    frame = pl.DataFrame({"query": ["a", "b"], "product_id": ["A", "B"], "grade": [2, 4]})
    assert read_pairs(written(tmp_path, frame), IDS).grades.tolist() == [0.5, 1.0]


def test_without_grades_every_pair_fits(tmp_path):
    frame = pl.DataFrame({"query": ["a"], "product_id": ["B"]})
    assert read_pairs(written(tmp_path, frame), IDS).grades.tolist() == [1.0]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"term": ["a"], "product_id": ["A"]}, "no column query;"),
        ({"term": ["a"], "product": ["A"]}, "no columns product_id, query;"),
        ({"query": ["a"], "product_id": ["Z"]}, "none of its 1 pairs names a product"),
        (
            {"query": ["a", "b"], "product_id": ["A", "B"], "grade": ["1", "so so"]},
            "row 3.*'so so'",
        ),
        ({"query": ["a"], "product_id": ["A"], "grade": [-1.0]}, "row 2.*'-1.0' is not a grade"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_the_reason(tmp_path, columns, message):
    with pytest.raises(InputError, match=message):
        read_pairs(written(tmp_path, pl.DataFrame(columns)), IDS)


def test_a_file_that_is_no_table_is_refused(tmp_path):
    path = tmp_path / "pairs.parquet"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(InputError, match="judged pairs cannot be read"):
        read_pairs(path, IDS)

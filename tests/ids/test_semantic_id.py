import numpy as np

from admatch.ids.semantic_id import Modality, SemanticId, written_ids


def test_an_id_is_written_with_its_modality_first():
    assert str(SemanticId(Modality.TEXT_IMAGE, (31, 207, 118))) == "B·31·207·118"


def test_a_row_of_an_id_array_is_read_modality_first():
    row = np.array([1, 4, 0, 255], dtype=np.int16)
    assert SemanticId.from_row(row) == SemanticId(Modality.IMAGE, (4, 0, 255))


def test_all_rows_are_written():
    rows = np.array([[0, 1, 2], [2, 3, 4]], dtype=np.int16)
    assert written_ids(rows).to_list() == ["T·1·2", "B·3·4"]
    assert written_ids(rows).to_list() == [str(SemanticId.from_row(row)) for row in rows]
    assert written_ids(np.empty((0, 3), np.int16)).to_list() == []

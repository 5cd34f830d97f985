import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from admatch.ids.semantic_id import Modality, written_ids

id_arrays = st.lists(
    st.tuples(st.sampled_from(Modality), st.integers(0, 255), st.integers(0, 255)), max_size=9
).map(lambda rows: np.array(rows, dtype=np.int16).reshape(-1, 3))


def test_ids_are_written_with_the_modality_first():
    rows = np.array([[0, 1, 2], [2, 31, 207]], dtype=np.int16)
    assert written_ids(rows).to_list() == ["T·1·2", "B·31·207"]


@given(id_arrays)
def test_every_row_is_written_as_one_would_by_hand(rows):
    by_hand = ["·".join(["TIB"[row[0]], *map(str, row[1:])]) for row in rows.tolist()]
    assert written_ids(rows).to_list() == by_hand

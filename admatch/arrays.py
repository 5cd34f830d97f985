"""Names for the arrays that pass between stages, each said once."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]  # (n, dim), as a rule one unit vector a row
Floats32: TypeAlias = npt.NDArray[np.float32]  # any other numbers that a network computes with
Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
SemanticIds: TypeAlias = npt.NDArray[np.int16]  # (n, depth), the modality first
Rows: TypeAlias = npt.NDArray[np.intp]  # row numbers, as ``np.flatnonzero`` returns them
Mask: TypeAlias = npt.NDArray[np.bool_]
# Of NumPy on the CPU, of torch on a GPU: what computes with it is written once, against the Python
# array API (``array_namespace``) and ``admatch.operations``.
Array: TypeAlias = Any
AnyArray: TypeAlias = npt.NDArray[Any]  # of NumPy

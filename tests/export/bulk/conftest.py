from pathlib import Path

import pytest

_SHARED = Path(__file__).parents[4] / "shared" / "data" / "reports" / "amazon_bulk_v2"


@pytest.fixture
def shared_bulk() -> Path:
    if not _SHARED.is_dir():
        pytest.skip("the shared reports are not here")
    return _SHARED

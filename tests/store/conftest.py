import pytest

from admatch.store.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    opened = Workspace(tmp_path / "ws")
    yield opened
    opened.close()

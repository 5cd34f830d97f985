import random

import pytest

from admatch.amazon.versions import ApiVersion
from admatch.store.workspace import Workspace

from .fake import FakeAds
from .scenario import client_of
from .server import Server
from .times import FakeClock


@pytest.fixture(scope="session")
def server():
    running = Server()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def history(tmp_path_factory):
    """A job's workspace, a night a test."""
    opened = Workspace(tmp_path_factory.mktemp("history"))
    yield opened
    opened.close()


@pytest.fixture
def ads(server):
    """An account without faults, behind the server."""
    return server.serve(FakeAds(FakeClock()))


@pytest.fixture
def version():
    """The version of the API; modules that hold for both override this."""
    return ApiVersion.V3


@pytest.fixture
def client(server, ads, version):
    with client_of(server, rng=random.Random(0), version=version) as made:
        yield made

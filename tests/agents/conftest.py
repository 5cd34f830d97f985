import shutil
from pathlib import Path

import pytest

from admatch.agents.root import Root
from admatch.agents.server import Service, build_server
from admatch.jobs.night_lines import read_night_lines

from ..conftest import SAMPLE
from .connect import by_http, by_stdio, connected

FILES = ("search_terms.csv", "search_terms_daily.csv", "catalog.csv", "bulk.xlsx")


def sample_root(folder: Path) -> Path:
    """A folder that agents may use, with the files of the sample in it."""
    folder.mkdir(exist_ok=True)
    for name in FILES:
        shutil.copy(SAMPLE / name, folder / name)
    shutil.copytree(SAMPLE / "images", folder / "images")
    return folder


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return sample_root(tmp_path_factory.mktemp("agents") / "root")


@pytest.fixture(scope="module")
def service(root):
    return Service(Root(root), read_night_lines)


@pytest.fixture(scope="module")
def agent(service):
    """An agent in this process."""
    with connected(build_server(service)) as one:
        yield one


@pytest.fixture(scope="module", params=["stdio", "http"])
def remote(request, root):
    """An agent whose server is another process, by each transport."""
    with {"stdio": by_stdio, "http": by_http}[request.param](root) as one:
        yield one

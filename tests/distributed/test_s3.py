"""The whole flow at addresses of an S3 store: a server that speaks its protocol and checks keys.

Needs ``pip install 'moto[server]' s3fs``, and Ray for one of them (``pip install 'admatch[ray]'``):
``pytest -m slow tests/distributed``.
"""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from urllib.request import Request, urlopen

import polars as pl
import pytest

from admatch.distributed.engine import LocalEngine
from admatch.distributed.index_folder import local_index
from admatch.distributed.match import match_parquet
from admatch.errors import InputError
from tests.conftest import SAMPLE, WordEncoder
from tests.distributed.conftest import assert_as_single_machine, read_all, some_terms
from tests.distributed.test_match import Stopping

server = pytest.importorskip("moto.server", reason="pip install 'moto[server]'")
s3fs = pytest.importorskip("s3fs", reason="pip install s3fs")
pytestmark = pytest.mark.slow

ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture(scope="module")
def access():
    """A store with one user; what the environment has to say to be let in."""
    import boto3

    running = server.ThreadedMotoServer(port=0, verbose=False)
    running.start()
    url = "http://{}:{}".format(*running.get_host_and_port())
    users = boto3.client(
        "iam",
        endpoint_url=url,
        aws_access_key_id="any",
        aws_secret_access_key="any",
        region_name="us-east-1",
    )
    users.create_user(UserName="shop")
    users.put_user_policy(UserName="shop", PolicyName="all", PolicyDocument=json.dumps(ALL))
    key = users.create_access_key(UserName="shop")["AccessKey"]
    checked = Request(f"{url}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"})
    urlopen(checked).close()  # from now on it looks at keys
    yield {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    running.stop()


@pytest.fixture
def store(access, tmp_path, monkeypatch):
    """The store with an empty bucket."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))  # where indexes are fetched to
    for name, value in access.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    held = s3fs.S3FileSystem()
    held.mkdir("bucket")
    yield held
    held.invalidate_cache()
    held.rm("bucket", recursive=True)
    s3fs.S3FileSystem.clear_instance_cache()


match = partial(match_parquet, out="s3://bucket/out", encoder=WordEncoder(), rows=64)


@pytest.fixture
def sent(store, terms, index_folder):
    """The same terms and index in the bucket, with what some tools leave in place of a folder."""
    store.put(str(terms), "bucket/terms", recursive=True)
    store.put(str(index_folder), "bucket/index", recursive=True)
    for folder in ("terms", "index", "out"):
        store.pipe_file(f"bucket/{folder}/", b"")
    return store


def fetched(store, tmp_path, address="bucket/out"):
    store.invalidate_cache()
    store.get(f"{address}/", f"{tmp_path}/fetched/", recursive=True)
    return tmp_path / "fetched"


def test_a_run_that_was_stopped_goes_on(sent, terms, index_folder, tmp_path):
    run = partial(match, ["s3://bucket/terms/**/*.parquet"], "s3://bucket/index")
    with pytest.raises(KeyboardInterrupt):
        run(engine=Stopping(after=5))
    sent.invalidate_cache()
    assert not sent.exists("bucket/out/manifest.json")
    assert len(sent.glob("bucket/out/**/*.parquet")) == 6
    assert run(engine=LocalEngine()).reused == 6
    out = fetched(sent, tmp_path)
    assert json.loads((out / "manifest.json").read_text())["rows"] == 1000
    (out / "manifest.json").unlink()
    assert_as_single_machine(out, terms, index_folder)


def test_only_what_others_changed_meanwhile_is_done_again(
    sent, access, terms, index_folder, tmp_path
):
    run = partial(match, ["s3://bucket/terms"], index_folder)
    run(engine=LocalEngine())
    other = s3fs.S3FileSystem(skip_instance_cache=True)  # as another process
    shards = other.glob("bucket/out/**/*.parquet")
    other.rm_file(shards[0])
    some_terms(300, 1).write_parquet(terms / "day=1" / "1.parquet")
    other.put_file(str(terms / "day=1" / "1.parquet"), "bucket/terms/day=1/1.parquet")
    again = Stopping()
    run(engine=again)
    assert again.done in (5, 6)  # the shard that was removed may be one of the changed file
    assert_as_single_machine(fetched(sent, tmp_path), terms, index_folder)


def test_a_shard_written_twice_is_one(sent, index_folder, tmp_path):
    run = partial(match, ["s3://bucket/terms/day=2"], index_folder)
    run(engine=LocalEngine())
    before = fetched(sent, tmp_path / "before")
    for name in sent.glob("bucket/out/**/*.parquet")[:2]:
        sent.pipe_file(name.replace("out", "late"), sent.cat_file(name))
        sent.rm_file(name)
    run(engine=LocalEngine())
    for name in sent.glob("bucket/late/**/*.parquet"):  # a worker that was thought dead
        sent.pipe_file(name.replace("late", "out"), sent.cat_file(name))
    assert run(engine=LocalEngine()).reused == 6
    assert read_all(fetched(sent, tmp_path / "after")).equals(read_all(before))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, r"cannot be reached \(.*(signature|Forbidden)"),
        ({"AWS_ACCESS_KEY_ID": "AKIAWRONG"}, r"cannot be reached \(.*(does not exist|Forbidden)"),
        ({"AWS_ACCESS_KEY_ID": ""}, r"cannot be reached \(Unable to locate credentials"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, r"cannot be reached \(Could not connect"),
    ],
)
@pytest.mark.parametrize("away", ["terms", "index", "out"])
def test_who_is_not_let_in_is_reported(
    sent, terms, index_folder, tmp_path, monkeypatch, wrong, message, away
):
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    here = {"terms": terms, "index": index_folder, "out": tmp_path / "out"}
    addresses = here | {away: f"s3://bucket/{away}"}
    with pytest.raises(InputError, match=message) as caught:
        match([addresses["terms"]], addresses["index"], out=addresses["out"], engine=LocalEngine())
    assert f"'s3://bucket/{away}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("terms", "'s3://nobody/terms' leads to no Parquet file"),
        ("index", "s3://nobody/index holds no index"),
        ("out", r"'s3://nobody/out/.*' cannot be written \(The specified bucket does not exist\)"),
    ],
)
def test_a_bucket_that_is_not_there_is_reported(sent, where, message):
    addresses = {name: f"s3://bucket/{name}" for name in ("terms", "index", "out")}
    addresses[where] = f"s3://nobody/{where}"
    engine = Stopping()
    with pytest.raises(InputError, match=message):
        match([addresses["terms"]], addresses["index"], out=addresses["out"], engine=engine)
    assert engine.done == 0  # before the work, not after it


def admatch(*arguments, folder):
    run = "from admatch.cli.main import main; main()"
    here = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", run, *map(str, arguments)]
    done = subprocess.run(command, env=here, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_the_workers_of_a_cluster_read_and_write_there(store, tmp_path):
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'admatch[ray]'")
    run = lambda verb, *given: admatch(verb, *given, "--engine", "ray", folder=tmp_path)  # noqa: E731
    catalog, terms = "s3://bucket/catalog/catalog.parquet", tmp_path / "terms"
    shop = pl.read_csv(SAMPLE / "catalog.csv", infer_schema=False)
    titled = shop.drop([name for name in shop.columns if "image" in name.lower()])
    with store.open(catalog, "wb") as file:
        titled.write_parquet(file)
    run("train-embeddings", catalog, "--cache", tmp_path / "cache")
    assert "81 products indexed in s3://bucket/index" in run(
        "index", catalog, "--out", "s3://bucket/index"
    )
    terms.mkdir()
    for number in range(6):
        some_terms(40, number).write_parquet(terms / f"{number}.parquet")
    store.put(str(terms), "bucket/terms", recursive=True)
    match = (
        "match",
        "s3://bucket/terms",
        "--index",
        "s3://bucket/index",
        "--out",
        "s3://bucket/out",
    )
    run(*match)
    store.invalidate_cache()
    for name in store.glob("bucket/out/*.parquet")[:2]:
        store.rm_file(name)
    assert "240 rows in 6 files of s3://bucket/out, 4 of them there before" in run(*match)
    match_parquet([terms], local_index("s3://bucket/index"), tmp_path / "alone", LocalEngine())
    out = fetched(store, tmp_path)
    assert read_all(out).equals(read_all(tmp_path / "alone"))

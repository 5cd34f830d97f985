import logging
import random
import traceback

import pytest

from admatch.amazon.client import AdsClient
from admatch.amazon.credentials import Credentials, read_credentials
from admatch.amazon.entities import list_account
from admatch.amazon.failures import AmazonError
from admatch.amazon.profiles import list_profiles
from admatch.amazon.regions import Endpoints
from admatch.errors import InputError

from .fake import CLIENT_ID, CLIENT_SECRET, PROFILE, REFRESH_TOKEN, FakeAds
from .faults import Faults
from .scenario import CREDENTIALS, client_of, shop
from .times import FakeClock

SECRETS = (CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, "Atza|", "X-Amz-Signature")
TOML = f"""client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
refresh_token = "{REFRESH_TOKEN}"
"""
ENVIRONMENT = {
    "ADMATCH_ADS_CLIENT_ID": CLIENT_ID,
    "ADMATCH_ADS_CLIENT_SECRET": CLIENT_SECRET,
    "ADMATCH_ADS_REFRESH_TOKEN": REFRESH_TOKEN,
}


def file_of(folder, text=TOML, mode=0o600):
    path = folder / "ads.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_from_the_environment():
    assert read_credentials(environment=ENVIRONMENT) == CREDENTIALS


def test_from_a_file(tmp_path):
    assert read_credentials(file_of(tmp_path)) == CREDENTIALS


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620])
def test_a_file_that_others_may_open_is_refused(tmp_path, mode):
    with pytest.raises(InputError, match=r"other users may .*chmod 600") as caught:
        read_credentials(file_of(tmp_path, mode=mode))
    assert_nothing_secret(str(caught.value))


@pytest.mark.parametrize(
    "text",
    [
        TOML.replace("client_secret", "secret"), TOML + "x", f"{CLIENT_SECRET}", '"\n', "a=1",
        TOML + "a = " + "[" * 100_000,
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused_without_quoting_it(tmp_path, text):
    with pytest.raises(InputError) as caught:
        read_credentials(file_of(tmp_path, text))
    assert_nothing_secret("".join(traceback.format_exception(caught.value)))


def test_what_is_missing_is_named():
    with pytest.raises(InputError, match="ADMATCH_ADS_CLIENT_SECRET is not set") as caught:
        read_credentials(environment=ENVIRONMENT | {"ADMATCH_ADS_CLIENT_SECRET": " "})
    assert_nothing_secret(str(caught.value))


def test_they_are_not_shown():
    assert_nothing_secret(f"{CREDENTIALS!r} {CREDENTIALS} {[CREDENTIALS]}")


def test_refused_by_amazon(server, ads, caplog):
    wrong = Credentials(CLIENT_ID, "wrong-secret-of-mine", REFRESH_TOKEN)
    endpoints = Endpoints(server.address, f"{server.address}/auth/o2/token")
    caplog.set_level(logging.DEBUG)
    with (
        AdsClient(endpoints, wrong, PROFILE, clock=ads.clock) as client,
        pytest.raises(AmazonError, match=r"refuses the credentials \(invalid_grant\)") as caught,
    ):
        list_profiles(client)
    printed = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "wrong-secret-of-mine" not in printed
    assert_nothing_secret(printed)


def test_another_profile_is_not_opened(server, ads, caplog):
    with client_of(server) as client:
        client.profile = "1"
        with pytest.raises(AmazonError, match="not let this application use profile 1") as caught:
            list_account(client)
    assert_nothing_secret("".join(traceback.format_exception(caught.value)))


@pytest.mark.parametrize("seed", range(8))
def test_nothing_secret_is_logged_or_told_whatever_goes_wrong(server, caplog, capfd, seed):
    """Every logger at its most talkative, and requests that fail until nobody asks any more."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "httpcore.http11", "httpcore.connection"):
        caplog.set_level(logging.DEBUG, logger=name)
    ads = server.serve(FakeAds(FakeClock(), seed=seed))
    shop(ads)
    ads.faults = Faults(random.Random(seed), share=0.9, most=1000)
    printed = ""
    with client_of(server, rng=random.Random(seed)) as client:
        for _ in range(3):
            try:
                list_account(client)
            except AmazonError as error:
                printed += "".join(traceback.format_exception(error))
        printed += repr(client) + repr(vars(client).keys())
    assert "no usable answer in 8 attempts" in printed
    out = capfd.readouterr()
    assert_nothing_secret(printed + caplog.text + out.out + out.err)


def test_amazons_words_are_told_without_what_is_secret_in_them(client):
    list_profiles(client)
    token = client._token.current()

    assert client.hidden(f"bad {token} of {CLIENT_SECRET}") == "bad *** of ***"


def assert_nothing_secret(text):
    for secret in SECRETS:
        assert secret not in text

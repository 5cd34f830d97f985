"""https for clients that stall in the handshake, and for those that are no clients of https."""

import shutil
import socket
import ssl
import subprocess
import time

import pytest

from admatch.errors import InputError
from admatch.web.handshake import Handshake, tls_context
from tests.test_connections import GET, HastyProtocol, head_and_body, is_ended, serving

MOST = 5


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    made += ["-nodes", "-days", "1", "-subj", "/CN=localhost", "-keyout", "key.pem"]
    subprocess.run([*made, "-out", "cert.pem"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def port(certificate):
    context = tls_context(certificate / "cert.pem", certificate / "key.pem")
    protocol = Handshake.before(HastyProtocol, context, seconds=0.5, most=MOST)
    with serving(protocol) as number:
        yield number


def plain(port):
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def encrypted(port):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain(port))


def test_requests_are_answered(port):
    with encrypted(port) as connection:
        for _ in range(2):
            connection.sendall(GET % b"")
            assert head_and_body(connection) == b"0"


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01", GET % b""])
def test_a_handshake_that_never_ends_is_not_waited_for(port, sent):
    with plain(port) as connection:
        began = time.monotonic()
        connection.sendall(sent)
        while not is_ended(connection):
            pass
        assert time.monotonic() - began < 5


def test_an_idle_client_is_not_waited_for_after_its_handshake(port):
    with encrypted(port) as connection:
        assert is_ended(connection)


def test_the_oldest_handshake_makes_room(port):
    stalled = [plain(port) for _ in range(4 * MOST)]
    with encrypted(port) as connection:
        connection.sendall(GET % b"")
        assert head_and_body(connection) == b"0"
    assert is_ended(stalled[0])
    for one in stalled:
        one.close()


def test_a_certificate_that_cannot_be_used(certificate, tmp_path):
    with pytest.raises(InputError, match="cannot be used"):
        tls_context(tmp_path / "none.pem", None)
    with pytest.raises(InputError, match="cannot be used"):
        tls_context(certificate / "cert.pem", None)  # its key is in another file
    with pytest.raises(InputError, match="cannot be used"):
        tls_context(certificate / "key.pem", certificate / "cert.pem")

"""The streampeer tool with TLS: both ends, and what it says of a server that it does not trust."""

import os
import random
import signal
import socket
import ssl

import pytest
import trustme
from conftest import TOOL, run

BLOCK = random.Random(2).randbytes(1_000_000)


class Files:
    """An authority, a certificate with its key, and another authority, as files."""

    def __init__(self, folder):
        authority = trustme.CA()
        identity = authority.issue_cert("localhost", "127.0.0.1")
        self.ca, self.other = os.path.join(folder, "ca.pem"), os.path.join(folder, "other.pem")
        self.cert, self.key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
        authority.cert_pem.write_to_path(self.ca)
        trustme.CA().cert_pem.write_to_path(self.other)
        for blob in identity.cert_chain_pems:
            blob.write_to_path(self.cert, append=True)
        identity.private_key_pem.write_to_path(self.key)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return Files(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(start, files):
    """streampeer echo with TLS, and its port."""
    echo = start(TOOL, "echo", "--tcp", "127.0.0.1:0", "--tls-cert", files.cert,
                 "--tls-key", files.key)
    return echo, int(echo.read_line().rsplit(":", 1)[1])


def connect(files, host, port, *more, trusts=None):
    return run(TOOL, "connect", "--tls", "--tls-ca", trusts or files.ca, *more, host, port,
               data=BLOCK)


def test_bytes_come_back(server, files):
    echo, port = server
    for host in ("localhost", "127.0.0.1"):
        assert connect(files, host, port) == (0, BLOCK, "")
    echo.process.send_signal(signal.SIGTERM)
    status, out, err = echo.finish()
    assert (status, err) == (0, "")
    assert out.decode().startswith(f"served 2 clients, {2 * len(BLOCK)} bytes, ")


def test_the_echo_serves_the_tls_of_others(server, files):
    context = ssl.create_default_context(cafile=files.ca)
    with socket.create_connection(("127.0.0.1", server[1]), timeout=60) as plain, \
            context.wrap_socket(plain, server_hostname="localhost") as secured:
        secured.sendall(b"hello")
        assert secured.recv(5) == b"hello"


def test_a_client_that_does_not_speak_tls_delays_nobody(server, files):
    with socket.create_connection(("127.0.0.1", server[1])) as silent, \
            socket.create_connection(("127.0.0.1", server[1])) as foreign:
        foreign.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert connect(files, "localhost", server[1]) == (0, BLOCK, "")
        silent.sendall(b"GET / HTTP/1.0\r\n\r\n")
        for client in (foreign, silent):  # an alert, and then the end
            client.settimeout(60)
            while client.recv(1000):
                pass


def test_verbose_shows_what_was_negotiated(server, files):
    _, _, err = connect(files, "localhost", server[1], "--verbose")
    lines = err.splitlines()
    assert any(line.startswith("TLS 1.3, TLS_") for line in lines)
    assert any("for localhost, 127.0.0.1, issued by " in line for line in lines)


def test_an_unknown_authority_is_a_sentence(server, files):
    status, out, err = connect(files, "localhost", server[1], trusts=files.other)
    assert (status, out) == (1, b"")
    assert "not trusted" in err


def test_a_wrong_name_is_a_sentence_with_both(start, files):
    echo = start(TOOL, "echo", "--tcp", "[::1]:0", "--tls-cert", files.cert, "--tls-key",
                 files.key)
    port = int(echo.read_line().rsplit(":", 1)[1])
    status, out, err = connect(files, "::1", port)
    assert (status, out) == (1, b"")
    assert "::1" in err and "localhost" in err


@pytest.mark.parametrize("arguments, words", [
    (["connect", "--tls", "unix:/tmp/x"], "--tls"),
    (["connect", "--tls-ca", "/x", "localhost", "1"], "--tls-ca needs --tls"),
    (["echo", "--tls-cert", "/x"], "need each other"),
])
def test_wrong_arguments(arguments, words):
    status, _, err = run(TOOL, *arguments)
    assert status == 64
    assert words in err


def test_files_that_are_no_certificates(files):
    for arguments, words in (
        (["connect", "--tls", "--tls-ca", "/no/such/file", "localhost", "1"], "no such file"),
        (["connect", "--tls", "--tls-ca", files.key, "localhost", "1"], "no certificate is in it"),
        (["echo", "--tls-cert", files.cert, "--tls-key", files.ca], "no key is in it"),
    ):
        status, _, err = run(TOOL, *arguments)
        assert status == 1
        assert words in err

"""Shared by the tests of TLS against others: certificates as files, our client, our server.

tls_lab is an echo server, or a client that sends its input and expects it back.
"""

import contextlib
import os
import random
import socket
import threading

import pytest
import trustme
from conftest import program, run

BLOCK = random.Random(3).randbytes(300_000)
NAME = "game.test"
VERSIONS = ["2", "3"]


class Files:
    """An authority, a server's certificate and a client's, as files."""

    def __init__(self, folder):
        self.authority = trustme.CA()
        server = self.authority.issue_cert(NAME, "127.0.0.1")
        client = self.authority.issue_cert("player@game.test")
        self.ca = os.path.join(folder, "ca.pem")
        self.authority.cert_pem.write_to_path(self.ca)
        self.cert, self.key = self.write(folder, "server", server)
        self.client_cert, self.client_key = self.write(folder, "client", client)

    @staticmethod
    def write(folder, name, identity):
        cert, key = os.path.join(folder, f"{name}.pem"), os.path.join(folder, f"{name}.key")
        for blob in identity.cert_chain_pems:
            blob.write_to_path(cert, append=True)
        identity.private_key_pem.write_to_path(key)
        return cert, key


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return Files(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(start, files):
    """Our echo server, and its port."""
    lab = start(program("tls_lab"), "serve", files.cert, files.key)
    return lab, int(lab.read_line())


def connect(port, files, version="0", data=BLOCK, name=NAME, more=(), **environment):
    """Runs our client. Returns its exit status, its output, and its last line."""
    status, out, err = run(program("tls_lab"), "connect", port, name, files.ca, version, *more,
                           data=data, env={**os.environ, **environment})
    return status, out, err.strip()


def expect_echo(port, files, version="0"):
    status, out, line = connect(port, files, version)
    assert (status, out) == (0, BLOCK), line
    assert line.startswith(f"TLS 1.{version if version != '0' else '3'} ")
    assert line.endswith("finished")


@contextlib.contextmanager
def served(handle):
    """A thread that accepts connections and gives each to `handle`."""
    failures = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)

        def loop():
            with contextlib.suppress(OSError):
                while True:
                    peer, _ = listener.accept()
                    try:
                        with peer:
                            handle(peer)
                    except Exception as failure:  # of the peer's own code, for the assertion
                        failures.append(failure)

        thread = threading.Thread(target=loop, daemon=True)
        thread.start()
        yield listener.getsockname()[1], failures
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()

"""TLS against the implementations of others: OpenSSL's programs, Python's ssl, GnuTLS, tlslite-ng,
stunnel. Proxies and curl are in test_tls_proxies.py.
"""

import os
import socket
import ssl

import pytest
from conftest import accepts, run, wait_until
from tls_support import (
    BLOCK, NAME, VERSIONS, Files, connect, expect_echo, files, program, served, server,
)
from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey
from tlslite.x509 import X509


# ---- Ourselves


@pytest.mark.parametrize("version", ["0", *VERSIONS])
def test_our_client_and_our_server(server, files, version):
    lab, port = server
    expect_echo(port, files, version)
    assert lab.read_line() == "finished "


def test_our_client_resumes_at_our_server(server, files):
    status, _, line = connect(server[1], files, data=b"hello", CONNECTIONS="3")
    assert status == 0
    assert [part.split()[2] for part in line.splitlines()] == [
        "resumed=0", "resumed=1", "resumed=1"]


def test_client_certificates(start, files):
    lab = start(program("tls_lab"), "serve", files.cert, files.key, files.ca)
    port = int(lab.read_line())
    more = (files.client_cert, files.client_key)
    assert connect(port, files, more=more)[:2] == (0, BLOCK)
    assert lab.read_line() == "finished "
    status, _, line = connect(port, files)
    assert status == 1 and "certificate" in line
    assert lab.read_line().startswith("failed: The client sent no certificate")


# ---- OpenSSL's programs


@pytest.fixture
def s_server(start, files, free_port):
    def begin(*options):
        start("openssl", "s_server", "-accept", f"127.0.0.1:{free_port}", "-cert", files.cert,
              "-key", files.key, "-rev", "-quiet", *options)
        wait_until(lambda: accepts(("127.0.0.1", free_port)), "openssl s_server")
        return free_port

    return begin


@pytest.mark.parametrize("version", VERSIONS)
def test_s_server(s_server, files, version):
    port = s_server(f"-tls1_{version}")
    status, out, line = connect(port, files, data=b"hello\n")
    assert out == b"olleh\n", line
    assert line.startswith(f"TLS 1.{version} ")


def test_s_server_resumes(s_server, files):
    _, _, line = connect(s_server(), files, data=b"hello\n", CONNECTIONS="2")
    assert [part.split()[2] for part in line.splitlines()] == ["resumed=0", "resumed=1"]


def test_s_server_that_wants_another_group(s_server, files):
    """It sends a HelloRetryRequest."""
    _, out, line = connect(s_server("-groups", "P-521"), files, data=b"hello\n")
    assert out == b"olleh\n", line


@pytest.mark.parametrize("version", VERSIONS)
def test_s_client(start, server, files, version):
    lab, port = server
    client = start("openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", files.ca,
                   "-verify_return_error", "-verify_hostname", NAME, "-servername", NAME,
                   f"-tls1_{version}", "-quiet")
    for text in ("hello", "again"):
        client.process.stdin.write(f"{text}\n".encode())
        client.process.stdin.flush()
        assert client.read_line() == text
    client.stop()
    assert lab.read_line().startswith("failed: The connection ended without")


def test_s_client_resumes(server, files, tmp_path):
    saved = tmp_path / "session"
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{server[1]}", "-CAfile", files.ca,
               "-tls1_2"]
    assert run(*command, "-sess_out", saved)[0] == 0
    _, out, _ = run(*command, "-sess_in", saved)
    assert b"Reused, TLSv1.2" in out


def test_a_wrong_name_and_an_unknown_issuer(s_server, files, tmp_path):
    port = s_server()
    status, _, line = connect(port, files, name="other.test")
    assert status == 1 and '"game.test, 127.0.0.1", not for "other.test"' in line
    other = Files(tmp_path)
    status, _, line = connect(port, other)
    assert status == 1 and "is not trusted" in line


# ---- Python's ssl


@pytest.mark.parametrize("version", VERSIONS)
def test_a_server_of_pythons_ssl(files, version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.cert, files.key)

    def echo(peer):
        with context.wrap_socket(peer, server_side=True) as tls:
            while data := tls.recv(65536):
                tls.sendall(data)
            tls.unwrap()

    with served(echo) as (port, failures):
        expect_echo(port, files, version)
    assert not failures


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_of_pythons_ssl(server, files, version):
    context = ssl.create_default_context(cafile=files.ca)
    context.maximum_version = getattr(ssl.TLSVersion, f"TLSv1_{version}")
    with socket.create_connection(("127.0.0.1", server[1])) as plain:
        with context.wrap_socket(plain, server_hostname=NAME) as tls:
            assert tls.version() == f"TLSv1.{version}"
            received = b""
            for at in range(0, len(BLOCK), 20_000):
                tls.sendall(BLOCK[at:at + 20_000])
                while len(received) < at + len(BLOCK[at:at + 20_000]):
                    received += tls.recv(65536)
            assert received == BLOCK
            tls.unwrap().close()  # raises without our close_notify
    assert server[0].read_line() == "finished "


def test_a_truncated_end(files):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.cert, files.key)

    def cut(peer):
        tls = context.wrap_socket(peer, server_side=True)
        tls.sendall(tls.recv(5))
        raw = socket.socket(fileno=tls.detach())
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(4096):
            pass
        raw.close()

    with served(cut) as (port, _):
        status, out, line = connect(port, files, data=b"hello")
    assert (status, out) == (1, b"hello")
    assert "without the peer's close_notify" in line


# ---- GnuTLS


@pytest.mark.parametrize("version", VERSIONS)
def test_a_server_of_gnutls(start, files, free_port, version):
    start("gnutls-serv", "--echo", "--quiet", "-p", free_port, "--x509certfile", files.cert,
          "--x509keyfile", files.key, "--priority", f"NORMAL:-VERS-ALL:+VERS-TLS1.{version}")
    wait_until(lambda: accepts(("127.0.0.1", free_port)), "gnutls-serv")
    status, out, line = connect(free_port, files, data=b"hello\n")
    assert out == b"hello\n", line
    assert line.startswith(f"TLS 1.{version} ")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_of_gnutls(server, files, version):
    status, out, err = run(
        "gnutls-cli", "-p", server[1], "--x509cafile", files.ca, "--verify-hostname", NAME,
        "--sni-hostname", NAME, "--logfile", os.devnull, "--priority",
        f"NORMAL:-VERS-ALL:+VERS-TLS1.{version}", "127.0.0.1", data=b"hello\n")
    assert (status, out) == (0, b"hello\n"), err


# ---- tlslite-ng


def tlslite_settings(version):
    settings = HandshakeSettings()
    settings.minVersion = settings.maxVersion = (3, 1 + int(version))
    return settings


@pytest.mark.parametrize("version", VERSIONS)
def test_a_server_of_tlslite(files, version):
    with open(files.cert) as cert, open(files.key) as key:
        chain, private = X509CertChain(), parsePEMKey(key.read(), private=True)
        chain.parsePemList(cert.read())

    def echo(peer):
        tls = TLSConnection(peer)
        tls.handshakeServer(certChain=chain, privateKey=private,
                            settings=tlslite_settings(version))
        while data := tls.recv(65536):
            tls.sendall(data)
        tls.close()

    with served(echo) as (port, failures):
        status, out, line = connect(port, files, version, data=BLOCK[:40_000])
    assert (status, out) == (0, BLOCK[:40_000]), (line, failures)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_of_tlslite(server, files, version):
    with socket.create_connection(("127.0.0.1", server[1])) as plain:
        tls = TLSConnection(plain)
        tls.handshakeClientCert(serverName=NAME, settings=tlslite_settings(version))
        shown = tls.session.serverCertChain.x509List[0]
        with open(files.cert) as cert:
            assert shown.getFingerprint() == X509().parse(cert.read()).getFingerprint()
        tls.sendall(b"hello")
        assert tls.read(max=5, min=5) == b"hello"
        tls.close()
    assert server[0].read_line() == "finished "


# ---- stunnel


def test_stunnel(start, server, files, free_port, tmp_path):
    """A client of stunnel in front of our server."""
    config = tmp_path / "stunnel.conf"
    config.write_text(
        f"foreground = yes\npid =\n[echo]\nclient = yes\naccept = 127.0.0.1:{free_port}\n"
        f"connect = 127.0.0.1:{server[1]}\nCAfile = {files.ca}\nverifyChain = yes\n"
        f"checkHost = {NAME}\nsni = {NAME}\n")
    start("stunnel4", config)
    wait_until(lambda: accepts(("127.0.0.1", free_port)), "stunnel")
    with socket.create_connection(("127.0.0.1", free_port)) as plain:
        plain.sendall(b"hello")
        assert plain.recv(5, socket.MSG_WAITALL) == b"hello"

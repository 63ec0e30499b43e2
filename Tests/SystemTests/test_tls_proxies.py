"""TLS against the programs that stand on the Internet: haproxy, nginx and curl.

A proxy ends TLS in front of a plain server, or it is the TLS client of our server. haproxy inherits
its listening socket, and nginx listens at a path, so no port is guessed.
"""

import contextlib
import os
import socket

import pytest
from conftest import program, run, wait_until
from tls_support import BLOCK, NAME, VERSIONS, Files, connect, expect_echo, files, served, server

STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"


@pytest.fixture
def plain_echo():
    def echo(peer):
        while data := peer.recv(65536):
            peer.sendall(data)

    with served(echo) as (port, failures):
        yield port
    assert not failures


@pytest.fixture
def bundles(files, tmp_path):
    """A certificate and its key in one file, as haproxy reads them."""
    paths = []
    for cert, key in ((files.cert, files.key), (files.client_cert, files.client_key)):
        path = tmp_path / f"both-{len(paths)}.pem"
        path.write_text(open(cert).read() + open(key).read())
        paths.append(path)
    return paths


@pytest.fixture
def strict_server(start, files):
    """Our echo server that demands certificates, and its port."""
    lab = start(program("tls_lab"), "serve", files.cert, files.key, files.ca)
    return lab, int(lab.read_line())


def talk_plainly(address):
    """What a plain client reads through a proxy that has our server behind it."""
    family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
    with socket.socket(family, socket.SOCK_STREAM) as plain:
        plain.settimeout(60)
        plain.connect(address)
        received = b""
        with contextlib.suppress(ConnectionError):
            for at in range(0, len(BLOCK), 20_000):
                plain.sendall(BLOCK[at:at + 20_000])
                while len(received) < len(BLOCK[:at + 20_000]):
                    chunk = plain.recv(65536)
                    if not chunk:
                        return received
                    received += chunk
        return received


# ---- haproxy


@pytest.fixture
def haproxy(start, tmp_path):
    """Starts haproxy with options of its listener and of the server behind it."""

    def begin(listener, server, port):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            config = tmp_path / "haproxy.cfg"
            config.write_text(
                "defaults\n mode tcp\n retries 0\n timeout connect 60s\n timeout client 60s\n"
                f" timeout server 60s\nlisten proxy\n bind fd@{listening.fileno()} {listener}\n"
                f" server behind 127.0.0.1:{port} {server}\n")
            start("haproxy", "-db", "-q", "-f", config, pass_fds=[listening.fileno()])
            return listening.getsockname()[1]

    return begin


def haproxy_versions(version):
    return f"ssl-min-ver TLSv1.{version} ssl-max-ver TLSv1.{version}"


@pytest.mark.parametrize("version", VERSIONS)
def test_haproxy_in_front_of_a_plain_server(haproxy, plain_echo, files, bundles, version):
    port = haproxy(f"ssl crt {bundles[0]} {haproxy_versions(version)}", "", plain_echo)
    expect_echo(port, files, version)


@pytest.mark.parametrize("version", VERSIONS)
def test_our_client_resumes_at_haproxy(haproxy, plain_echo, files, bundles, version):
    port = haproxy(f"ssl crt {bundles[0]}", "", plain_echo)
    _, _, line = connect(port, files, version, data=b"hello", CONNECTIONS="2")
    assert [part.split()[2] for part in line.splitlines()] == ["resumed=0", "resumed=1"]


def test_haproxy_that_selects_a_protocol(haproxy, plain_echo, files, bundles):
    port = haproxy(f"ssl crt {bundles[0]} alpn game/2,game/1", "", plain_echo)
    status, _, line = connect(port, files, data=b"hello", PROTOCOL="game/1")
    assert status == 0 and " protocol=game/1 " in line


@pytest.mark.parametrize("version", VERSIONS)
def test_haproxy_that_demands_a_certificate(haproxy, plain_echo, files, bundles, version):
    port = haproxy(f"ssl crt {bundles[0]} verify required ca-file {files.ca}", "", plain_echo)
    status, out, line = connect(port, files, version, more=(files.client_cert, files.client_key))
    assert (status, out) == (0, BLOCK), line
    status, out, line = connect(port, files, version, data=b"hello")
    assert (status, out) == (1, b"")
    assert "certificate" in line or "handshake_failure" in line


@pytest.mark.parametrize("version", VERSIONS)
def test_haproxy_towards_our_server(haproxy, strict_server, files, bundles, version):
    lab, port = strict_server
    front = haproxy("", f"ssl {haproxy_versions(version)} verify required ca-file {files.ca} "
                    f"verifyhost {NAME} sni str({NAME}) crt {bundles[1]}", port)
    assert talk_plainly(("127.0.0.1", front)) == BLOCK
    assert lab.read_line() == "finished "


@pytest.mark.parametrize("version", VERSIONS)
def test_haproxy_refuses_our_certificate(haproxy, server, tmp_path, version):
    lab, port = server
    front = haproxy("", f"ssl {haproxy_versions(version)} verify required "
                    f"ca-file {Files(tmp_path).ca}", port)
    assert talk_plainly(("127.0.0.1", front)) == b""
    assert "unknown_ca" in lab.read_line()


# ---- nginx


@pytest.fixture
def nginx(start, tmp_path, socket_path):
    """Starts nginx with the body of one server of `kind` (stream or http)."""

    def begin(kind, body, listener=""):
        config = tmp_path / "nginx.conf"
        module = os.path.exists(STREAM_MODULE)  # elsewhere it may be inside nginx
        places = "".join(f"{name}_temp_path {tmp_path}/{name};" for name in (
            "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config.write_text(
            f"{f'load_module {STREAM_MODULE};' if module else ''} daemon off; master_process off;"
            f"pid {tmp_path}/pid; error_log stderr crit; events {{}}\n"
            f"{kind} {{ {'access_log off;' + places if kind == 'http' else ''}\n"
            f"server {{ listen unix:{socket_path} {listener}; {body} }} }}\n")
        start("nginx", "-p", tmp_path, "-e", "stderr", "-c", config)
        # It listens before it writes the file. A probe of the socket would reach our server.
        wait_until(lambda: (tmp_path / "pid").exists(), "nginx")
        return socket_path

    return begin


def nginx_identity(files):
    return f"ssl_certificate {files.cert}; ssl_certificate_key {files.key};"


def nginx_verifies(files, version):
    """nginx as a TLS client that verifies the server."""
    return (f"proxy_ssl_protocols TLSv1.{version}; proxy_ssl_verify on; proxy_ssl_name {NAME};"
            f"proxy_ssl_server_name on; proxy_ssl_trusted_certificate {files.ca};")


@pytest.mark.parametrize("version", VERSIONS)
def test_nginx_in_front_of_a_plain_server(nginx, plain_echo, files, version):
    path = nginx("stream", f"{nginx_identity(files)} ssl_protocols TLSv1.{version};"
                 f"proxy_pass 127.0.0.1:{plain_echo};", "ssl")
    _, out, line = connect(path, files)
    assert out == BLOCK, line
    # nginx does not answer our close_notify with its own.
    assert line.startswith(f"TLS 1.{version} ")


@pytest.mark.parametrize("version", VERSIONS)
def test_our_client_resumes_at_nginx(nginx, plain_echo, files, version):
    path = nginx("stream", f"{nginx_identity(files)} ssl_protocols TLSv1.2 TLSv1.3;"
                 f"proxy_pass 127.0.0.1:{plain_echo};", "ssl")
    _, _, line = connect(path, files, version, data=b"hello", CONNECTIONS="2")
    assert [part.split()[2] for part in line.splitlines()] == ["resumed=0", "resumed=1"]


@pytest.mark.parametrize("version", VERSIONS)
def test_nginx_that_demands_a_certificate(nginx, plain_echo, files, version):
    path = nginx("stream", f"{nginx_identity(files)} ssl_verify_client on;"
                 f"ssl_protocols TLSv1.2 TLSv1.3; ssl_client_certificate {files.ca};"
                 f"proxy_pass 127.0.0.1:{plain_echo};", "ssl")
    _, out, line = connect(path, files, version, more=(files.client_cert, files.client_key))
    assert out == BLOCK, line
    _, out, _ = connect(path, files, version, data=b"hello")
    assert out == b""  # nginx completes the handshake first, and ends in order


@pytest.mark.parametrize("version", VERSIONS)
def test_nginx_as_a_web_server(nginx, files, version):
    path = nginx("http", f"{nginx_identity(files)} ssl_protocols TLSv1.{version};"
                 "return 200 'protocol $ssl_alpn_protocol, name $ssl_server_name';", "ssl http2")
    request = b"GET / HTTP/1.1\r\nHost: game.test\r\nConnection: close\r\n\r\n"
    status, out, line = connect(path, files, data=request, PROTOCOL="http/1.1")
    assert status == 0 and f"TLS 1.{version} resumed=0 protocol=http/1.1 finished" == line
    assert out.endswith(b"\r\n\r\nprotocol http/1.1, name game.test")


@pytest.mark.parametrize("version", VERSIONS)
def test_nginx_towards_our_server(nginx, strict_server, files, version):
    lab, port = strict_server
    path = nginx("stream", f"proxy_ssl on; {nginx_verifies(files, version)}"
                 f"proxy_ssl_certificate {files.client_cert};"
                 f"proxy_ssl_certificate_key {files.client_key}; proxy_pass 127.0.0.1:{port};")
    assert talk_plainly(path) == BLOCK
    assert lab.read_line() == "finished "


@pytest.mark.parametrize("version", VERSIONS)
def test_nginx_refuses_our_certificate(nginx, server, tmp_path, version):
    """It completes the handshake first, and ends in order."""
    path = nginx("stream", f"proxy_ssl on; {nginx_verifies(Files(tmp_path), version)}"
                 f"proxy_pass 127.0.0.1:{server[1]};")
    assert talk_plainly(path) == b""


# ---- curl


@pytest.fixture
def web_server(start, files):
    """Our server that answers requests of HTTP, and its port."""

    def begin(*more):
        lab = start(program("tls_lab"), "answer", files.cert, files.key, *more,
                    env={**os.environ, "PROTOCOL": "http/1.1"})
        return lab, int(lab.read_line())

    return begin


def curl(port, ca, *options, name=NAME):
    return run("curl", "--silent", "--show-error", "--noproxy", "*", "--cacert", ca, "--resolve",
               f"{name}:{port}:127.0.0.1", *options, f"https://{name}:{port}/level/7")


def curl_versions(version):
    return f"--tlsv1.{version}", "--tls-max", f"1.{version}"


@pytest.mark.parametrize("version", VERSIONS)
def test_curl(web_server, files, version):
    """By default curl offers h2, and http/1.1. Only close_notify tells it the end of the body."""
    lab, port = web_server()
    status, out, err = curl(port, files.ca, *curl_versions(version))
    assert status == 0, err
    assert out.decode() == f"TLS 1.{version} http/1.1 GET /level/7 HTTP/1.1\n"
    assert lab.read_line() == "finished "


def test_curl_without_alpn(web_server, files):
    _, out, err = curl(web_server()[1], files.ca, "--no-alpn")
    assert out.decode() == "TLS 1.3  GET /level/7 HTTP/1.1\n", err


@pytest.mark.parametrize("version", VERSIONS)
def test_curl_refuses_our_certificate(web_server, tmp_path, version):
    lab, port = web_server()
    status, out, _ = curl(port, Files(tmp_path).ca, *curl_versions(version))
    assert (status, out) == (60, b"")  # CURLE_PEER_FAILED_VERIFICATION
    assert "unknown_ca" in lab.read_line()


def test_curl_refuses_our_name(web_server, files):
    status, out, err = curl(web_server()[1], files.ca, name="other.test")
    assert (status, out) == (60, b"") and "other.test" in err


@pytest.mark.parametrize("version", VERSIONS)
def test_our_server_refuses_curl(web_server, files, version):
    lab, port = web_server(files.ca)
    status, out, _ = curl(port, files.ca, *curl_versions(version))
    assert status != 0 and out == b""
    assert lab.read_line().startswith("failed: The client sent no certificate")
    status, out, err = curl(port, files.ca, *curl_versions(version), "--cert", files.client_cert,
                            "--key", files.client_key)
    assert out.decode() == f"TLS 1.{version} http/1.1 GET /level/7 HTTP/1.1\n", err

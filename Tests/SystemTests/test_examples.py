"""The programs in Examples/."""

from conftest import program, run


def test_echo_client(echo):
    _, port, _ = echo
    status, out, err = run(program("echo_client"), "127.0.0.1", port, "hello, 日本語")
    assert (status, err) == (0, "")
    assert out.decode().strip() == "hello, 日本語"


def test_echo_client_on_a_refused_port(closed_port):
    status, out, err = run(program("echo_client"), "127.0.0.1", closed_port, "x")
    assert status != 0 and out == b"" and err.count("\n") == 1


def test_game_loop():
    status, out, err = run(program("game_loop"), 60)
    assert (status, err) == (0, "")
    assert out.decode().startswith("60 frames, ") and out.decode().strip().endswith("0 errors")


def test_network_test():
    """Whatever the seed; and one seed is one run."""
    for seed in (1, 2, 3):
        status, out, err = run(program("network_test"), seed)
        assert (status, err) == (0, ""), out
        assert out.count(b"passed") == 5
        assert run(program("network_test"), seed)[1] == out

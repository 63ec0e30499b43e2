"""A short run of soak.py, which `./scripts/test soak` runs for an hour. It also fails when it
should."""

import contextlib
import os
import socket
import struct
import types

import pytest
import soak

MINUTES = float(os.environ.get("SPS_SOAK_MINUTES", "0.5"))
SEED = int(os.environ.get("SPS_SEED", "1"))


def test_killed_processes_affect_only_their_own_connections():
    figures = soak.run(MINUTES, SEED)
    soak.show(figures)
    assert figures["connections"] > 0 and figures["bytes_heard"] > 0
    if MINUTES >= 0.5:
        assert all(figures["kills"].values())  # of both kinds
        assert all(figures["endings"].values())
        assert figures["moves"] and figures["refused_puts"] and figures["duds"]


@contextlib.contextmanager
def small_soak():
    """Two servers and two clients, one of each mortal. Their logs are removed."""
    running = soak.Soak(SEED, servers=2, clients=2, connections=4)
    try:
        yield running
    finally:
        running.end(failed=False)


def test_an_unexpected_end_of_a_process_is_noticed():
    with small_soak() as running:
        running.watch(1)
        running.clients[0].process.kill()
        with pytest.raises(soak.Wrong, match=r"by itself|one that lives"):
            running.watch(30)


def test_an_invented_byte_is_noticed():
    with small_soak() as running:
        port = running.ports[running.servers[0].who]
        with socket.create_connection(("127.0.0.1", port)) as stranger:
            # a hello, which decides the items after it
            stranger.sendall(struct.pack("<III", 8, 1000, 1))
            with contextlib.suppress(OSError):  # the process may have closed already
                stranger.sendall(bytes(200_000))
            with pytest.raises(soak.Wrong, match="server 0 .* by itself"):
                running.watch(30)


def lives(**changes):
    """A process with twelve samples. The arguments are the last ones."""
    usual = {"descriptors": 6, "threads": 2, "allocated": 30_000, "heap": 60_000,
             "resident": 500_000}
    samples = [usual] * 8 + [{**usual, **changes}] * 4
    return types.SimpleNamespace(samples=samples)


@pytest.mark.parametrize("what, late", [
    ("descriptors", 7), ("threads", 3), ("allocated", 75_000), ("heap", 110_000),
    ("resident", 1_600_000),
])
def test_growth_is_noticed(what, late):
    with pytest.raises(soak.Wrong, match=what):
        soak.judge_steadiness(lives(**{what: late}))


def test_a_constant_process_passes():
    soak.judge_steadiness(lives(allocated=40_000, heap=80_000, resident=900_000))

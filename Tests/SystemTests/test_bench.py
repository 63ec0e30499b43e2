"""scripts/bench measures the requested rows. The tests do not check the figures themselves."""

import json
import os
import subprocess

import pytest
from conftest import BUILD, ROOT

PATIENCE = 600  # seconds: it builds what it measures
BENCH = os.path.join(ROOT, "scripts", "bench")


def bench(*arguments):
    return subprocess.run([BENCH, *arguments], capture_output=True, text=True, timeout=PATIENCE, cwd="/")


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """One row of each kind, only in C: Swift's programs take minutes to build."""
    path = tmp_path_factory.mktemp("bench") / "figures.json"
    done = bench("--quick", "--impl", "core,libuv,asio", "--json", str(path),
                 "--rows", "get_u32_uds|ping_pong_tcp|idle_5000|instructions_put_u32|tls_(ping|peer)")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(path.read_text())
    for each in found:
        assert each["row"] in done.stdout
    return {(each["row"], each["impl"]): each for each in found}


def test_every_row_has_every_implementation_and_the_limit(figures):
    names = ("limit", "core", "libuv", "asio")
    assert set(figures) >= {(row, name) for row in ("get_u32_uds", "ping_pong_tcp") for name in names}
    # One run gives both rows of the frames.
    for row in ("idle_5000", "active_50_of_5000", "idle_peer_memory"):
        assert set(figures) >= {(row, name) for name in names}
    assert figures["idle_peer_memory", "core"]["median"] <= 512


def test_tls_has_every_implementation_and_the_limit(figures):
    for row in ("tls_ping_pong", "tls_peer_memory"):
        assert set(figures) >= {(row, name) for name in ("limit", "core", "libuv", "asio")}
    # A stream costs less than what OpenSSL takes without one.
    assert 1 < figures["tls_peer_memory", "core"]["ratio_to_limit"] < 2


def test_a_figure_has_its_median_spread_and_ratio(figures):
    for (row, name), each in figures.items():
        assert each["median"] >= each["best"] > 0 and each["spread"] >= 0
        assert each["ratio_to_limit"] == 1 or name != "limit"
        if not row.startswith("instructions"):
            assert each["unit"] == ("bytes" if row.endswith("_memory") else "ns")
            assert each["rounds"] >= 7 or row == "tls_peer_memory"


def test_latencies_have_percentiles(figures):
    for name in ("limit", "core", "libuv", "asio"):
        percentiles = list(figures["ping_pong_tcp", name]["percentiles"].items())
        assert [key for key, _ in percentiles] == ["p50", "p90", "p99", "p99.9", "p100"]
        assert [value for _, value in percentiles] == sorted(value for _, value in percentiles)


def test_instructions_are_counted_for_the_library_in_c(figures):
    counted = {name: each for (row, name), each in figures.items() if row == "instructions_put_u32"}
    assert set(counted) == {"limit", "core"}
    assert all(each["unit"] == "instructions" for each in counted.values())
    assert counted["core"]["median"] > counted["limit"]["median"]


@pytest.mark.parametrize("arguments", [("--impl", "nonsense"), ("--rows", "nonsense")])
def test_an_unknown_argument_is_an_error(arguments):
    done = bench(*arguments)
    assert done.returncode == 2 and "nonsense" in done.stderr


@pytest.mark.skipif(not os.path.exists(os.path.join(BUILD, "libstreampeersocket-gzip.so")),
                    reason="without zlib")
def test_gzip_costs_hardly_more_than_zlib_alone(tmp_path):
    """The program compares both in one run, by processor time. It fails above a factor of 1.05."""
    program = tmp_path / "gzip_benchmarks"
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-DZLIB_CONST", f"-I{ROOT}/include",
                    os.path.join(ROOT, "Benchmarks", "gzip.c"), "-o", program, f"-L{BUILD}",
                    f"-Wl,-rpath,{BUILD}", "-lstreampeersocket-gzip", "-lstreampeersocket", "-lz"],
                   check=True)
    for attempt in range(3):  # others share the machine
        done = subprocess.run([program, "5"], capture_output=True, text=True, timeout=PATIENCE)
        if done.returncode == 0:
            return
    raise AssertionError(done.stdout + done.stderr)

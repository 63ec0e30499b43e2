"""The library for gzip and others: gzip(1), zlib of Python, zstd's gzip. In both directions."""

import gzip
import os
import random
import shutil
import subprocess
import zlib

import pytest
from conftest import BUILD

PROGRAM = os.path.join(BUILD, "Tests", "SystemTests", "programs", "gzip_pipe")


def sample(kind):
    """Bytes of one kind, the same each time."""
    chance = random.Random(kind)
    words = [b"stream ", b"peer ", b"socket ", b"poll\n"]
    return {
        "empty": lambda: b"",
        "byte": lambda: b"x",
        "text": lambda: b"".join(chance.choice(words) for _ in range(100_000)),
        "noise": lambda: chance.randbytes(700_000),
        "zeros": lambda: bytes(5_000_000),
    }[kind]()


KINDS = ("empty", "byte", "text", "noise", "zeros")


def call(program, data):
    done = subprocess.run(program, input=data, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ours(what, form, data, *more):
    return call([PROGRAM, what, form, *more], data)


def fails(form, data):
    """The name of the error of decompression, and what was written before."""
    done = subprocess.run([PROGRAM, "decompress", form], input=data, capture_output=True)
    assert done.returncode == 1
    return done.stderr.decode().strip(), done.stdout


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", ("-1", "0", "1", "9"))
def test_others_read_what_we_write(kind, level):
    data = sample(kind)
    made = ours("compress", "gzip", data, level)
    assert gzip.decompress(made) == data
    assert call(["gzip", "-dc"], made) == data
    assert zlib.decompress(ours("compress", "zlib", data, level)) == data


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", (1, 6, 9))
def test_we_read_what_others_write(kind, level):
    data = sample(kind)
    for made in (gzip.compress(data, level), call(["gzip", f"-{level}c"], data)):
        assert ours("decompress", "gzip", made) == data
    assert ours("decompress", "zlib", zlib.compress(data, level)) == data


@pytest.mark.skipif(not shutil.which("zstd"), reason="no zstd")
def test_we_read_what_zstd_writes_as_gzip():
    data = sample("text")
    assert ours("decompress", "gzip", call(["zstd", "--format=gzip", "-c"], data)) == data


def test_a_header_with_a_name_and_a_time(tmp_path):
    file = tmp_path / "named.txt"
    file.write_bytes(sample("text"))
    assert ours("decompress", "gzip", call(["gzip", "-Nc", file], b"")) == sample("text")


def test_we_treat_what_follows_a_member_as_gzip_does():
    """gzip(1) reads members in a row and padding; it warns of trailing data (status 2)."""
    one, two = gzip.compress(b"one"), gzip.compress(b"two")
    for made in (one + two, one + two + bytes(1000), one + ours("compress", "gzip", b"two")):
        assert call(["gzip", "-dc"], made) == b"onetwo" == ours("decompress", "gzip", made)
    for tail in (b"rest", b"\x1fx", b"\0\0x"):
        done = subprocess.run(["gzip", "-dc"], input=one + tail, capture_output=True)
        assert done.returncode == 2 and done.stdout == b"one"
        assert fails("gzip", one + tail) == ("ERR_PARSE_ERROR", b"one")


def test_we_refuse_what_gzip_refuses():
    made = gzip.compress(sample("text"))
    damaged = made[:-8] + bytes(8)
    for data, name in ((made[:-1], "ERR_FILE_CANT_READ"), (b"", "ERR_FILE_CANT_READ"),
                       (damaged, "ERR_FILE_CORRUPT"), (b"no gzip", "ERR_FILE_UNRECOGNIZED")):
        done = subprocess.run(["gzip", "-dc"], input=data, capture_output=True)
        assert done.returncode == 1, name
        assert fails("gzip", data)[0] == name


def test_the_core_needs_no_zlib():
    """The library for gzip needs zlib, the core and libc, and the core needs libc only."""
    def needed(name):
        out = call(["readelf", "-d", os.path.join(BUILD, name)], b"").decode()
        return {line.split("[")[1].split("]")[0].split(".so")[0]
                for line in out.splitlines() if "NEEDED" in line}

    assert needed("libstreampeersocket.so") <= {"libc", "ld-linux-x86-64", "ld-linux-aarch64"}
    assert needed("libstreampeersocket-gzip.so") == {"libstreampeersocket", "libz", "libc"}

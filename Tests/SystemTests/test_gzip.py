"""The library for gzip and others: gzip(1), zlib of Python, zstd(1). In both directions."""

import glob
import gzip
import os
import random
import re
import shutil
import subprocess
import zlib

import pytest
from conftest import BUILD, ROOT

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


def has_zstd():
    """Whether the library was built with libzstd."""
    out = subprocess.run(["readelf", "-d", os.path.join(BUILD, "libstreampeersocket-gzip.so")],
                         capture_output=True, text=True).stdout
    return "libzstd" in out


needs_zstd = pytest.mark.skipif(not has_zstd(), reason="built without libzstd")
needs_zstd_program = pytest.mark.skipif(not shutil.which("zstd"), reason="no zstd(1)")


@needs_zstd
@needs_zstd_program
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", ("0", "1", "19", "22"))
def test_zstd_reads_what_we_write_and_the_other_way(kind, level):
    data = sample(kind)
    made = ours("compress", "zstd", data, level)
    assert call(["zstd", "-dc"], made) == data
    # The window of -22 is above the default limit.
    made = call(["zstd", f"-{min(int(level) or 3, 19)}", "-c"], data)
    assert ours("decompress", "zstd", made) == data


@needs_zstd
def test_python_reads_what_we_write_as_zstd():
    zstandard = pytest.importorskip("zstandard")
    for kind in KINDS:
        data = sample(kind)
        made = ours("compress", "zstd", data)
        assert zstandard.get_frame_parameters(made).has_checksum
        assert zstandard.ZstdDecompressor().decompressobj().decompress(made) == data
        for checks in (False, True):
            compressor = zstandard.ZstdCompressor(level=9, write_checksum=checks)
            assert ours("decompress", "zstd", compressor.compress(data)) == data


@needs_zstd
@needs_zstd_program
def test_we_treat_frames_as_zstd_does():
    """zstd(1) reads frames in a row, and skips skippable ones; it refuses other bytes."""
    one, two = (call(["zstd", "-c"], data) for data in (b"one", b"two"))
    skippable = b"\x5a\x2a\x4d\x18\x03\0\0\0abc"
    for made in (one + two, one + skippable + two, skippable + one + two + skippable):
        assert call(["zstd", "-dc"], made) == b"onetwo" == ours("decompress", "zstd", made)
    for tail in (b"rest", b"\0\0", one[:3]):
        done = subprocess.run(["zstd", "-dc"], input=one + tail, capture_output=True)
        assert done.returncode == 1 and done.stdout == b"one"
        assert fails("zstd", one + tail) == ("ERR_PARSE_ERROR", b"one")


@needs_zstd
@needs_zstd_program
def test_we_refuse_what_zstd_refuses():
    made = call(["zstd", "-c"], sample("text"))
    wide = call(["zstd", "--ultra", "-22", "--long=27", "-c"], sample("noise") * 20)
    damaged = made[:-1] + bytes([made[-1] ^ 1])
    for data, name in ((made[:-1], "ERR_FILE_CANT_READ"), (b"", "ERR_FILE_CANT_READ"),
                       (damaged, "ERR_FILE_CORRUPT"), (b"no zstd", "ERR_FILE_UNRECOGNIZED"),
                       (wide, "ERR_INVALID_DATA")):
        more = ["-M8MB"] if data is wide else []
        done = subprocess.run(["zstd", "-dc", *more], input=data, capture_output=True)
        assert done.returncode == 1 or data == b"", name
        assert fails("zstd", data)[0] == name


@pytest.mark.skipif(has_zstd(), reason="built with libzstd")
def test_zstd_is_unavailable_without_its_library():
    assert fails("zstd", b"") == ("ERR_UNAVAILABLE", b"")


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


def test_it_includes_only_public_headers():
    """So its ABI and the core's are separate."""
    folder = os.path.join(ROOT, "Sources", "SocketGZIP")
    own = set(os.listdir(folder))
    for name in own:
        if name.endswith((".c", ".h")):
            text = open(os.path.join(folder, name)).read()
            for header in re.findall(r'^#include "(.*)"', text, re.MULTILINE):
                assert header in own or header.startswith("streampeersocket/"), (name, header)
            angled = set(re.findall(r"^#include <(.*)>", text, re.MULTILINE))
            assert angled <= {"limits.h", "stdbool.h", "stddef.h", "stdint.h", "stdlib.h",
                              "string.h", "zlib.h", "zstd.h", "zstd_errors.h"}, name


def test_the_core_needs_no_zlib():
    """The library for gzip needs zlib, the core and libc, and the core needs libc only."""
    def needed(name):
        out = call(["readelf", "-d", os.path.join(BUILD, name)], b"").decode()
        return {line.split("[")[1].split("]")[0].split(".so")[0]
                for line in out.splitlines() if "NEEDED" in line}

    assert needed("libstreampeersocket.so") <= {"libc", "ld-linux-x86-64", "ld-linux-aarch64"}
    expected = {"libstreampeersocket", "libz", "libc"} | ({"libzstd"} if has_zstd() else set())
    assert needed("libstreampeersocket-gzip.so") == expected


USER = """
#include <stdio.h>
#include <streampeersocket/gzip.h>
int main(void) {
    sps_stream *stream = NULL;
    sps_gzip_create(NULL, &stream);
    puts(sps_error_name(sps_gzip_start_compression(stream, false, 1)));
    sps_stream_destroy(stream);
    return 0;
}
"""
PROJECT = """
cmake_minimum_required(VERSION 3.21)
project(user LANGUAGES C)
find_package(StreamPeerSocket REQUIRED COMPONENTS GZIP)
add_executable(shared user.c)
target_link_libraries(shared PRIVATE StreamPeerSocket::GZIP)
add_executable(static user.c)
target_link_libraries(static PRIVATE StreamPeerSocket::GZIPStatic)
"""


def install(folder, *options):
    call(["cmake", "--install", BUILD, "--prefix", folder, *options], b"")
    return folder


def test_users_find_the_installed_library(tmp_path):
    prefix = install(tmp_path / "prefix")
    (tmp_path / "user.c").write_text(USER)
    (tmp_path / "CMakeLists.txt").write_text(PROJECT)
    build = tmp_path / "build"
    call(["cmake", "-S", tmp_path, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}"], b"")
    call(["cmake", "--build", build], b"")
    assert call([build / "shared"], b"") == b"OK\n" == call([build / "static"], b"")
    configs = glob.glob(f"{prefix}/lib/**/pkgconfig", recursive=True)
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "streampeersocket-gzip"], check=True, text=True,
        capture_output=True, env={**os.environ, "PKG_CONFIG_PATH": configs[0]}).stdout.split()
    call(["cc", tmp_path / "user.c", "-o", tmp_path / "user", *flags], b"")
    found = subprocess.run([tmp_path / "user"], capture_output=True,
                           env={**os.environ, "LD_LIBRARY_PATH": os.path.dirname(configs[0])})
    assert found.stdout == b"OK\n"


def test_users_of_the_shared_library_need_no_zstd(tmp_path):
    prefix = install(tmp_path / "prefix")
    (tmp_path / "user.c").write_text(USER)
    (tmp_path / "CMakeLists.txt").write_text(PROJECT.split("add_executable(static")[0])
    build = tmp_path / "build"
    call(["cmake", "-S", tmp_path, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}",
          "-DCMAKE_DISABLE_FIND_PACKAGE_StreamPeerSocketZstd=ON"], b"")
    call(["cmake", "--build", build], b"")
    assert call([build / "shared"], b"") == b"OK\n"


def test_it_can_be_left_out(tmp_path):
    call(["cmake", "-S", ROOT, "-B", tmp_path, "-DSPS_GZIP=OFF", "-DSPS_BUILD_EXAMPLES=OFF"], b"")
    targets = call(["cmake", "--build", tmp_path, "--target", "help"], b"").decode()
    assert "streampeersocket_static" in targets and "gzip" not in targets


def test_zstd_can_be_left_out(tmp_path):
    out = call(["cmake", "-S", ROOT, "-B", tmp_path, "-DSPS_ZSTD=OFF", "-DSPS_TLS=OFF",
                "-DSPS_BUILD_EXAMPLES=OFF"], b"").decode()
    assert "has no zstd" in out
    call(["cmake", "--build", tmp_path, "--target", "streampeersocket_gzip"], b"")
    needed = call(["readelf", "-d", tmp_path / "libstreampeersocket-gzip.so"], b"").decode()
    assert "libz." in needed and "libzstd" not in needed
    assert "-lzstd" not in (tmp_path / "streampeersocket-gzip.pc").read_text()

"""The Swift module for Windows, as far as a machine without its SDK and its Swift can check it."""

import glob
import os
import re

from conftest import ROOT, run

SOURCES = sorted(glob.glob(os.path.join(ROOT, "Sources", "**", "*.swift"), recursive=True))
STAND_IN = os.path.join(ROOT, "Tests", "SystemTests", "winsdk")


def test_one_folder_imports_the_os():
    systems = r"^\s*(?:\w+ )?import (Glibc|Musl|Darwin|Android|WinSDK|ucrt|CRT)\b|\bos\(\w+\)"
    found = {os.path.relpath(os.path.dirname(path), ROOT) for path in SOURCES
             if re.search(systems, open(path).read(), flags=re.M)}
    assert found == {"Sources/StreamPeerSocket/System"}


def test_the_module_fits_the_stand_in_for_the_sdk(tmp_path):
    module = [path for path in SOURCES if "/Sources/StreamPeerSocket/" in path]
    status, _, err = run(
        "swiftc", "-typecheck", "-module-name", "StreamPeerSocket", "-package-name", "sps",
        "-swift-version", "6", "-strict-memory-safety", "-warnings-as-errors",
        "-Xcc", "-DSPS_STATIC", "-I", os.path.join(ROOT, "include"), "-I", STAND_IN,
        "-module-cache-path", str(tmp_path), *module)
    assert status == 0, err.decode()


def test_the_stand_in_agrees_with_the_headers_of_mingw():
    text = b"#define _WIN32_WINNT 0x0A00\n#include <windows.h>\n#include <WinSDK.h>\n"
    status, _, err = run("x86_64-w64-mingw32-gcc", "-fsyntax-only", "-Wall", "-Werror",
                         f"-I{STAND_IN}", "-x", "c", "-", data=text)
    assert status == 0, err.decode()

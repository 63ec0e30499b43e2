"""The README's programs are programs: each compiles as its reader would compile it."""

import os
import re

import pytest
from conftest import ROOT, TOOL, run

README = open(os.path.join(ROOT, "README.md")).read()
INCLUDE = os.path.join(ROOT, "include")


def snippet(language, beginning):
    """The first block in a language that begins so."""
    blocks = re.findall(rf"```{language}\n(.*?)```", README, flags=re.S)
    return next(block for block in blocks if block.startswith(beginning))


@pytest.mark.parametrize(
    "before, beginning, after",
    [
        ("", "import", "let game = Game()\ngame.start()\n"),
        ("import StreamPeerSocket\nlet peer = StreamPeerTCP()\n", "struct Move", "print(hp as Any)\n"),
        ("import StreamPeerSocket\n", "final class Player", "Lobby().run()\n"),
    ],
)
def test_swift(tmp_path, before, beginning, after):
    source = tmp_path / "main.swift"
    source.write_text(before + snippet("swift", beginning) + "\n" + after)
    modules = os.path.join(os.path.dirname(TOOL), "Modules")
    status, out, err = run(
        "swiftc", "-typecheck", "-swift-version", "6", "-warnings-as-errors", "-I", modules, "-Xcc",
        f"-fmodule-map-file={INCLUDE}/module.modulemap", source,
    )
    assert status == 0, (out, err)


def includes(*names):
    return "".join(f"#include <{name}>\n" for name in names)


C_HEADERS = includes("stdio.h", "stdlib.h", "streampeersocket/streampeersocket.h")
CPP_HEADER = includes("map", "memory", "optional", "string", "utility", "vector")


@pytest.mark.parametrize(
    "language, compiler, standard, header, beginning",
    [
        ("c", "cc", "c99", "", "#include"),
        ("c", "cc", "c99", C_HEADERS, "/* C"),
        ("cpp", "c++", "c++17", CPP_HEADER, "#include"),
        ("cpp", "c++", "c++17", CPP_HEADER + "#include <streampeersocket.hpp>\n", "class Lobby"),
        ("cpp", "c++", "c++17", CPP_HEADER + "#include <streampeersocket.hpp>\n", "// Any of"),
    ],
)
def test_c_and_cpp(tmp_path, language, compiler, standard, header, beginning):
    source = tmp_path / f"main.{language}"
    source.write_text(header + snippet(language, beginning))
    status, _, err = run(
        compiler, f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
        f"-I{INCLUDE}", source,
    )
    assert status == 0, err

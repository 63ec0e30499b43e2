"""The code in the README and in the guides. Each block compiles, and each program runs."""

import os
import re

import pytest
from conftest import ROOT, SWIFT, program, run
from releasing import reference

INCLUDE = os.path.join(ROOT, "include")
SIMULATION = os.path.join(ROOT, "Sources", "CSocketSimulation", "include")
PAGES = ("README.md", "docs/guide-c.md", "docs/guide-cpp.md", "docs/guide-swift.md",
         "docs/porting.md", "docs/upgrading.md")
# The programs that a guide quotes. CMake or SwiftPM builds each; test_examples.py runs it.
QUOTED = {
    "docs/guide-c.md": "Examples/lobby.c",
    "docs/guide-cpp.md": "Examples/lobby.cpp",
    "docs/guide-swift.md": "Examples/swift/Sources/lobby/main.swift",
}


def includes(*names):
    return "".join(f"#include <{name}>\n" for name in names)


# The text in front of a block that includes no header itself.
BEFORE = {
    "c": includes("stdio.h", "stdlib.h", "streampeersocket/streampeersocket.h"),
    "cpp": includes("optional", "string", "streampeersocket.hpp"),
    "swift": "import StreamPeerSocket\n",
}


def read(page):
    with open(os.path.join(ROOT, page)) as file:
        return file.read()


def blocks(page):
    """The code of a page. Of a difference, the code after the change."""
    found = re.findall(r"^```(diff )?(c|cpp|swift)\n(.*?)^```$", read(page), flags=re.S | re.M)
    return [(language, re.sub(r"^[+ ]|^-.*\n", "", code, flags=re.M) if difference else code)
            for difference, language, code in found]


def cases():
    for page in PAGES:
        for index, (language, code) in enumerate(blocks(page)):
            yield pytest.param(language, code, id=f"{page}-{index}")


def source_of(language, code):
    if code.startswith("dependencies:"):  # a line of a manifest
        code = f"import PackageDescription\nlet package = Package(name: \"game\", {code.strip()}\n)\n"
        return code
    named = re.search(r"^(#include|import) ", code, flags=re.M)
    return code if named else BEFORE[language] + code


def compiler_of(language, code):
    if language == "c":
        return ["cc", "-std=c99", "-Wall", "-Wextra", "-Werror", f"-I{INCLUDE}"]
    if language == "cpp":
        return ["c++", "-std=c++17", "-Wall", "-Wextra", "-Werror", f"-I{INCLUDE}"]
    if "import PackageDescription" in code:
        _, swift, _ = run("sh", "-c", "dirname $(dirname $(readlink -f $(command -v swiftc)))")
        manifests = os.path.join(swift.decode().strip(), "lib", "swift", "pm", "ManifestAPI")
        return ["swiftc", "-I", manifests, "-package-description-version", "6.2"]
    modules = os.path.join(SWIFT, "Modules")
    return ["swiftc", "-swift-version", "6", "-warnings-as-errors", "-I", modules, "-Xcc",
            f"-I{INCLUDE}", *reference.module_maps(ROOT)]


@pytest.mark.parametrize("language, code", cases())
def test_a_block_compiles(tmp_path, language, code):
    source = tmp_path / f"main.{language}"
    code = source_of(language, code)
    source.write_text(code)
    check = "-typecheck" if language == "swift" else "-fsyntax-only"
    status, out, err = run(*compiler_of(language, code), check, source)
    assert status == 0, (out, err)


@pytest.mark.parametrize("page", QUOTED)
def test_a_guide_quotes_its_example(page):
    """To the letter, except for the licence line and the empty comment after it."""
    example = read(QUOTED[page]).split("\n", 2)[2]
    assert example in [code for _, code in blocks(page)]


def is_first_client(code):
    return "int main(void)" in code and "42" in code


def test_the_first_client_runs(tmp_path, start):
    """With the guide's own server, and after it has ended."""
    [code] = [code for _, code in blocks("docs/guide-c.md") if is_first_client(code)]
    server = start(program("lobby_c"), 0)
    port = server.read_line().split()[-1]
    source, path = tmp_path / "main.c", tmp_path / "main"
    source.write_text(code.replace("7777", port))
    library = os.path.dirname(os.path.dirname(program("echo_client")))
    status, _, err = run(*compiler_of("c", code), source, "-o", path, f"-L{library}",
                         "-lstreampeersocket", f"-Wl,-rpath,{library}")
    assert status == 0, err
    assert run(path) == (0, b"43, OK, CLOSE_NONE\n", "")
    server.stop()
    status, out, err = run(path)
    assert status == 1 and b"CLOSE_REFUSED" in out, (out, err)


def test_every_program_is_run():
    """A block with a main is a quote of an example, or the first client."""
    for page in PAGES:
        for _, code in blocks(page):
            if re.search(r"^int main\(|^@main", code, flags=re.M) and not is_first_client(code):
                assert code in read(QUOTED[page])


def pages():
    _, listed, _ = run("git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "*.md")
    return listed.decode().split()


@pytest.mark.parametrize("page", pages())
def test_a_link_leads_to_a_file(page):
    folder = os.path.dirname(os.path.join(ROOT, page))
    links = re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", read(page))
    missing = [link for link in links if not os.path.exists(os.path.join(folder, link))]
    assert not missing

"""The references. doxygen builds C's and DocC builds Swift's, without a warning or a gap."""

import glob
import json
import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
from conftest import ROOT, SWIFT, run
from releasing import reference
from test_readme import INCLUDE, SIMULATION, blocks, compiler_of, read

HEADERS = [INCLUDE, SIMULATION]
# These macros mark declarations and do not belong to the API.
MARKS = {"SPS_API", "SPS_GZIP_API", "SPS_TLS_API", "SPS_DEPRECATED", "SPS_BEGIN_DECLARATIONS",
         "SPS_END_DECLARATIONS"}
ARTICLES = sorted(os.path.relpath(path, ROOT)
                  for path in glob.glob(os.path.join(ROOT, "Sources", "*", "*.docc", "*.md")))


def run_at_root(*command, given=None):
    done = subprocess.run(command, cwd=ROOT, input=given, capture_output=True, text=True,
                          timeout=240)
    return done.returncode, done.stdout + done.stderr


# ---- C

def has_text(element):
    found = (element.find(tag) for tag in ("briefdescription", "detaileddescription"))
    return any("".join(each.itertext()).strip() for each in found if each is not None)


def symbols_of(compound):
    """The name of each symbol of a file or struct, and whether it has a comment."""
    yield compound.findtext("compoundname"), has_text(compound)
    for member in compound.iter("memberdef"):
        values = member.findall("enumvalue")
        if not values and member.get("kind") != "enum":
            yield member.findtext("name"), has_text(member)
        for value in values:  # doxygen gives the comment of a one-value enum to the value
            yield value.findtext("name"), has_text(value) or (len(values) == 1 and has_text(member))


def declared():
    """The name of each function that the public headers declare."""
    names = set()
    for folder in HEADERS:
        for path in glob.glob(os.path.join(folder, "*", "*.h")):
            with open(path) as file:
                code = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
            names |= set(re.findall(r"^[\w ]+[ *](sps_\w+)\(", code, flags=re.M))
    return names


def test_the_c_reference(tmp_path):
    options = reference.doxyfile(ROOT, tmp_path, "GENERATE_XML = YES")
    assert run_at_root("doxygen", "-", given=options) == (0, "")
    assert (tmp_path / "html" / "index.html").exists()
    assert any((tmp_path / "man" / "man3").iterdir())
    compounds = [compound for path in (tmp_path / "xml").glob("*.xml")
                 for compound in ElementTree.parse(path).iter("compounddef")
                 if compound.get("kind") in ("file", "struct")]
    symbols = dict(symbol for compound in compounds for symbol in symbols_of(compound))
    functions = declared()
    assert len(functions) > 100 and not functions - set(symbols)
    assert {name for name, documented in symbols.items() if not documented} <= MARKS


# ---- Swift

@pytest.fixture(scope="module")
def graphs(tmp_path_factory):
    """The folder of a module's symbol graph, from the modules that the suite swift builds."""
    folders = {}
    for module in reference.MODULES:
        folders[module] = str(tmp_path_factory.mktemp(module))
        assert run_at_root(*reference.symbol_graph_command(
            ROOT, module, os.path.join(SWIFT, "Modules"), folders[module])) == (0, "")
    return folders


@pytest.mark.parametrize("module", reference.MODULES)
def test_each_swift_symbol_has_a_comment(graphs, module):
    """A symbol without a source location comes from the compiler, such as an enum's
    init(rawValue:)."""
    with open(os.path.join(graphs[module], f"{module}.symbols.json")) as file:
        symbols = [symbol for symbol in json.load(file)["symbols"] if "location" in symbol]
    assert symbols
    assert not [".".join(symbol["pathComponents"]) for symbol in symbols
                if not symbol.get("docComment", {}).get("lines")]


@pytest.mark.parametrize("module", reference.MODULES)
def test_docc_builds(graphs, module, tmp_path):
    status, out = run_at_root(*reference.docc_command(
        module, graphs[module], tmp_path / f"{module}.doccarchive"))
    assert status == 0 and not re.search("^(warning|error)", out, flags=re.M), out


def test_the_methods_of_custom_streams_are_documented():
    """The compiler lists no symbol that begins with an underscore, so an article documents
    these."""
    methods = re.findall(r"open func (_\w+)\(", read("Sources/StreamPeerSocket/StreamPeer.swift"))
    article = read("Sources/StreamPeerSocket/StreamPeerSocket.docc/CustomStreams.md")
    assert len(methods) == 5
    assert not [name for name in methods if f"| `{name}(" not in article]


def cases():
    for page in ARTICLES:
        for index, (language, code) in enumerate(blocks(page)):
            yield pytest.param(language, code, id=f"{os.path.basename(page)}-{index}")


@pytest.mark.parametrize("language, code", cases())
def test_a_block_of_an_article_compiles(tmp_path, language, code):
    source = tmp_path / "main.swift"
    source.write_text(code)
    status, out, err = run(*compiler_of(language, code), "-typecheck", source)
    assert status == 0, (out, err)


TESTING = "Sources/StreamPeerSocketTesting/StreamPeerSocketTesting.docc/" \
    "TestingWithTheSimulatedNetwork.md"
RUN = ("StreamPeerSocket", "StreamPeerSocketTesting", "CSocketCore", "CSocketSimulation")


@pytest.mark.parametrize("language, code", blocks(TESTING))
def test_the_simulated_network_runs(tmp_path, language, code):
    """Each block of the article is a whole program."""
    source, path = tmp_path / "main.swift", tmp_path / "main"
    source.write_text(code)
    objects = [name for target in RUN
               for name in glob.glob(os.path.join(SWIFT, f"{target}.build", "**", "*.o"),
                                      recursive=True)]
    status, out, err = run(*compiler_of(language, code), source, *objects, "-o", path)
    assert status == 0, (out, err)
    assert run(path) == (0, b"", "")

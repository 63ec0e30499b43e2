"""The add-on for Godot: its class reference, its files, and the libraries in them.

`godot_registrations` prints what the extension registers in the stand-in for Godot, and the pages
of the reference that it gives to the editor. Godot's own shape of a page is its doc/class.xsd.
"""

import configparser
import json
import os
import re
import struct
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from conftest import BUILD, ROOT, good
from releasing import godot

SOURCE = Path(ROOT, "Sources", "GodotExtension", "doc_classes")
ADDON = Path(ROOT, godot.FOLDER)
LIBRARY = Path(BUILD, "libstreampeersocket_godot.so")
PAGES = sorted(SOURCE.glob("*.xml"))
OF_TLS = {"SPSStreamPeerTLS", "SPSTLSOptions"}  # SPS_GODOT_TLS: never in the released add-on
WORDS = 25  # of a sentence: docs and comments have the same limit


def load_pages():
    return {path.stem: ElementTree.parse(path).getroot() for path in PAGES}


@pytest.fixture(scope="module")
def registered():
    printed = good(os.path.join(BUILD, "Tests/GodotExtensionTests/godot_registrations"))
    return json.loads(printed)


@pytest.fixture(scope="module")
def classes(registered):
    return {row["name"]: row for row in registered["classes"]}


# ---- The reference is complete

def attributes(element, *names):
    return {name: element.get(name, "") for name in names}


def types(row):
    return {"type": row["type"], "enum": row.get("enum", "")}


def test_each_class_has_a_page_and_the_editor_gets_it(registered, classes):
    assert {path.stem for path in PAGES} == set(classes) | OF_TLS
    for page in registered["pages"]:
        name = ElementTree.fromstring(page).get("name")
        assert page == (SOURCE / f"{name}.xml").read_text()
    assert len(registered["pages"]) == len(classes)
    for name, page in load_pages().items():
        if name not in classes:
            continue
        assert attributes(page, "name", "inherits") == {
            "name": name, "inherits": classes[name]["inherits"]}


def parameters(element):
    rows = [(int(each.get("index")), attributes(each, "name", "type", "enum", "default"))
            for each in element.findall("param")]
    assert [index for index, _ in rows] == list(range(len(rows)))
    return [row for _, row in rows]


def of_parameters(rows):
    return [{"name": row["name"], **types(row), "default": row.get("default", "")} for row in rows]


@pytest.mark.parametrize("name", [path.stem for path in PAGES])
def test_a_page_has_what_its_class_registers(classes, name):
    """Each method, property, signal and constant, with its types. The two methods of a property
    stand in the row of the property, as in Godot's own pages."""
    if name in OF_TLS - set(classes):
        pytest.skip("built without SPS_GODOT_TLS")
    page, row = load_pages()[name], classes[name]
    accessors = {member[kind] for member in row["members"] for kind in ("setter", "getter")}
    assert {each.get("name"): (attributes(each, "qualifiers"), parameters(each),
                               attributes(each.find("return"), "type", "enum"))
            for each in page.findall("methods/method")} == {
        each["name"]: ({"qualifiers": each["qualifiers"]}, of_parameters(each["params"]),
                       types(each["return"]))
        for each in row["methods"] if each["name"] not in accessors}
    assert {each.get("name"): attributes(each, "type", "enum", "setter", "getter")
            for each in page.findall("members/member")} == {
        each["name"]: {**types(each), "setter": each["setter"], "getter": each["getter"]}
        for each in row["members"]}
    assert {each.get("name"): parameters(each) for each in page.findall("signals/signal")} == {
        each["name"]: of_parameters(each["params"]) for each in row["signals"]}
    assert [(each.get("name"), int(each.get("value")), each.get("enum", ""))
            for each in page.findall("constants/constant")] == [
        (each["name"], each["value"], each["enum"]) for each in row["constants"]]


# ---- The shape of a page: element: (attributes that it needs, optional ones, children)

SHAPE = {
    "class": ({"name", "inherits"}, set(), ["brief_description", "description", "tutorials",
                                            "methods", "members", "signals", "constants"]),
    "tutorials": (set(), set(), ["link"]), "link": (set(), {"title"}, []),
    "brief_description": (set(), set(), []), "description": (set(), set(), []),
    "methods": (set(), set(), ["method"]),
    "method": ({"name"}, {"qualifiers"}, ["return", "param", "description"]),
    "return": ({"type"}, {"enum"}, []),
    "param": ({"index", "name", "type"}, {"enum", "default"}, []),
    "members": (set(), set(), ["member"]),
    "member": ({"name", "type", "setter", "getter", "default"}, {"enum"}, []),
    "signals": (set(), set(), ["signal"]), "signal": ({"name"}, set(), ["param", "description"]),
    "constants": (set(), set(), ["constant"]), "constant": ({"name", "value"}, {"enum"}, []),
}
WITH_TEXT = {"brief_description", "description", "member", "constant", "link"}


def check_shape(element):
    needed, optional, children = SHAPE[element.tag]
    assert needed <= set(element.keys()) <= needed | optional, element.tag
    places = [children.index(child.tag) for child in element]
    assert places == sorted(places), f"the order of the children of {element.tag}"
    assert bool((element.text or "").strip()) == (element.tag in WITH_TEXT), (
        f"{element.tag} {element.get('name')}: its text")
    for child in element:
        check_shape(child)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_has_the_shape_of_godots(path):
    text = path.read_bytes()
    assert text.isascii() and text.endswith(b"</class>\n") and b"\r" not in text
    assert not re.search(rb"[ \t]+$", text, flags=re.M)
    root = ElementTree.fromstring(text)
    check_shape(root)
    for group in ("methods", "members", "signals"):
        names = [each.get("name") for each in root.findall(f"{group}/*")]
        assert names == sorted(names) and len(set(names)) == len(names)


# ---- Tags in texts

PAIRS = {"b", "i", "code", "codeblock"}
# Names of Godot that the pages point to, and that Godot 4.4 has.
OF_GODOT = {
    "class": {"HTTPClient", "IP", "MultiplayerPeer", "Node", "PackedByteArray", "PacketPeerStream",
              "StreamPeer", "StreamPeerExtension", "StreamPeerTCP", "StreamPeerTLS", "TCPServer",
              "TLSOptions"},
    "member": {"Node.process_mode"}, "enum": set(),
    "signal": {"MultiplayerAPI.connection_failed", "MultiplayerAPI.server_disconnected"},
    "method": {"FileAccess.get_file_as_string", "Node.queue_free", "StreamPeer.get_data",
               "StreamPeer.get_partial_data", "StreamPeer.get_var", "StreamPeer.put_var"},
    "constant": {"OK", "FAILED", *(f"ERR_{name}" for name in (
        "ALREADY_IN_USE", "BUSY", "CANT_ACQUIRE_RESOURCE", "CANT_CREATE", "CANT_RESOLVE",
        "CONNECTION_ERROR", "DOES_NOT_EXIST", "FILE_CANT_OPEN", "FILE_CANT_READ",
        "FILE_EOF", "FILE_NOT_FOUND", "INVALID_DATA", "INVALID_PARAMETER",
        "OUT_OF_MEMORY", "PARAMETER_RANGE_ERROR", "QUERY_FAILED", "TIMEOUT", "UNAUTHORIZED",
        "UNAVAILABLE", "UNCONFIGURED"))},
}


def names_of(page):
    """What a tag in a page may name, by the kind of the tag."""
    constants = page.findall("constants/constant")
    return {"enum": {each.get("enum") for each in constants if each.get("enum")},
            "constant": {each.get("name") for each in constants},
            **{kind: {each.get("name") for each in page.findall(f"{kind}s/{kind}")}
               for kind in ("method", "member", "signal")}}


def check_tag(tag, page, pages, params):
    kind, _, target = tag.partition(" ")
    if not target:
        assert tag in pages or tag in OF_GODOT["class"], f"[{tag}]: no such class"
    elif kind == "param":
        assert target in params, f"[{tag}]: no such parameter"
    else:
        owner, dot, name = target.rpartition(".")
        own = names_of(pages[owner] if dot and owner in pages else page)[kind]
        assert target in OF_GODOT[kind] or name in own, f"[{tag}]: no such name"
        assert owner != page.get("name"), f"[{tag}]: its own class needs no name"


def check_text(text, page, pages, params):
    opened = []
    for tag in re.findall(r"\[([^\[\]]*)\]", re.sub(r"(?s)(\[codeblock\]).*?(\[/codeblock\])",
                                                    r"\1\2", text)):
        if tag.startswith("/"):
            assert opened and opened.pop() == tag[1:], f"[{tag}] closes nothing"
        elif tag in PAIRS:
            opened.append(tag)
        else:
            assert not opened or opened == ["b"], f"[{tag}] stands in code"
            check_tag(tag, page, pages, params)
    assert not opened, f"[{opened}] stays open"


def check_sentences(text):
    text = re.sub(r"(?s)\[codeblock\].*?\[/codeblock\]", "", text)
    text = re.sub(r"\[/?(?:b|i|code)\]", "", text)
    text = re.sub(r"\[(?:\w+ )?([^\]]+)\]", r"\1", text)
    for sentence in re.split(r"(?<=[.?!:])\s+", text.strip()):
        assert len(sentence.split()) <= WORDS, sentence
        assert not sentence or sentence[-1] in ".:", f"no full stop: {sentence}"


@pytest.mark.parametrize("name", [path.stem for path in PAGES])
def test_the_texts_are_well_formed(name):
    """Each tag is closed, and names what exists. Sentences have the limit of other docs."""
    pages = load_pages()
    for parent in pages[name].iter():
        params = {each.get("name") for each in parent.findall("param")}
        for element in parent:
            if element.tag in WITH_TEXT:
                check_text(element.text, pages[name], pages, params)
                check_sentences(element.text)


@pytest.mark.parametrize("text", [
    "[b]open", "[/b]", "[b][code]x[/b][/code]", "[method nothing]", "[SPSNothing]", "[param it]",
    "[code][method poll][/code]", "[method SPSStreamPeerSocket.poll]", "[member poll]"])
def test_a_wrong_tag_is_noticed(text):
    pages = load_pages()
    with pytest.raises(AssertionError):
        check_text(text, pages["SPSStreamPeerSocket"], pages, {"timeout_ms"})


# ---- The folder

def read_extension(path):
    parser = configparser.ConfigParser(comment_prefixes=";")
    parser.optionxform = str
    parser.read(path)
    return {name: {key: json.loads(value) for key, value in parser[name].items()}
            for name in parser.sections()}


def test_the_extension_file_names_each_library_and_an_icon_for_each_class(classes):
    said = read_extension(ADDON / godot.EXTENSION)
    assert said["configuration"] == {"entry_symbol": "sps_godot_initialize",
                                     "compatibility_minimum": "4.4"}
    assert set(said["libraries"].values()) == {f"bin/{row.file}" for row in godot.TABLE.values()}
    assert set(said["icons"]) == set(classes) - OF_TLS
    icons = {path.relative_to(ADDON).as_posix() for path in ADDON.glob("icons/*.svg")}
    assert set(said["icons"].values()) == icons


@pytest.mark.parametrize("path", sorted(ADDON.glob("icons/*.svg")), ids=lambda path: path.stem)
def test_an_icon_has_the_size_of_godots(path):
    root = ElementTree.parse(path).getroot()
    assert root.tag.endswith("svg") and (root.get("width"), root.get("height")) == ("16", "16")
    assert set(re.findall(r"#\w+", path.read_text())) == {"#e0e0e0"}


def test_the_folder_has_what_was_built(tmp_path):
    file = "streampeersocket.linux.x86_64.so"
    place = godot.assemble(Path(ROOT), tmp_path / "addon", [(file, LIBRARY)])
    names = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    icons = {f"icons/{path.name}" for path in ADDON.glob("icons/*.svg")}
    assert names == {"LICENSE", "README.md", godot.EXTENSION, f"bin/{file}", *icons}
    said = read_extension(place / godot.EXTENSION)
    assert said["libraries"] == {"linux.x86_64": f"bin/{file}"}


def test_the_library_exports_its_entry_alone(classes):
    listed = good("nm", "-D", "--defined-only", LIBRARY)
    assert [line.split()[-1] for line in listed.splitlines()] == ["sps_godot_initialize"]
    needed = re.findall(r"NEEDED.*\[(.*?)\.so", good("readelf", "-d", LIBRARY))
    assert set(needed) == {"libc"} | ({"libssl", "libcrypto"} if OF_TLS & set(classes) else set())


def test_libraries_for_macos_become_one_file(tmp_path):
    slices = [struct.pack("<3I", 0xFEEDFACF, processor, 0) + bytes(size)
              for processor, size in ((0x0100000C, 40000), (0x01000007, 5))]
    paths = [tmp_path / str(index) for index in range(2)]
    for path, content in zip(paths, slices):
        path.write_bytes(content)
    joined = godot.join_universal(paths)
    assert struct.unpack(">2I", joined[:8]) == (0xCAFEBABE, 2)
    for index, content in enumerate(slices):
        processor, _, place, size, power = struct.unpack_from(">5I", joined, 8 + 20 * index)
        assert processor == struct.unpack_from("<I", content, 4)[0]
        assert joined[place:place + size] == content and place % (1 << power) == 0
    paths[0].write_bytes(b"no library of macOS")
    with pytest.raises(RuntimeError):
        godot.join_universal(paths)

"""A release: scripts/version and scripts/release make the next version from a copy of this tree."""

import filecmp
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, VERSION, copy_checkout, git, make_repository, run
from releasing import archives, changelog, godot, places, sbom, targets

MAJOR, MINOR, _ = VERSION.split(".")
NEXT = f"{MAJOR}.{int(MINOR) + 1}.0"
SHORT = NEXT.rpartition(".")[0]
NAME = f"streampeersocket-{NEXT}"
BINARY = f"{NAME}-{archives.platform_name()}"
DATE, EPOCH = "2027-01-15", "1800000000"
SECONDS = 280
# The target that these tests build: static, and it runs here. The others differ in their preset.
TARGET = "linux-musl"
FOREIGN = f"{NAME}-{TARGET}"
ZIG = targets.find_zig(Path(ROOT))
NO_ZIG = "ziglang is missing (scripts/setup hosts)"
RELEASE = ("--without-docs", "--targets", TARGET if ZIG else "none", "--godot", "native", NEXT)
ADDON = f"streampeersocket-godot-{NEXT}.zip"
# Files with versions of the past, and with examples of versions.
HISTORY = re.compile(r"CHANGELOG\.md|docs/(abi|upgrading|releasing)\.md|debian/.*\.symbols|"
                     r"scripts/(release|version|releasing/\w+\.py)|"
                     r"Tests/SystemTests/test_release\.py")


def script(folder, name, *arguments, **environment):
    """Runs a script of a copy of this tree. Returns its exit status and what it said."""
    done = subprocess.run([folder / "scripts" / name, *arguments], capture_output=True, text=True,
                          timeout=SECONDS, env={**os.environ, **environment})
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A copy of this tree as the next version: the steps of docs/releasing.md."""
    folder = copy_checkout(tmp_path_factory.mktemp("repository") / "StreamPeerSocket")
    path = folder / places.CHANGELOG
    if changelog.sections(path.read_text())[0][1] != "unreleased":
        text = path.read_text()
        at = changelog.HEADING.search(text).start()
        path.write_text(f"{text[:at]}## {NEXT} (unreleased)\n\n- A change.\n\n{text[at:]}")
    assert script(folder, "version", NEXT, SOURCE_DATE_EPOCH=EPOCH)[0] == 0
    make_repository(folder, NEXT)
    return folder


def clone(repository, folder):
    git("clone", "--quiet", "--no-hardlinks", repository, folder, folder=repository)
    return folder


@pytest.fixture(scope="module")
def released(repository):
    """The folder with the files of the release."""
    status, said = script(repository, "release", *RELEASE)
    assert status == 0, said
    folder = repository / "build" / f"release-{NEXT}"
    assert sorted(re.findall(r"^build/\S+$", said, flags=re.M)) == [
        str(path.relative_to(repository)) for path in sorted(folder.iterdir())]
    return folder


@pytest.fixture(scope="module")
def sources(released, tmp_path_factory):
    """The unpacked sources."""
    folder = tmp_path_factory.mktemp("sources")
    subprocess.run(["tar", "-xf", released / f"{NAME}.tar.gz", "-C", folder], check=True)
    assert os.listdir(folder) == [NAME]
    return folder / NAME


# ---- The version

def test_the_version_stands_in_its_places():
    """And nowhere else: a new place is a row of scripts/releasing/places.py."""
    found = {}
    for each in places.find_mentions(ROOT):
        assert each.agrees_with(VERSION), each
        found[each.path] = found.get(each.path, 0) + (each.text == VERSION)
    # An example in a comment stays as it is.
    literal = re.compile(rf'(?<!such as ")(?<!such as \\")(?<![\d.]){re.escape(VERSION)}'
                         r'(?!\w|\.\d)')
    for path in git("grep", "--untracked", "-Il", "-F", VERSION, folder=ROOT).splitlines():
        if not HISTORY.fullmatch(path):
            count = len(literal.findall(Path(ROOT, path).read_text()))
            assert count == found.get(path, 0), f"{path} repeats the version"


def test_the_version_is_printed_and_checked(tmp_path):
    folder = copy_checkout(tmp_path / "copy")
    assert script(folder, "version") == (0, f"{VERSION}\n")
    assert script(folder, "version", "--check") == (0, "")
    path = folder / "README.md"
    path.write_text(path.read_text().replace(f'from: "{VERSION}"', 'from: "9.9.9"'))
    status, said = script(folder, "version", "--check")
    assert status == 1 and "README.md" in said and "9.9.9" in said


@pytest.mark.parametrize("wrong", ["1.2", "v1.2.3", "01.2.3", "--help"])
def test_a_wrong_version_changes_nothing(tmp_path, wrong):
    folder = copy_checkout(tmp_path / "copy")
    status, said = script(folder, "version", wrong)
    assert status == 1 and said
    assert filecmp.cmp(folder / places.HEADER, Path(ROOT, places.HEADER), shallow=False)


def test_the_version_is_set_everywhere(repository):
    assert places.read_version(repository) == NEXT
    assert all(each.agrees_with(NEXT) for each in places.find_mentions(repository))
    version, date, body = changelog.sections((repository / places.CHANGELOG).read_text())[0]
    assert (version, date) == (NEXT, DATE) and body.strip()
    # A second time there is no unreleased section.
    status, said = script(repository, "version", "9.0.0")
    assert status == 1 and "unreleased" in said
    assert git("status", "--porcelain", folder=repository) == ""


# ---- Refusals

def commit(folder, path, text):
    (folder / path).write_text(text)
    git("commit", "--quiet", "--all", "--allow-empty", "--message", "change", folder=folder)
    git("tag", "--force", NEXT, folder=folder)


def edit(path, old, new):
    """A change of a file that is committed and tagged."""
    def change(folder):
        text = (folder / path).read_text()
        assert re.search(old, text, flags=re.M)
        commit(folder, path, re.sub(old, new, text, count=1, flags=re.M))
    return change


def change_without_guide(folder):
    edit(places.CHANGELOG, rf"^## {NEXT} .*$", r"\g<0>\n\n### Changed\n")(folder)
    guide = (folder / "docs" / "upgrading.md").read_text()
    commit(folder, "docs/upgrading.md", guide.replace(f"## To {SHORT}", "## To 9.9"))


REFUSED = {
    "a change": (lambda folder: (folder / "README.md").write_text("x"), "not committed: README.md"),
    "a new file": (lambda folder: (folder / "new.c").write_text(""), "not committed: new.c"),
    "no tag": (lambda folder: git("tag", "--delete", NEXT, folder=folder), f"no tag {NEXT}"),
    "a later commit": (
        lambda folder: git("commit", "--quiet", "--allow-empty", "-m", "x", folder=folder),
        f"the tag {NEXT} is"),
    "version.h": (edit(places.HEADER, r"_MINOR \d+$", "_MINOR 99"), "version.h says"),
    "README.md without": (edit("README.md", "^State: version [0-9.]*[0-9]", "State: none"),
                          "README.md has no version"),
    "README.md": (edit("README.md", "^State: version [0-9.]*[0-9]", "State: version 9.9"),
                  "README.md:14 says 9.9"),
    "no date": (edit(places.CHANGELOG, re.escape(f"({DATE})"), "(unreleased)"), "place of a date"),
    "no guide": (change_without_guide, "docs/upgrading.md: "),
    "no section": (edit(places.CHANGELOG, rf"^## {NEXT} ", "## 9.9.9 "), "first section"),
    "no git": (lambda folder: shutil.rmtree(folder / ".git"), "not a git repository"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("check", [(), ("--check",)])
def test_a_wrong_state_is_refused(repository, tmp_path, name, check):
    folder = clone(repository, tmp_path / "copy")
    change, expected = REFUSED[name]
    change(folder)
    before = {path: path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}
    status, said = script(folder, "release", *check, NEXT)
    lines = said.splitlines()
    assert status == 1 and any(expected in line for line in lines), said
    assert all(line.startswith("scripts/release: ") for line in lines), said
    assert not (folder / "build").exists()
    assert all(path.read_bytes() == content for path, content in before.items())


def test_a_name_that_is_no_version_is_refused(repository):
    status, said = script(repository, "release", "--check", "v1.0")
    assert (status, said) == (1, "scripts/release: v1.0 is not a version such as 0.2.0\n")


def test_a_build_that_fails_leaves_nothing(repository, tmp_path):
    folder = clone(repository, tmp_path / "copy")
    commit(folder, "CMakeLists.txt", "message(FATAL_ERROR \"broken\")\n")
    status, said = script(folder, "release", "--without-docs", NEXT)
    assert status == 1 and "broken" in said and os.listdir(folder / "build") == []


def test_a_check_of_the_right_state_makes_nothing(repository, tmp_path):
    folder = clone(repository, tmp_path / "copy")
    assert script(folder, "release", "--check", NEXT) == (0, f"{NEXT} can be released\n")
    assert not (folder / "build").exists()


# ---- The archives

def test_the_source_archive_is_the_tree(repository, released, sources):
    names = git("ls-files", folder=repository).splitlines()
    found = [str(path.relative_to(sources)) for path in sources.rglob("*") if not path.is_dir()]
    assert sorted(found) == sorted(names)
    for name in names:
        assert filecmp.cmp(repository / name, sources / name, shallow=False), name
        assert os.access(repository / name, os.X_OK) == os.access(sources / name, os.X_OK), name
    packed = (released / f"{NAME}.tar.xz").read_bytes()
    tar = subprocess.run(["xz", "-dc"], input=packed, capture_output=True, check=True).stdout
    assert tar == subprocess.run(["gzip", "-dc", released / f"{NAME}.tar.gz"],
                                 capture_output=True, check=True).stdout
    commit = subprocess.run(["git", "get-tar-commit-id"], input=tar, capture_output=True).stdout
    assert commit.decode().strip() == git("rev-parse", "HEAD", folder=repository).strip()


@pytest.mark.parametrize("kind", ["sha256", "sha512"])
def test_the_checksums_are_right(released, kind):
    status, out, err = run(f"{kind}sum", "--check", "--strict", f"{kind.upper()}SUMS", cwd=released)
    assert status == 0, err
    checked = {line.split(":")[0] for line in out.decode().splitlines()}
    assert checked == {name for name in os.listdir(released) if not name.endswith("SUMS")}


def test_the_same_commit_gives_the_same_bytes(repository, released, tmp_path):
    """Also in another folder, and at another time."""
    folder = clone(repository, tmp_path / "a" / "longer" / "way")
    status, said = script(folder, "release", *RELEASE)
    assert status == 0, said
    again = folder / "build" / f"release-{NEXT}"
    assert sorted(os.listdir(again)) == sorted(os.listdir(released))
    assert [name for name in os.listdir(released)
            if not filecmp.cmp(released / name, again / name, shallow=False)] == []


def test_the_notes_are_the_section_of_the_changelog(repository, released):
    text = (repository / places.CHANGELOG).read_text()
    notes = (released / f"{NAME}-notes.md").read_text()
    assert f"## {NEXT} ({DATE})\n\n{notes}" in text
    assert notes.count("\n## ") == 0 and len(notes) > 10


# ---- The libraries of this platform

USER = """#include <stdio.h>
#include <streampeersocket/streampeersocket.h>
int main(void) { puts(sps_version_string()); return 0; }
"""
LISTS = f"""cmake_minimum_required(VERSION 3.21)
project(user LANGUAGES C)
find_package(StreamPeerSocket {NEXT} EXACT REQUIRED COMPONENTS TLS GZIP)
add_executable(user user.c)
target_link_libraries(user PRIVATE StreamPeerSocket::StreamPeerSocket StreamPeerSocket::TLS)
"""


@pytest.fixture(scope="module")
def installed(released, tmp_path_factory):
    folder = tmp_path_factory.mktemp("elsewhere")
    subprocess.run(["tar", "-xf", released / f"{BINARY}.tar.gz", "-C", folder], check=True)
    assert os.listdir(folder) == [BINARY]
    return folder / BINARY


def test_the_installed_tree_works_wherever_it_is_unpacked(installed, tmp_path):
    (tmp_path / "user.c").write_text(USER)
    (tmp_path / "CMakeLists.txt").write_text(LISTS)
    for command in (["cmake", "-S", tmp_path, "-B", tmp_path / "build", "-G", "Ninja",
                     f"-DCMAKE_PREFIX_PATH={installed}"],
                    ["cmake", "--build", tmp_path / "build"],
                    [tmp_path / "build" / "user"]):
        status, out, err = run(*command)
        assert status == 0, (command, out, err)
    assert out == f"{NEXT}\n".encode()


def test_the_installed_tree_names_no_folder_of_the_build(installed):
    folders = (tempfile.gettempdir().encode() + b"/", ROOT.encode())
    assert [path for path in installed.rglob("*") if path.is_file() and path.suffix != ".md"
            and any(folder in path.read_bytes() for folder in folders)] == []


def test_the_licence_comes_with_the_libraries(installed):
    licence = installed / "share" / "doc" / "streampeersocket" / "LICENSE"
    assert filecmp.cmp(licence, Path(ROOT, "LICENSE"), shallow=False)


# ---- The libraries for other systems

# docs/platforms.md has these targets.
TARGETS = {"windows-mingw", "macos-arm64", "macos-x86_64", "ios-arm64", "freebsd-x86_64",
           "openbsd-x86_64", "netbsd-x86_64", "linux-musl", "linux-musl-x86", "linux-aarch64",
           "linux-armhf", "linux-riscv64", "linux-s390x"}


def test_each_preset_for_another_system_is_a_target():
    found = targets.presets(Path(ROOT))
    assert sorted(TARGETS) == sorted(found)
    assert targets.choose(Path(ROOT), "all") == found
    assert targets.choose(Path(ROOT), "none") == []
    assert targets.choose(Path(ROOT), "ios-arm64,linux-musl") == ["ios-arm64", "linux-musl"]


def test_a_target_without_a_preset_is_refused(repository, tmp_path):
    folder = clone(repository, tmp_path / "copy")
    status, said = script(folder, "release", "--targets", f"{TARGET},linux-vax", NEXT)
    assert status == 1 and said.startswith("scripts/release: linux-vax is no target")
    assert TARGET in said and not (folder / "build").exists()


@pytest.fixture(scope="module")
def foreign(released, tmp_path_factory):
    if not ZIG:
        pytest.skip(NO_ZIG)
    folder = tmp_path_factory.mktemp("foreign")
    subprocess.run(["tar", "-xf", released / f"{FOREIGN}.tar.gz", "-C", folder], check=True)
    assert os.listdir(folder) == [FOREIGN]
    return folder / FOREIGN


def test_an_archive_of_a_target_is_complete(installed, foreign):
    """It has the same headers and files of CMake and pkg-config, except for TLS and gzip."""
    for folder, left_out in (("include", r"(tls|certificates|gzip)\.hp?p?$"),
                             ("lib/pkgconfig", "-(tls|gzip)"),
                             ("lib/cmake/StreamPeerSocket", "TLS|GZIP|Zstd"),
                             ("share", "share/doc/.*/docs/"), ("lib", r"(tls|gzip)|\.so|/")):
        of_both = [{str(path.relative_to(tree / folder)) for path in (tree / folder).rglob("*")
                    if path.is_file() and not re.search(left_out, str(path.relative_to(
                        tree / folder)))} for tree in (installed, foreign)]
        assert of_both[0] == of_both[1] and of_both[0], folder
    test_the_licence_comes_with_the_libraries(foreign)
    test_the_installed_tree_names_no_folder_of_the_build(foreign)


def test_a_program_links_with_the_archive_of_a_target(foreign, tmp_path):
    (tmp_path / "user.c").write_text(USER)
    status, out, err = run("pkg-config", "--static", "--cflags", "--libs", "streampeersocket",
                           env={**os.environ, "PKG_CONFIG_LIBDIR": foreign / "lib" / "pkgconfig"})
    assert status == 0, err
    status, out, err = run(ZIG / "ziglang" / "zig", "cc", "-target", "x86_64-linux-musl", "-static",
                           "-o", tmp_path / "user", tmp_path / "user.c", *out.decode().split())
    assert status == 0, err
    assert run(tmp_path / "user")[:2] == (0, f"{NEXT}\n".encode())


# ---- The add-on for Godot

def test_the_addon_is_a_folder_for_a_project(released, tmp_path):
    """It has the library of each chosen system, and no name of a folder of the build."""
    with zipfile.ZipFile(released / ADDON) as archive:
        archive.extractall(tmp_path)
    library = f"bin/{godot.native_target().file}"
    addon = tmp_path / godot.FOLDER
    found = {path.relative_to(addon).as_posix() for path in addon.rglob("*") if path.is_file()}
    assert found >= {"LICENSE", "README.md", godot.EXTENSION, library}
    assert {path for path in found if path.startswith("bin/")} == {library}
    assert [path.name for path in tmp_path.iterdir()] == ["addons"]
    test_the_installed_tree_names_no_folder_of_the_build(addon)


def test_a_system_that_the_addon_does_not_know_is_refused(repository, tmp_path):
    folder = clone(repository, tmp_path / "copy")
    status, said = script(folder, "release", "--godot", "amiga", "--targets", "none", NEXT)
    assert status == 1 and said.startswith("scripts/release: amiga is no system of the add-on")


# ---- The bill of materials

@pytest.fixture(scope="module")
def bill(released):
    return json.loads((released / f"{NAME}.spdx.json").read_text())


def test_the_bill_is_valid_spdx(released):
    pytest.importorskip("spdx_tools", reason="spdx-tools is missing (scripts/setup install)")
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
    document = parse_file(str(released / f"{NAME}.spdx.json"))
    assert [each.validation_message for each in validate_full_spdx_document(document)] == []


def test_the_bill_has_every_file_with_its_hash(bill, sources):
    files = {each["fileName"]: each["checksums"] for each in bill["files"]}
    assert set(files) == {f"./{path.relative_to(sources)}"
                          for path in sources.rglob("*") if path.is_file()}
    for name, sums in files.items():
        assert sums == sbom.checksums((sources / name).read_bytes(), "sha1", "sha256")


def test_the_bill_has_every_archive_with_its_hash(bill, released):
    packed = {each["packageFileName"]: each["checksums"] for each in bill["packages"]
              if "packageFileName" in each}
    assert set(packed) == {name for name in os.listdir(released)
                           if ".tar." in name or name.endswith(".zip")}
    for name, sums in packed.items():
        assert sums == sbom.checksums((released / name).read_bytes(), "sha256", "sha512")


# Each library that a shared library may need, and its package in the bill. libc is the system's.
SONAMES = {"libssl": "OpenSSL", "libcrypto": "OpenSSL", "libz": "zlib", "libzstd": "Zstandard",
           "libstreampeersocket": "libstreampeersocket"}


def test_the_bill_names_what_each_library_needs(bill, installed):
    names = {each["SPDXID"]: each["name"] for each in bill["packages"]}
    needs = {(names[each["spdxElementId"]], names[each["relatedSpdxElement"]])
             for each in bill["relationships"] if each["relationshipType"] == "DYNAMIC_LINK"}
    needs |= {(names[each["relatedSpdxElement"]], names[each["spdxElementId"]])
              for each in bill["relationships"]
              if each["relationshipType"] == "OPTIONAL_DEPENDENCY_OF"}
    found = set()
    for path in (installed / "lib").glob("*.so"):
        _, out, _ = run("readelf", "-d", path)
        for name in re.findall(r"NEEDED.*\[([\w-]+)\.so", out.decode()):
            if name != "libc":
                found.add((path.stem, SONAMES[name]))
    assert found == {need for need in needs if need[0].startswith("lib")}


# The names that CMake has for packages.
CMAKE = {"StreamPeerSocketZstd": "zstandard"}


def test_the_bill_names_every_package_that_a_manifest_needs(bill):
    """CMake's find_package, and the dependencies of Package.swift and of the tool."""
    names = {each["name"].lower() for each in bill["packages"]}
    found = set()
    for path in ("Package.swift", "Tools/Package.swift"):
        found |= set(re.findall(r'\.package\(url: "\S+/([\w-]+)"', Path(ROOT, path).read_text()))
    for path in Path(ROOT, "Sources").glob("*/CMakeLists.txt"):
        found |= {CMAKE.get(name, name.lower())
                  for name in re.findall(r"find_package\((\w+)", path.read_text())}
    assert found <= names and len(found) >= 6


# ---- Signatures

def test_a_key_signs_the_checksums(released, tmp_path, monkeypatch):
    if shutil.which("gpg") is None:
        pytest.skip("gpg is missing")
    # The agent's socket needs a short path.
    with tempfile.TemporaryDirectory(prefix="sps-") as home:
        environment = {**os.environ, "GNUPGHOME": home}
        gpg = ["gpg", "--batch", "--quiet"]
        try:
            status, _, err = run(*gpg, "--passphrase", "", "--quick-generate-key", "a@localhost",
                                 "ed25519", "sign", "never", env=environment)
            assert status == 0, err
            folder = shutil.copytree(released, tmp_path / "signed")
            monkeypatch.setenv("GNUPGHOME", home)
            archives.sign(folder, "a@localhost")
            for name in ("SHA256SUMS", "SHA512SUMS"):
                status, _, err = run(*gpg, "--verify", folder / f"{name}.asc", folder / name,
                                     env=environment)
                assert status == 0, err
        finally:
            run("gpgconf", "--kill", "all", env=environment)


def test_the_archives_have_one_time_and_no_owner(repository, released):
    epoch = int(git("log", "-1", "--format=%ct", folder=repository))
    for name in (f"{NAME}.tar.gz", f"{BINARY}.tar.gz"):
        assert (released / name).read_bytes()[4:8] == bytes(4)  # the time of gzip's header
        with tarfile.open(released / name) as archive:
            members = archive.getmembers()
        assert {member.mtime for member in members} == {epoch}, name
        assert {member.uid for member in members} == {0} and members

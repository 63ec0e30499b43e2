"""The Swift package as users get it: a tagged version, which brings no other package."""

import json
import os
import subprocess

import pytest
from conftest import VERSION, copy_checkout, make_repository

SECONDS = 240  # for a build
MANIFEST = """// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "game",
  platforms: [.macOS(.v13)],
  dependencies: [.package(url: "REPOSITORY", from: "VERSION")],
  targets: [
    .target(
      name: "CGame", dependencies: [.product(name: "CSocketCore", package: "StreamPeerSocket")]),
    .executableTarget(name: "game", dependencies: ["CGame", PRODUCTS]),
  ]
)
"""
C_HEADER = "int make_stream(void);\n"
C_SOURCE = """#include "game.h"
#include <streampeersocket/streampeersocket.h>
int make_stream(void) {
    sps_stream *stream = NULL;
    const sps_error error = sps_tcp_create(NULL, &stream);
    sps_stream_destroy(stream);
    return error;
}
"""
SWIFT_SOURCE = """import CGame
import CSocketCore
import Foundation
import StreamPeerSocket
import StreamPeerSocketFoundation
import StreamPeerSocketTesting

let server = TCPServer()
guard server.listen(0, "127.0.0.1") == .ok else { fatalError("\\(server.lastError)") }
let error: any LocalizedError = GodotError.ok
print(make_stream(), server.isListening(), Simulation(seed: 1).random() != 0)
print(String(cString: sps_version_string()), error.errorDescription!)
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A repository with the files of this checkout, and a tag."""
    folder = copy_checkout(tmp_path_factory.mktemp("repository") / "StreamPeerSocket")
    make_repository(folder, VERSION)
    return folder


@pytest.fixture(scope="module")
def package(repository):
    """What the manifest says."""
    return json.loads(subprocess.run(["swift", "package", "dump-package"], cwd=repository,
                                     capture_output=True, check=True).stdout)


@pytest.fixture(scope="module")
def products(package):
    """The names of the libraries of the package."""
    return [each["name"] for each in package["products"] if "library" in each["type"]]


def swift(*arguments, folder):
    """Runs SwiftPM with no source of packages but the disk."""
    environment = {**os.environ, "GIT_ALLOW_PROTOCOL": "file", "GIT_CONFIG_NOSYSTEM": "1",
                   "GIT_CONFIG_GLOBAL": "/dev/null"}
    done = subprocess.run(["swift", *arguments, "--cache-path", folder / "cache"], cwd=folder,
                          env=environment, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def game(repository, products, tmp_path_factory):
    """A package that uses each library of a tagged version, in C and in Swift. It is resolved."""
    folder = tmp_path_factory.mktemp("game")
    names = ", ".join(f'.product(name: "{each}", package: "StreamPeerSocket")' for each in products)
    manifest = MANIFEST.replace("REPOSITORY", f"file://{repository}").replace("VERSION", VERSION)
    files = {
        "Package.swift": manifest.replace("PRODUCTS", names),
        "Sources/CGame/include/game.h": C_HEADER,
        "Sources/CGame/game.c": C_SOURCE,
        "Sources/game/main.swift": SWIFT_SOURCE,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    swift("package", "resolve", folder=folder)
    return folder


def test_a_version_brings_no_other_package(game):
    resolved = json.loads((game / "Package.resolved").read_text())
    assert [(pin["identity"], pin["state"]["version"]) for pin in resolved["pins"]] == [
        ("streampeersocket", VERSION)]
    assert os.listdir(game / ".build" / "checkouts") == ["StreamPeerSocket"]


def test_the_package_depends_on_no_other_without_a_trait(package):
    """Not even for a program of its own, which SwiftPM would leave out for users."""
    assert "default" not in [trait["name"] for trait in package["traits"]]
    products = [each["product"] for target in package["targets"]
                for each in target["dependencies"] if "product" in each]
    assert products
    assert [name for name, _, _, condition in products if not (condition or {}).get("traits")] == []


def test_no_target_of_users_has_unsafe_flags(package):
    """SwiftPM refuses them in a version of another package, unless its tools version is 6.2."""
    settings = [setting for target in package["targets"] if target["type"] != "test"
                for setting in target["settings"]]
    assert settings and not [each for each in settings if "unsafeFlags" in each["kind"]]


def test_a_program_uses_each_library_of_a_version(game, products):
    assert {"CSocketCore", "StreamPeerSocket"} <= set(products)
    out, err = swift("build", folder=game)
    assert "warning" not in out + err
    done = subprocess.run([game / ".build" / "debug" / "game"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"0 true true\n{VERSION} OK: OK\n")

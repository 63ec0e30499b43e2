"""The version. version.h is its source, and the places below repeat it.

CMake, pkg-config, the Swift package and the tests read version.h or ask the library. The places are
texts that can read nothing: each is a glob, and a pattern whose group is the version, whole or
shortened to its first numbers.
"""

import re
from dataclasses import dataclass
from pathlib import Path

HEADER = "include/streampeersocket/version.h"
CHANGELOG = "CHANGELOG.md"
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
NUMBER = r"(\d+(?:\.\d+)+)"
PLACES = (
    ("README.md", rf"^State: version {NUMBER}"),
    ("README.md", rf'\.package\(url: "https://…/StreamPeerSocket", from: "{NUMBER}"'),
    ("debian/changelog", rf"\A\S+ \({NUMBER}-"),
    ("debian/README.source", rf"streampeersocket[-_]{NUMBER}"),
    ("packaging/meson/*.wrap", rf"streampeersocket-{NUMBER}"),
    ("packaging/meson/packagefiles/*/meson.build", rf"^  version: '{NUMBER}'"),
    ("packaging/vcpkg/ports/*/vcpkg.json", rf'"version-semver": "{NUMBER}"'),
    # Made by scripts/api, which scripts/version runs afterwards.
    ("docs/api.json", rf'^ "version": "{NUMBER}"'),
    ("Examples/python/sps.py", rf'^VERSION = "{NUMBER}"'),
    ("Examples/python/sps.py", rf'^"""StreamPeerSocket {NUMBER} for'),
    ("Examples/love2d/*_cdef.lua", rf"StreamPeerSocket {NUMBER}\.$"),
    ("Examples/love2d/*_cdef.lua", rf'version = "{NUMBER}"'),
    ("docs/guide-swift.md",
     rf'\.package\(url: (?:…|"https://…/StreamPeerSocket"), from: "{NUMBER}"'),
)


@dataclass
class Mention:
    """A version in a text: in which file, from where to where."""

    path: str
    start: int
    end: int
    line: int
    text: str

    def agrees_with(self, version):
        return self.text == shorten(version, self.text)


def shorten(version, like):
    """A version with as many numbers as another text has: 0.2.0 like 0.1 is 0.2."""
    return ".".join(version.split(".")[:like.count(".") + 1])


def read_version(root):
    """The version that version.h says."""
    text = (Path(root) / HEADER).read_text()
    numbers = [re.search(rf"^#define SPS_VERSION_{part} (\d+)$", text, flags=re.M)[1]
               for part in ("MAJOR", "MINOR", "PATCH")]
    return ".".join(numbers)


def find_mentions(root):
    """Each place that repeats the version. A file of the table without one is an error."""
    for glob, pattern in PLACES:
        for path in sorted(Path(root).glob(glob)):
            text = path.read_text()
            found = list(re.finditer(pattern, text, flags=re.M))
            if not found:
                name = path.relative_to(root)
                raise LookupError(f"{name} has no version, and scripts/releasing/places.py "
                                  "expects one")
            for match in found:
                yield Mention(str(path.relative_to(root)), *match.span(1),
                              text.count("\n", 0, match.start()) + 1, match[1])


def set_version(root, version):
    """Writes the version into version.h and into each place. Returns the changed files."""
    changed = set()

    def write(path, text):
        if (Path(root) / path).read_text() != text:
            (Path(root) / path).write_text(text)
            changed.add(path)

    text = (Path(root) / HEADER).read_text()
    for part, number in zip(("MAJOR", "MINOR", "PATCH"), version.split(".")):
        text = re.sub(rf"(?<=SPS_VERSION_{part} )\d+$", number, text, flags=re.M)
    write(HEADER, text)
    # From the end of a file to its begin, so that the spans stay right.
    for each in sorted(find_mentions(root), key=lambda each: (each.path, -each.start)):
        text = (Path(root) / each.path).read_text()
        write(each.path, text[:each.start] + shorten(version, each.text) + text[each.end:])
    return sorted(changed)

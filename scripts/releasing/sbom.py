"""The software bill of materials, as SPDX 2.3 in JSON: packages, what each needs, each file."""

import hashlib
import io
import json
import tarfile
import time
import uuid

LICENCE = "MIT"
AUTHORS = "Organization: The StreamPeerSocket authors"
# The libraries of this project: what each is, and its SPDX relations to others.
PARTS = {
    "core": ("libstreampeersocket", "the core", []),
    "testing": ("libstreampeersocket_testing", "the simulated network", []),
    "gzip": ("libstreampeersocket-gzip", "compression",
             [("DYNAMIC_LINK", "core"), ("DYNAMIC_LINK", "zlib")]),
    "tls": ("libstreampeersocket-tls", "TLS",
            [("DYNAMIC_LINK", "core"), ("DYNAMIC_LINK", "openssl")]),
    "godot-extension": ("streampeersocket_godot", "the extension for Godot",
                        [("STATIC_LINK", "core")]),
    "swift": ("StreamPeerSocket", "the Swift package", [("CONTAINS", "core")]),
    "tool": ("streampeer", "the command-line tool",
             [("DEPENDS_ON", "swift"), ("DEPENDS_ON", "swift-argument-parser")]),
}
# Libraries of others, which the archives do not contain. A version is the oldest that will do.
OTHERS = {
    "openssl": ("OpenSSL", "Apache-2.0", "3.0 or later"),
    "zlib": ("zlib", "Zlib", "any version"),
    "zstd": ("Zstandard", "BSD-3-Clause", "1.4 or later"),
    "swift-log": ("swift-log", "Apache-2.0", "1.5 or later"),
    "swift-metrics": ("swift-metrics", "Apache-2.0", "2.5 or later"),
    "swift-argument-parser": ("swift-argument-parser", "Apache-2.0", "1.5 or later"),
}
# Only builds that ask for them, or find them, use these.
OPTIONAL = [("zstd", "gzip"), ("swift-log", "swift"), ("swift-metrics", "swift")]


def checksums(content, *kinds):
    return [{"algorithm": kind.upper(), "checksumValue": hashlib.new(kind, content).hexdigest()}
            for kind in kinds]


def name_of(part):
    return f"SPDXRef-{part.replace('_', '-')}"  # SPDX 2.3, 7.2: letters, digits, "." and "-"


def package(part, name, licence, **more):
    return {"SPDXID": name_of(part), "name": name, "licenseConcluded": licence,
            "licenseDeclared": licence, "downloadLocation": "NOASSERTION",
            "copyrightText": "NOASSERTION", "filesAnalyzed": False, **more}


def own_package(part, name, version, **more):
    return package(part, name, LICENCE, versionInfo=version, supplier=AUTHORS,
                   **{"copyrightText": "2026 The StreamPeerSocket authors", **more})


def describe_files(tar, prefix):
    """Each regular file of the source archive."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        members = [member for member in archive if member.isfile()]
        contents = {member.name: archive.extractfile(member).read() for member in members}
    return [{"SPDXID": f"SPDXRef-File-{count}", "fileName": f"./{name.removeprefix(prefix)}",
             "checksums": checksums(contents[name], "sha1", "sha256"),
             "licenseConcluded": LICENCE, "licenseInfoInFiles": [LICENCE],
             "copyrightText": "2026 The StreamPeerSocket authors"}
            for count, name in enumerate(sorted(contents), 1)]


def verification_code(files):
    """SPDX 2.3, 7.9: SHA-1 of the sorted SHA-1s of the files."""
    sums = sorted(each["checksums"][0]["checksumValue"] for each in files)
    return {"packageVerificationCodeValue": hashlib.sha1("".join(sums).encode()).hexdigest()}


def relation(one, kind, other):
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def relations(files, archives):
    source = name_of("source")
    yield relation("SPDXRef-DOCUMENT", "DESCRIBES", source)
    for each in files:
        yield relation(source, "CONTAINS", each["SPDXID"])
    for part, (_, _, needs) in PARTS.items():
        yield relation(source, "CONTAINS", name_of(part))
        for kind, other in needs:
            yield relation(name_of(part), kind, name_of(other))
    for other, part in OPTIONAL:
        yield relation(name_of(other), "OPTIONAL_DEPENDENCY_OF", name_of(part))
    for part in archives:
        yield relation("SPDXRef-DOCUMENT", "DESCRIBES", name_of(part))
        yield relation(name_of(part), "GENERATED_FROM", source)


def write(path, version, tar, archives, commit, epoch):
    """Archives: name of a part to the path of its archive. The source's is in it."""
    prefix = f"streampeersocket-{version}/"
    files = describe_files(tar, prefix)
    own = {part: own_package(part, f"streampeersocket-{part}", version, packageFileName=each.name,
                             checksums=checksums(each.read_bytes(), "sha256", "sha512"))
           for part, each in archives.items()}
    own["source"].update(name="streampeersocket", filesAnalyzed=True,
                         packageVerificationCode=verification_code(files),
                         licenseInfoFromFiles=[LICENCE])
    parts = [own_package(part, name, version, summary=summary)
             for part, (name, summary, _) in PARTS.items()]
    others = [package(part, name, licence, summary=f"Needed: {needed}. It is not in the archives.")
              for part, (name, licence, needed) in OTHERS.items()]
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"streampeersocket-{version}",
        "documentNamespace": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, f'{commit} {version}')}",
        "creationInfo": {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch)),
            "creators": [AUTHORS, f"Tool: streampeersocket-release-{version}"]},
        "packages": [*own.values(), *parts, *others], "files": files,
        "relationships": list(relations(files, [part for part in archives if part != "source"])),
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")

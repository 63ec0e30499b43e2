"""The add-on for Godot: builds the extension for each system, and assembles the folder."""

import re
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

from . import archives, targets

FOLDER = "addons/streampeersocket"
NAME = "streampeersocket_godot"  # the target of CMake
EXTENSION = "streampeersocket.gdextension"
OPTIONS = ("-DCMAKE_BUILD_TYPE=Release", "-DSPS_GODOT=ON", "-DSPS_BUILD_TESTS=OFF",
           "-DSPS_BUILD_EXAMPLES=OFF", "-DSPS_BUILD_CXX=OFF", "-DSPS_GZIP=OFF", "-DSPS_TLS=OFF",
           "-DSPS_WARNINGS_AS_ERRORS=OFF")


@dataclass
class Target:
    """A library of the add-on: its file in bin/, and how CMake builds it."""

    file: str
    options: tuple
    needs_zig: bool = True
    link: str = "-s"  # removes the symbols that Godot does not look up


def zig(name, file, **options):
    return Target(f"streampeersocket.{file}",
                  ("-DCMAKE_TOOLCHAIN_FILE=cmake/toolchains/zig.cmake", f"-DSPS_ZIG_TARGET={name}"),
                  **options)


UNIVERSAL = "macos.universal.dylib"
TABLE = {
    # The glibc is the oldest that Godot's own builds for Linux run with.
    "linux-x86_64": zig("x86_64-linux-gnu.2.28", "linux.x86_64.so"),
    "linux-arm64": zig("aarch64-linux-gnu.2.28", "linux.arm64.so"),
    "windows-x86_64": Target("streampeersocket.windows.x86_64.dll",
                             ("-DCMAKE_TOOLCHAIN_FILE=cmake/toolchains/mingw.cmake",),
                             needs_zig=False, link="-s -static-libgcc"),
    # Both become one file.
    "macos-arm64": zig("aarch64-macos.13.0", UNIVERSAL),
    "macos-x86_64": zig("x86_64-macos.13.0", UNIVERSAL),
}


def choose(text):
    """The targets that an option names: "all", "none", "native", or names between commas."""
    chosen = {"all": list(TABLE), "none": []}.get(text, text.split(","))
    for name in chosen:
        if name not in TABLE and name != "native":
            raise RuntimeError(f"{name} is no system of the add-on; these are: native, "
                               f"{', '.join(TABLE)}")
    return chosen


def native_target():
    """What this machine builds for itself, with its own compiler."""
    machine = archives.platform_name().replace("aarch64", "arm64")
    if machine not in TABLE:
        raise RuntimeError(f"the add-on has no library for {machine}")
    return Target(TABLE[machine].file, (), needs_zig=False, link="")


def build(root, source, folder, target, epoch):
    """Builds the extension in a folder. Returns the library."""
    options = [*OPTIONS, *target.options]
    if target.needs_zig:
        targets.lend_zig(root, source)
        options.append("-DSPS_FOREIGN=godot")
    # Without these options, the names of the folders would be in the library.
    maps = f"-g0 -ffile-prefix-map={source}=. -ffile-prefix-map={folder}=build"
    flags = [f"-DCMAKE_C_FLAGS={maps}", f"-DCMAKE_MODULE_LINKER_FLAGS={target.link}"]
    environment = {"SOURCE_DATE_EPOCH": str(epoch)}
    archives.run("cmake", "-G", "Ninja", "-S", source, "-B", folder, *options, *flags, cwd=source,
                 **environment)
    archives.run("cmake", "--build", folder, "--target", NAME, **environment)
    return next(path for path in sorted(folder.iterdir())
                if re.fullmatch(rf"(lib)?{NAME}\.(so|dll|dylib)", path.name))


# ---- macOS: one file for both processors

FAT_MAGIC, FAT_ALIGNMENT = 0xCAFEBABE, 14
PAGE = 1 << FAT_ALIGNMENT


def join_universal(libraries):
    """The bytes of a universal file. lipo makes the same, and only macOS has it."""
    contents = [path.read_bytes() for path in libraries]
    header, body = struct.pack(">2I", FAT_MAGIC, len(contents)), b""
    for content in contents:
        magic, *processor = struct.unpack("<3I", content[:12])
        if magic != 0xFEEDFACF:
            raise RuntimeError("a library for macOS is not a file of 64 bits")
        header += struct.pack(">5I", *processor, PAGE + len(body), len(content), FAT_ALIGNMENT)
        body += content + bytes(-len(content) % PAGE)
    return header.ljust(PAGE, b"\0") + body


# ---- The folder

def keep_rows(text, files):
    """The .gdextension file with the libraries that are there."""
    row = re.compile(r'^\S+ = "bin/(.+)"\n', flags=re.M)
    return row.sub(lambda match: match[0] if match[1] in files else "", text)


def assemble(source, place, libraries):
    """Writes the add-on. `libraries` are pairs of a file's name in bin/ and a built library."""
    if place.exists():
        shutil.rmtree(place)
    shutil.copytree(source / FOLDER, place)
    shutil.copyfile(source / "LICENSE", place / "LICENSE")
    (place / "bin").mkdir()
    files = {}
    for file, library in libraries:
        files.setdefault(file, []).append(library)
    for file, built in files.items():
        is_universal = file.endswith(UNIVERSAL) and len(built) > 1
        (place / "bin" / file).write_bytes(
            join_universal(built) if is_universal else built[0].read_bytes())
        (place / "bin" / file).chmod(0o755)
    path = place / EXTENSION
    path.write_text(keep_rows(path.read_text(), files))
    return place


def make(root, source, scratch, place, chosen, epoch):
    """Builds the targets and assembles the add-on. `chosen` are names of TABLE, or "native"."""
    libraries = []
    for name in chosen:
        target = native_target() if name == "native" else TABLE[name]
        print(f"building the extension for Godot: {name}", flush=True)
        libraries.append((target.file, build(root, source, scratch / name, target, epoch)))
    return assemble(source, place, libraries)

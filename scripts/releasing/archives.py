"""The archives of a release. The same commit gives the same bytes, on the same tools."""

import gzip
import hashlib
import io
import lzma
import os
import platform
import shutil
import subprocess
import tarfile
import time
import zipfile
from pathlib import Path

KINDS = ("sha256", "sha512")  # of checksums


def run(*command, cwd=None, given=None, **environment):
    """Runs a command, and raises an error with its output if it fails. Returns its stdout."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, input=given,
                          capture_output=True, env={**os.environ, **environment})
    if done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace").strip()
        raise RuntimeError(f"failed: {' '.join(map(str, command))}\n{said[-4000:]}")
    return done.stdout


def source_tar(root, version):
    """The files of the tag. Git gives each file the time of the commit, and no owner."""
    return run("git", "-C", root, "-c", "tar.umask=0022", "archive", "--format=tar",
               f"--prefix=streampeersocket-{version}/", f"refs/tags/{version}")


def write_gzip(tar, path):
    """No name and no time is in the header, as with gzip -n."""
    path.write_bytes(gzip.compress(tar, compresslevel=9, mtime=0))


def write_xz(tar, path):
    path.write_bytes(lzma.compress(tar, preset=9))


def unpack(tar, folder):
    folder.mkdir()
    run("tar", "--extract", "--directory", folder, given=tar)
    return next(folder.iterdir())


def tar_of(folder, name, epoch):
    """A tar of a folder, as `name/…`: sorted, of one time, without an owner."""
    def make_equal(entry):
        entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = epoch, 0, 0, "", ""
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
        return entry

    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.add(folder, name, recursive=False, filter=make_equal)
        for path in sorted(Path(folder).rglob("*")):
            archive.add(path, f"{name}/{path.relative_to(folder)}", recursive=False,
                        filter=make_equal)
    return stream.getvalue()


def write_zip(folder, prefix, epoch, path):
    """A zip of a folder, as `prefix/…`: sorted, of one time."""
    date = time.gmtime(epoch)[:6]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for each in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"{prefix}/{each.relative_to(folder).as_posix()}", date)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, which has the permissions in the high bits
            entry.external_attr = (0o100755 if os.access(each, os.X_OK) else 0o100644) << 16
            archive.writestr(entry, each.read_bytes())


def platform_name():
    return f"{platform.system()}-{platform.machine()}".lower()


# Each library, with all that it can use.
COMPLETE = ("-DSPS_GZIP=ON", "-DSPS_ZSTD=ON", "-DSPS_TLS=ON")


def build_and_install(source, folder, epoch, options=COMPLETE, preset=None, flags=""):
    """Builds libraries from the unpacked sources, for this machine or as a preset says. Returns the
    installed tree."""
    build, prefix = folder / "build", folder / "installed"
    # Without these options, the names of the folders would be in the libraries, or in their hash.
    maps = f"-ffile-prefix-map={source}=. -ffile-prefix-map={build}=build {flags}".strip()
    common = ["-DCMAKE_BUILD_TYPE=Release", "-DSPS_BUILD_EXAMPLES=OFF",
              "-DCMAKE_INSTALL_LIBDIR=lib", "-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON",
              f"-DCMAKE_C_FLAGS={maps}"]
    epoch = str(epoch)
    kind = ["--preset", preset] if preset else ["-G", "Ninja"]
    run("cmake", *kind, "-S", source, "-B", build, *common, *options, cwd=source,
        SOURCE_DATE_EPOCH=epoch)
    run("cmake", "--build", build, SOURCE_DATE_EPOCH=epoch)
    run("cmake", "--install", build, "--prefix", prefix, SOURCE_DATE_EPOCH=epoch)
    licence = prefix / "share" / "doc" / "streampeersocket" / "LICENSE"
    licence.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / "LICENSE", licence)
    return prefix


def write_checksums(folder):
    """SHA256SUMS and SHA512SUMS of every file that is there, for sha256sum -c."""
    names = sorted(path.name for path in folder.iterdir())
    for kind in KINDS:
        lines = [f"{hashlib.new(kind, (folder / name).read_bytes()).hexdigest()}  {name}\n"
                 for name in names]
        (folder / f"{kind.upper()}SUMS").write_text("".join(lines))


def sign(folder, key):
    """Signs the checksums with a key of GnuPG."""
    for kind in KINDS:
        run("gpg", "--batch", "--yes", "--local-user", key, "--armor", "--detach-sign",
            folder / f"{kind.upper()}SUMS")

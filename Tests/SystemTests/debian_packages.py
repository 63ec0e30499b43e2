"""Builds the Debian packages of this checkout, for their tests."""

import glob
import os
import re
import shutil
import subprocess

from conftest import ROOT

SECONDS = 1200  # for a build
# Debian's own tools. Those of a user, and a compiler's cache, are not part of a package's build.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", "LC_ALL": "C"}


def changelog():
    with open(os.path.join(ROOT, "debian", "changelog")) as file:
        return re.match(r"streampeersocket \((.*)-(\w+)\)", file.readline()).groups()


def snapshot():
    """An archive of the files that git tracks, or would."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
        capture_output=True, check=True).stdout
    there = [path for path in listed.split(b"\0")
             if path and os.path.lexists(os.path.join(os.fsencode(ROOT), path))]
    return subprocess.run(["tar", "--null", "--files-from=-", "-cf", "-"], cwd=ROOT,
                          input=b"\0".join(there), capture_output=True, check=True).stdout


def unpack(archive, folder):
    """Writes the source, and its archive without debian/. Returns the folder of the source."""
    version = changelog()[0]
    name = f"streampeersocket-{version}"
    source = folder / name
    source.mkdir(parents=True)
    subprocess.run(["tar", "-xf", "-", "--no-same-owner"], cwd=source, input=archive, check=True)
    subprocess.run(["tar", "-czf", f"streampeersocket_{version}.orig.tar.gz",
                    f"--exclude={name}/debian", name], cwd=folder, check=True)
    return source


def build(archive, folder, kind, *before, umask=0o022, **environment):
    """Builds in a new folder; BEFORE is a program that runs the build. Returns each package's
    path by its name."""
    source = unpack(archive, folder)
    done = subprocess.run(
        [*before, "dpkg-buildpackage", "--no-sign", f"--build={kind}"], cwd=source,
        env={**ENVIRONMENT, **environment}, umask=umask,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=SECONDS)
    assert done.returncode == 0, done.stdout[-6000:]
    shutil.rmtree(source)
    return {os.path.basename(path).split("_")[0]: path for path in glob.glob(f"{folder}/*.deb")}


def lint(folder):
    """The tags of the packages in the folder, of every severity."""
    [changes] = glob.glob(f"{folder}/*.changes")
    done = subprocess.run(
        ["lintian", "--allow-root", "--pedantic", "--display-info", "--display-experimental",
         "--no-cfg", changes], env={**ENVIRONMENT, "HOME": str(folder)}, capture_output=True,
        text=True, timeout=SECONDS)
    return done.stdout + ("" if done.returncode in (0, 2) else done.stderr)


def field(package, name):
    return subprocess.run(["dpkg-deb", "--field", package, name], capture_output=True, text=True,
                          check=True).stdout.strip()


def dependencies(packages):
    """The packages of Debian that these packages depend on, as a field."""
    own = {field(path, "Package") for path in packages}
    each = [dependency.strip() for path in packages
            for dependency in field(path, "Depends").split(",") if dependency.strip()]
    return ", ".join(dependency for dependency in each if dependency.split()[0] not in own)

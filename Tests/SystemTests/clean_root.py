"""A small Debian in a folder: the essential packages of this machine, some more, and nothing else.

The packages come from this machine's own files and dpkg's own records, so it needs no network. dpkg
in it knows only these packages. So a package that does not name all its dependencies cannot be
installed or used in it. It needs root, for chroot().
"""

import os
import re
import shutil
import stat
import subprocess

DPKG = "/var/lib/dpkg"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# dpkg, its log and the loader's cache change with each package.
KEPT_BY_DPKG = ("var/lib/dpkg/", "var/log/", "var/cache/ldconfig/", "etc/ld.so.cache")


def names(field):
    """The alternatives of each dependency of a field: [[name, name], [name]]."""
    return [[re.match(r"[^\s:(\[]+", each.strip()).group() for each in alternatives.split("|")]
            for alternatives in field.split(",") if alternatives.strip()]


class Machine:
    """The installed packages of this machine."""

    def __init__(self):
        fields = ["Package", "Status", "Essential", "Pre-Depends", "Depends", "Provides"]
        shown = subprocess.run(
            ["dpkg-query", "-W", "-f", "\t".join(f"${{{field}}}" for field in fields) + "\n"],
            capture_output=True, text=True, check=True).stdout
        self.depends, self.providers, self.essential = {}, {}, set()
        for line in shown.splitlines():
            name, status, essential, pre_depends, depends, provides = line.split("\t")
            if status != "install ok installed":
                continue
            self.depends[name] = names(pre_depends) + names(depends)
            for [provided] in [[name], *names(provides)]:
                self.providers.setdefault(provided, name)
            if essential == "yes":
                self.essential.add(name)

    def closure(self, wanted):
        """The packages that these dependencies come to. The first installed alternative counts."""
        chosen, waiting = set(), [[name] for name in self.essential] + wanted
        while waiting:
            alternatives = waiting.pop()
            name = next((self.providers[each] for each in alternatives if each in self.providers),
                        None)
            assert name, f"not installed here: {' | '.join(alternatives)}"
            if name not in chosen:
                chosen.add(name)
                waiting += self.depends[name]
        return chosen


class CleanRoot:
    def __init__(self, folder, wanted):
        """WANTED: a field of dependencies, such as "gcc, libc6-dev | libc-dev"."""
        self.folder = str(folder)
        packages = sorted(Machine().closure(names(wanted)))
        listed = subprocess.run(["dpkg-query", "-L", *packages], capture_output=True, text=True,
                                check=True).stdout.splitlines()
        os.makedirs(self.folder, exist_ok=True)
        paths = sorted({self.real(path) for path in listed if path.startswith("/")})
        # The first are the links to folders, such as /bin.
        for path in paths:
            self.copy(path)
        self.record(packages)
        self.choose_alternatives()
        for path in ("/etc/passwd", "/etc/group"):
            shutil.copy2(path, self.folder + path)
        os.makedirs(f"{self.folder}/dev", exist_ok=True)
        os.mknod(f"{self.folder}/dev/null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        self.run("ldconfig")

    @staticmethod
    def real(path):
        """The path with its folders resolved: dpkg has /bin/sh, and /bin is a link."""
        return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))

    def copy(self, path):
        there = self.folder + path
        if not os.path.lexists(path) or os.path.lexists(there):
            return  # this machine may leave out manuals and translations
        os.makedirs(os.path.dirname(there), exist_ok=True)
        if os.path.islink(path):
            os.symlink(os.readlink(path), there)
        elif os.path.isdir(path):
            os.mkdir(there)
            shutil.copystat(path, there)
        else:
            shutil.copy2(path, there)

    def record(self, packages):
        """What dpkg knows: these packages, their scripts and triggers."""
        there = self.folder + DPKG
        for folder in ("info", "updates", "triggers"):
            os.makedirs(f"{there}/{folder}", exist_ok=True)
        with open(f"{there}/status", "w") as file:
            subprocess.run(["dpkg-query", "-s", *packages], stdout=file, check=True)
        for name in os.listdir(f"{DPKG}/info"):
            if re.split(r"[:.](?!\d)", name)[0] in packages:
                shutil.copy2(f"{DPKG}/info/{name}", f"{there}/info/{name}")
        shutil.copy2(f"{DPKG}/triggers/ldconfig", f"{there}/triggers/ldconfig")
        shutil.copy2(f"{DPKG}/info/format", f"{there}/info/format")

    def choose_alternatives(self):
        """The links that scripts of packages make, such as /usr/bin/cc."""
        for name in os.listdir(f"{DPKG}/alternatives"):
            with open(f"{DPKG}/alternatives/{name}") as file:
                _, link = file.readline(), file.readline().strip()
            target = os.readlink(f"/etc/alternatives/{name}")
            if os.path.lexists(self.folder + target) and not os.path.lexists(self.folder + link):
                os.symlink(target, self.folder + link)

    def run(self, *command, folder="/", **environment):
        """Runs a program inside. Returns its output."""
        return self.start("chroot", self.folder, "env", "-C", folder, *command, **environment)

    def run_with_proc(self, *command):
        """The same, for a program that needs /proc. A namespace of its own has the mount."""
        return self.start("unshare", "--mount", "sh", "-c",
                          'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"', self.folder,
                          *command)

    @staticmethod
    def start(*command, **environment):
        done = subprocess.run(
            [str(part) for part in command],
            env={"PATH": PATH, "HOME": "/", "LC_ALL": "C.UTF-8", **environment},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.stdout}"
        return done.stdout

    def files(self):
        """Each file: its mode, size and time. A folder: its mode."""
        found = {}
        for folder, folders, files in os.walk(self.folder):
            for name in folders + files:
                path = os.path.join(folder, name)
                inside = os.path.relpath(path, self.folder)
                if not f"{inside}/".startswith(KEPT_BY_DPKG):
                    status = os.lstat(path)
                    is_folder = stat.S_ISDIR(status.st_mode)
                    found[inside] = (status.st_mode,
                                     *(() if is_folder else (status.st_size, status.st_mtime_ns)))
        return found

    def install(self, packages):
        """Installs files of packages. dpkg refuses if a dependency is missing."""
        os.makedirs(f"{self.folder}/packages")
        for package in packages:
            shutil.copy(package, f"{self.folder}/packages")
        self.run("dpkg", "--install", *(f"/packages/{os.path.basename(each)}" for each in packages))
        shutil.rmtree(f"{self.folder}/packages")

"""The recipe of StreamPeerSocket for Conan 2. From a clone: conan create packaging/conan"""

import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir

required_conan_version = ">=2.4"


class StreamPeerSocketConan(ConanFile):
    name = "streampeersocket"
    description = "Stream sockets for programs that run a loop, with Godot's API"
    license = "MIT"
    topics = ("sockets", "networking", "godot", "tls")
    package_type = "library"
    languages = "C"
    settings = "os", "arch", "compiler", "build_type"
    # The core needs nothing but libc.
    options = {
        "shared": [True, False],
        "fPIC": [True, False],
        "with_tls": [True, False],
        "with_gzip": [True, False],
        "with_zstd": [True, False],
    }
    default_options = {
        "shared": False, "fPIC": True, "with_tls": False, "with_gzip": False, "with_zstd": False,
    }
    implements = ["auto_shared_fpic"]
    generators = "CMakeDeps"

    @property
    def _root(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def set_version(self):
        header = load(self, os.path.join(self._root, "include", "streampeersocket", "version.h"))
        self.version = ".".join(re.findall(r"SPS_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "README.md", "CHANGELOG.md", "cmake/*",
                        "docs/*", "include/*", "Sources/CSocket*", "Sources/SocketTLS/*",
                        "Sources/SocketGZIP/*"):
            copy(self, pattern, src=self._root, dst=self.export_sources_folder)

    def validate(self):
        if self.options.with_zstd and not self.options.with_gzip:
            raise ConanInvalidConfiguration("with_zstd needs with_gzip")

    def requirements(self):
        if self.options.with_tls:
            self.requires("openssl/[>=3 <4]")
        if self.options.with_gzip:
            self.requires("zlib/[>=1.2.11 <2]")
        if self.options.with_zstd:
            self.requires("zstd/[>=1.4 <2]")

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        for name in ("tls", "gzip", "zstd"):
            toolchain.cache_variables[f"SPS_{name.upper()}"] = (
                "ON" if self.options.get_safe(f"with_{name}") else "OFF")
        toolchain.cache_variables["SPS_BUILD_EXAMPLES"] = "OFF"
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        # Conan writes both for its users.
        rmdir(self, os.path.join(self.package_folder, "lib", "cmake"))
        rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))
        rmdir(self, os.path.join(self.package_folder, "share"))

    def _add_component(self, name, target, library, *requires):
        part = self.cpp_info.components[name]
        part.libs = [library]
        part.requires = list(requires)
        part.set_property("cmake_target_name", f"StreamPeerSocket::{target}")
        part.set_property("pkg_config_name", library.replace("_", "-"))
        return part

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "StreamPeerSocket")
        core = self._add_component("core", "StreamPeerSocket", "streampeersocket")
        core.set_property("cmake_target_aliases", ["StreamPeerSocket::C"])
        if not self.options.shared:
            core.defines = ["SPS_STATIC"]
            core.system_libs = {
                "Linux": ["pthread"],
                "FreeBSD": ["pthread"],
                "Windows": ["ws2_32", "iphlpapi", "advapi32", "ntdll"],
            }.get(str(self.settings.os), [])
        self._add_component("testing", "Testing", "streampeersocket_testing", "core")
        if self.options.with_tls:
            tls = self._add_component("tls", "TLS", "streampeersocket-tls", "core",
                                      "openssl::openssl")
            tls.defines = [] if self.options.shared else ["SPS_TLS_STATIC"]
        if self.options.with_gzip:
            gzip = self._add_component("gzip", "GZIP", "streampeersocket-gzip", "core",
                                       "zlib::zlib",
                                       *(["zstd::zstd"] if self.options.with_zstd else []))
            gzip.defines = [] if self.options.shared else ["SPS_GZIP_STATIC"]

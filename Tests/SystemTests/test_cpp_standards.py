"""The C++ headers with later standards: spans, std::expected, ranges and the module. And the error
of a program that lacks a header."""

import os
import re

import pytest

from conftest import BUILD, ROOT, good, run

CLANG = os.environ.get("SPS_CLANG", "clang")
COMPILERS = ("g++", f"{CLANG}++")
INCLUDE = os.path.join(ROOT, "include")
MODULE = os.path.join(INCLUDE, "streampeersocket.cppm")
FLAGS = ("-Wall", "-Wextra", "-Werror", f"-I{INCLUDE}")
LINK = (f"-L{BUILD}", "-lstreampeersocket", f"-Wl,-rpath,{BUILD}")


def linking(compiler):
    return LINK if compiler == "g++" else ("-fuse-ld=lld", *LINK)


# ---- Later standards

PROGRAM = """
#include <array>
#include <cstdio>
#include <ranges>
#include <streampeersocket.hpp>
#include <vector>
static_assert(std::is_convertible_v<sps::MutableByteSpan, std::span<uint8_t>>);
static_assert(std::ranges::input_range<sps::SocketPoller::Events>);
static_assert(std::ranges::random_access_range<sps::Array>);
static_assert(std::ranges::bidirectional_range<sps::Dictionary>);

static bool move_spans(sps::StreamPeerBuffer &buffer) {
    std::array<uint8_t, 3> sent = {1, 2, 3}, got = {};
    if (buffer.put_data(sent) != sps::OK || buffer.put_data(std::vector<uint8_t>{4}) != sps::OK) {
        return false;
    }
    buffer.seek(0);
    const std::span<const uint8_t> peeked = buffer.peek(1);
    if (peeked.size() != 4 || peeked[3] != 4 || buffer.get_data(got) != sps::OK || got != sent) {
        return false;
    }
    const std::span<uint8_t> part = buffer.get_partial_data(std::span(got));
    return part.size() == 1 && part[0] == 4;
}

static bool expect(sps::StreamPeerBuffer &buffer) {
#ifdef __cpp_lib_expected
    const std::expected<uint8_t, sps::Error> none = buffer.expect(buffer.try_get_u8());
    const bool has_code = !none && none.error() == buffer.get_last_error();
    buffer.seek(0);
    return has_code && none.error() != sps::OK && buffer.expect(buffer.try_get_u8()) == 1;
#else
    std::puts("no std::expected");
    return buffer.seek(0) == sps::OK;
#endif
}

static bool filter_events() {
    sps::SocketPoller poller;
    sps::TCPServer server;
    sps::StreamPeerTCP peer;
    if (server.listen(0, "127.0.0.1") != sps::OK || poller.add(server) != sps::OK ||
        peer.connect_to_host("127.0.0.1", server.get_local_port()) != sps::OK ||
        poller.wait(-1) != 1) {
        return false;
    }
    auto available =
        poller.events() | std::views::filter(&sps::SocketEvent::is_connection_available);
    return std::ranges::distance(available) == 1;
}

int main() {
    sps::StreamPeerBuffer buffer;
    return move_spans(buffer) ? expect(buffer) ? filter_events() ? 0 : 3 : 2 : 1;
}
"""


@pytest.mark.parametrize("compiler, standard", (
    ("g++", "c++20"), ("g++", "c++23"), (f"{CLANG}++", "c++23"),
))
def test_spans_results_and_ranges(compiler, standard, tmp_path):
    (tmp_path / "main.cpp").write_text(PROGRAM)
    good(compiler, f"-std={standard}", *FLAGS, "main.cpp", "-o", "main", *linking(compiler),
         cwd=tmp_path)
    said = good(tmp_path / "main")
    if standard == "c++23" and said:
        pytest.skip(f"{compiler} has {said.strip()} in C++23; the rest was tested")


# ---- The module

IMPORTER = """
import streampeersocket;

int main() {
    sps::TCPServer server;
    sps::StreamPeerTCP peer;
    if (server.listen(0, "127.0.0.1") != sps::OK ||
        peer.connect_to_host("127.0.0.1", server.get_local_port()) != sps::OK) {
        return 1;
    }
    const sps_stream_options options{};
    sps::StreamPeerBuffer buffer(&options); // struct_size is 0
    if (buffer.get_last_error() != sps::ERR_INVALID_PARAMETER) {
        return 2;
    }
    sps::StreamPeerBuffer other;
    other.put_var(sps::Dictionary{{"hp", 100}, {"at", sps::Vector2(1, 2)}});
    other.seek(0);
    const sps::Variant got = other.get_var();
    return got["hp"] == 100 && got["at"] == sps::Vector2(1, 2) ? 0 : 3;
}
"""


def test_a_program_imports_the_module(tmp_path):
    compiler = f"{CLANG}++"
    version = good(compiler, "-dM", "-E", "-x", "c++", "-", data=b"")
    if int(re.search(r"__clang_major__ (\d+)", version)[1]) < 16:
        pytest.skip(f"{compiler} has no modules of C++20")
    (tmp_path / "main.cpp").write_text(IMPORTER)
    imports = ("-std=c++20", "-fmodule-file=streampeersocket=sps.pcm")
    good(compiler, "-std=c++20", *FLAGS, "--precompile", MODULE, "-o", "sps.pcm", cwd=tmp_path)
    good(compiler, *imports, "-c", "sps.pcm", "-o", "sps.o", cwd=tmp_path)
    good(compiler, *imports, *FLAGS[:3], "main.cpp", "sps.o", "-o", "main", *linking(compiler),
         cwd=tmp_path)
    good(tmp_path / "main")


OTHER_LIBRARIES = ("gzip.hpp", "tls.hpp", "certificates.hpp")


def public_names():
    """The types, functions and enumerators of errors in the namespace sps, from the headers."""
    found = set()
    folder = os.path.join(INCLUDE, "streampeersocket")
    for name in os.listdir(folder):
        if not name.endswith(".hpp") or name in OTHER_LIBRARIES:
            continue
        with open(os.path.join(folder, name)) as file:
            text = re.sub(r"/\*.*?\*/|namespace detail \{.*?\} // namespace detail", "",
                          file.read(), flags=re.S)
        found.update(re.findall(r"^(?:template <.*> )?(?:class|struct|enum) (\w+)", text,
                                flags=re.M))
        found.update(re.findall(r"^using (\w+) =", text, flags=re.M))
        found.update(re.findall(r"^inline [\w:]+(?: [\w:]+)*? \*?(\w+)\(", text, flags=re.M))
        if name == "error.hpp":
            found.update(re.findall(r"^    (\w+) = SPS_", text, flags=re.M))
    return found


def test_the_module_exports_each_name():
    names = public_names()
    assert {"StreamPeerTCP", "Variant", "PackedColorArray", "error_name", "decode_variant",
            "ERR_BUSY"} <= names
    with open(MODULE) as file:
        exported = set(re.findall(r"^using sps::(\w+)", file.read(), flags=re.M))
    assert names - exported == set()


# ---- A program that lacks variant.hpp

USES = {
    "put_var": "peer.put_var(42)",
    "get_var": "peer.get_var()",
    "try_get_var": "peer.try_get_var()",
    "an Array of a result": "sps::Array both = peer.get_data(3)",
}


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("use", USES)
def test_the_error_names_the_missing_header(use, compiler):
    text = ("#include <streampeersocket/tcp.hpp>\n"
            f"void use(sps::StreamPeerTCP &peer) {{ {USES[use]}; }}\n")
    command = (compiler, "-std=c++17", f"-I{INCLUDE}", "-fsyntax-only", "-x", "c++", "-")
    status, _, said = run(*command, data=text.encode())
    # GCC shows where a type is declared only if it is used as one.
    assert status != 0 and ("variant.hpp" in said or "incomplete type" in said), said
    whole = text.replace("\n", "\n#include <streampeersocket/variant.hpp>\n", 1)
    good(*command, data=whole.encode())

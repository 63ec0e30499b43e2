"""Programs of users: their build systems, their compiler options, and the headers that they include
first."""

import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import BUILD, ROOT, good, run

CLANG = os.environ.get("SPS_CLANG", "clang")

# Two files, as in any program, to find definitions in headers.
C_FILES = {
    "main.c": """
#include <streampeersocket/streampeersocket.h>
int other(void);
int main(void) {
    sps_stream *peer = 0;
    int good = sps_tcp_create(0, &peer) == SPS_OK && other() == 0;
    sps_stream_destroy(peer);
    return !good;
}
""",
    "other.c": """
#include <streampeersocket/streampeersocket.h>
int other(void) { return sps_version_string()[0] == 0; }
""",
}
CPP_FILES = {
    "main.cpp": """
#include <streampeersocket.hpp>
int other();
int main() {
    sps::TCPServer server;
    sps::StreamPeerTCP peer;
    if (server.listen(0, "127.0.0.1") != sps::OK ||
        peer.connect_to_host("127.0.0.1", server.get_local_port()) != sps::OK) {
        return 1;
    }
    sps::StreamPeerBuffer buffer;
    buffer.put_var(sps::Dictionary{{"hp", 100}, {"at", sps::Vector2(1, 2)}});
    buffer.seek(0);
    const bool is_there = buffer.get_var()["hp"] == 100;
    peer.disconnect_from_host();
    return is_there && peer.get_status() == sps::StreamPeerTCP::STATUS_NONE ? other() : 1;
}
""",
    "other.cpp": """
#include <streampeersocket.hpp>
int other() { return sps::Variant(sps::Array{1, "two"}).to_string() == "[1, \\"two\\"]" ? 0 : 1; }
""",
}
# Most hosts have only this one, because it takes seconds to compile.
CPP_FILE = {"main.cpp": CPP_FILES["main.cpp"].replace("int other();", "static int other() { return 0; }")}


def write(folder, files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """The folder where the library is installed."""
    folder = tmp_path_factory.mktemp("prefix")
    good("cmake", "--install", BUILD, "--prefix", folder)
    return folder


# ---- Hosts that use CMake

ADDED = f'add_subdirectory("{ROOT}" sps EXCLUDE_FROM_ALL)'
FETCHED = f"""
include(FetchContent)
FetchContent_Declare(StreamPeerSocket SOURCE_DIR "{ROOT}")
FetchContent_MakeAvailable(StreamPeerSocket)
"""
FOUND = "find_package(StreamPeerSocket REQUIRED)"
SHARED, STATIC = "StreamPeerSocket::StreamPeerSocket", "StreamPeerSocket::StreamPeerSocketStatic"
STRICT = ("-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wundef "
          "-Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wunused -Wdouble-promotion -Werror")
WITH_CLANG = (f"-DCMAKE_C_COMPILER={CLANG}", f"-DCMAKE_CXX_COMPILER={CLANG}++",
              "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld", "-DCMAKE_SHARED_LINKER_FLAGS=-fuse-ld=lld")

# name: (languages, how it gets the library, which library, more lines of CMakeLists.txt, options)
HOSTS = {
    "C, added, no C++ compiler": ("C", ADDED, STATIC, "", ("-DCMAKE_CXX_COMPILER=/nowhere",)),
    "C++, added, unity build": ("CXX", ADDED, SHARED, "", ("-DCMAKE_UNITY_BUILD=ON",)),
    "C++, fetched, static": ("CXX", FETCHED, STATIC, "", ("-DCMAKE_UNITY_BUILD=ON",)),
    "C++, added, address sanitizer of clang": (
        "CXX", "add_compile_options(-fsanitize=address,undefined)\n"
        "add_link_options(-fsanitize=address,undefined)\n" + ADDED, SHARED, "", WITH_CLANG),
    "C++, added, thread sanitizer of gcc": (
        "CXX", ADDED, SHARED, "",
        ("-DCMAKE_C_FLAGS=-fsanitize=thread", "-DCMAKE_CXX_FLAGS=-fsanitize=thread")),
    "C++, added, link-time optimization": (
        "CXX", ADDED, STATIC, "",
        ("-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON", "-DCMAKE_POLICY_DEFAULT_CMP0069=NEW")),
    "C++14 by default": (
        "CXX", FOUND, SHARED, "", ("-DCMAKE_CXX_STANDARD=14", "-DCMAKE_CXX_EXTENSIONS=OFF")),
    "C++, clang, C++20": ("CXX", FOUND, SHARED, "", ("-DCMAKE_CXX_STANDARD=20", *WITH_CLANG)),
    "C++, static": ("CXX", FOUND, STATIC, "", ()),
    "C++, neither exceptions nor RTTI, all hidden": (
        "CXX", FOUND, STATIC, "",
        ("-DCMAKE_CXX_FLAGS=-fno-exceptions -fno-rtti -fvisibility=hidden "
         "-fvisibility-inlines-hidden",)),
    "C++, each warning, gcc": (
        "CXX", FOUND, SHARED, "", (f"-DCMAKE_CXX_FLAGS={STRICT} -Wuseless-cast", "-DCMAKE_BUILD_TYPE=Release")),
    "C++, each warning, clang": (
        "CXX", FOUND, SHARED, "", (f"-DCMAKE_CXX_FLAGS={STRICT}", *WITH_CLANG)),
    "C++, precompiled header": (
        "CXX", FOUND, SHARED, "target_precompile_headers(host PRIVATE <streampeersocket.hpp>)", ()),
    "C++, a plug-in": (
        "CXX", FOUND, STATIC, "add_library(plugin MODULE main.cpp)\n"
        f"target_link_libraries(plugin PRIVATE {STATIC})\nadd_dependencies(host plugin)\n"
        "target_link_options(plugin PRIVATE LINKER:--no-undefined)", ()),
}


def build_host(name, folder, prefix):
    languages, way, library, more, options = HOSTS[name]
    files = C_FILES if languages == "C" else CPP_FILES if "unity" in name else CPP_FILE
    lists = (f"cmake_minimum_required(VERSION 3.21)\nproject(host LANGUAGES {languages})\n"
             f"{'enable_language(C)' if 'C++, ' in name else ''}\n{way}\n"
             f"add_executable(host {' '.join(files)})\n"
             f"target_link_libraries(host PRIVATE {library})\n{more}\n")
    write(folder / "host", {**files, "CMakeLists.txt": lists})
    build = folder / "build"
    good("cmake", "-S", folder / "host", "-B", build, "-G", "Ninja",
         "-DCMAKE_BUILD_TYPE=Debug", f"-DCMAKE_PREFIX_PATH={prefix}", *options)
    good("cmake", "--build", build, "--target", "host")
    good(build / "host")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory, prefix):
    """Builds all at once, because one build is mostly one process after another."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return {name: pool.submit(build_host, name, tmp_path_factory.mktemp("host"), prefix)
                for name in HOSTS}


@pytest.mark.parametrize("name", HOSTS)
def test_a_host_with_cmake(name, outcomes):
    outcomes[name].result()


# ---- A host whose names stay its own

# The modules of CMake that the library uses are there before, with all that they bring.
SNAPSHOT = """cmake_minimum_required(VERSION 3.21)
project(host LANGUAGES C CXX)
include(CheckCCompilerFlag)
include(CheckIPOSupported)
include(CheckLinkerFlag)
include(CMakePackageConfigHelpers)
include(FetchContent)
include(GNUInstallDirs)
check_ipo_supported(RESULT _ OUTPUT _ LANGUAGES C)
foreach(package IN ITEMS OpenSSL Threads ZLIB)
  find_package(${{package}} QUIET)
endforeach()
foreach(name IN ITEMS uninstall tests test_programs runtime core_objects install_core docs)
  add_custom_target(${{name}})
endforeach()
function(list_targets folder)
  get_property(targets DIRECTORY ${{folder}} PROPERTY BUILDSYSTEM_TARGETS)
  get_property(tests DIRECTORY ${{folder}} PROPERTY TESTS)
  get_property(folders DIRECTORY ${{folder}} PROPERTY SUBDIRECTORIES)
  set_property(GLOBAL APPEND PROPERTY host_TARGETS ${{targets}} ${{tests}})
  foreach(each IN LISTS folders)
    list_targets(${{each}})
  endforeach()
endfunction()
function(list_names file)
  set_property(GLOBAL PROPERTY host_TARGETS "")
  list_targets(${{CMAKE_SOURCE_DIR}})
  get_property(TARGETS GLOBAL PROPERTY host_TARGETS)
  foreach(kind IN ITEMS VARIABLES CACHE_VARIABLES COMMANDS COMPONENTS)
    get_cmake_property(${{kind}} ${{kind}})
  endforeach()
  foreach(kind IN ITEMS TARGETS VARIABLES CACHE_VARIABLES COMMANDS COMPONENTS)
    list(TRANSFORM ${{kind}} PREPEND "${{kind}} ")
    file(APPEND ${{file}} "${{${{kind}}}};")
  endforeach()
endfunction()
set(before_standards "${{CMAKE_C_STANDARD}},${{CMAKE_CXX_STANDARD}},${{CMAKE_BUILD_TYPE}}")
list_names(${{CMAKE_BINARY_DIR}}/before)
{way}
list_names(${{CMAKE_BINARY_DIR}}/after)
if(NOT before_standards STREQUAL
    "${{CMAKE_C_STANDARD}},${{CMAKE_CXX_STANDARD}},${{CMAKE_BUILD_TYPE}}")
  message(FATAL_ERROR "the library changes the host's standards or build type")
endif()
"""
OURS = re.compile(r"\w+ _?(sps_|spsi_|streampeersocket)", flags=re.I)


@pytest.mark.parametrize("way", (ADDED.replace(" EXCLUDE_FROM_ALL", ""), FETCHED),
                         ids=("added", "fetched"))
def test_names_stay_the_hosts(way, tmp_path):
    """No target, test, variable, function or install component comes with a common name."""
    write(tmp_path / "host", {"CMakeLists.txt": SNAPSHOT.format(way=way)})
    build = tmp_path / "build"
    good("cmake", "-S", tmp_path / "host", "-B", build, "-G", "Ninja")
    before, after = (set((build / name).read_text().split(";")) for name in ("before", "after"))
    assert "TARGETS streampeersocket_static" in after
    # A command that is defined again, as by a module that is included twice, is kept as _NAME.
    again = {f"COMMANDS _{name.partition(' ')[2]}" for name in after if "COMMANDS" in name}
    foreign = {name for name in after - before - again if not OURS.match(name)}
    # CMake's own, of project(), find_package() and FetchContent.
    own = re.compile(r"\w+ (CMAKE_|FIND_PACKAGE_MESSAGE_DETAILS_|FETCHCONTENT_|__cmake_)")
    assert sorted(name for name in foreign if not own.match(name)) == []
    assert not re.search("CMAKE_BUILD_TYPE:.*=.", (build / "CMakeCache.txt").read_text())


def test_a_module_of_cpp20_may_include_it(tmp_path):
    write(tmp_path, {"net.cpp": (
        "module;\n#include <streampeersocket.hpp>\nexport module net;\n"
        "export int size() { return static_cast<int>(sps::Array{1, 2}.size()); }\n")})
    good("g++", "-std=c++20", "-fmodules-ts", f"-I{ROOT}/include", "-c", "net.cpp", cwd=tmp_path)


# ---- Headers that others include first

USE = {
    "c": "#include <streampeersocket/streampeersocket.h>\n"
         "int use(void) { return sps_stream_flush(0) == SPS_OK; }\n",
    "cpp": "#include <streampeersocket.hpp>\n"
           "bool use(sps::StreamPeerTCP &p) {\n"
           "    return p.get_status() == sps::StreamPeerTCP::STATUS_NONE &&\n"
           "           p.connect_to_host(\"127.0.0.1\", 1) == sps::OK;\n}\n",
}
OTHERS = {
    "Xlib": "#include <X11/Xlib.h>\n#include <X11/Xutil.h>\n",
    "curses": "#include <curses.h>\n",
    "the system": "#include <sys/param.h>\n#include <sys/sysmacros.h>\n#include <arpa/telnet.h>\n"
                  "#include <arpa/ftp.h>\n#include <resolv.h>\n#include <syslog.h>\n",
    # As defined in Arduino.h, windows.h, Qt, Unreal and perl.h.
    "Arduino": "#define min(a, b) ((a) < (b) ? (a) : (b))\n#define max(a, b) ((a) > (b) ? (a) : (b))\n"
               "#define abs(x) ((x) > 0 ? (x) : -(x))\n#define round(x) ((long)((x) + 0.5))\n"
               "#define bit(b) (1UL << (b))\n#define F(x) (x)\n#define B1 1\n#define HIGH 1\n",
    "Windows": "#define min(a, b) ((a) < (b) ? (a) : (b))\n#define max(a, b) ((a) > (b) ? (a) : (b))\n"
               "#define FAILED(hr) ((hr) < 0)\n#define ERROR 0\n#define IN\n#define OUT\n#define near\n"
               "#define far\n#define interface struct\n#define small char\n#define DELETE 0x10000\n",
    "Qt": "#define signals public\n#define slots\n#define emit\n#define foreach for\n",
    "Unreal": "#define check(x) ((void)0)\n#define verify(x) ((void)0)\n#define ensure(x) (x)\n"
              "#define TEXT(x) L##x\n#define PI 3.14f\n",
    "Perl": "#define Null 0\n#define Move(a, b, c, d) 0\n#define list list_\n#define bind Perl_bind\n"
            "#define listen Perl_listen\n",
    # Words that are macros somewhere. They expand to text that does not compile.
    "anybody": "".join(f"#define {word} ?\n" for word in (
        "None Bool True False Success Always ERROR ERR major minor near far small interface IN OUT "
        "DELETE check verify BOOL INT FLOAT ANY IP Status OBJECT SIGNAL COLOR STRING NIL CLASS SCRIPT"
    ).split()),
}


def compiles(compiler, language, text, *flags):
    """Whether it compiles, and the compiler's messages."""
    status, _, err = run(compiler, *flags, f"-I{ROOT}/include", "-fsyntax-only", "-x",
                         "c" if language == "c" else "c++", "-", data=text.encode())
    return status == 0, err


def at_once(jobs):
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda job: compiles(*job), jobs))


WARNINGS = ("-Wall", "-Wextra", "-Wshadow", "-Wundef", "-Werror")


@pytest.mark.parametrize("others", OTHERS)
def test_it_survives_the_macros_of(others):
    jobs = [(compiler, language, OTHERS[others] + USE[language], f"-std={standard}", *WARNINGS)
            for language, compiler, standard in (
                ("c", "gcc", "gnu11"), ("cpp", "g++", "gnu++17"), ("cpp", f"{CLANG}++", "gnu++20"))]
    for is_good, said in at_once(jobs):
        assert is_good, said


@pytest.mark.parametrize("compiler", ("g++", f"{CLANG}++"))
def test_the_macros_of_others_are_there_again(compiler):
    text = ("#include <X11/Xlib.h>\n#include <curses.h>\n#include <arpa/telnet.h>\n"
            "#include <streampeersocket.hpp>\n"
            "Status status = Success;\nBool is = True;\nstatic_assert(IP == 244 && None == 0);\n"
            "int screen() { return refresh() == OK ? OK : ERR; }\n"
            "using namespace sps;\n"
            "int stream(StreamPeer &p) { return p.flush() == OK || p.flush() == sps::OK; }\n")
    is_good, said = compiles(compiler, "cpp", text, "-std=c++17", "-Wall", "-Werror")
    assert is_good, said


@pytest.mark.parametrize("compiler", ("g++", f"{CLANG}++"))
def test_an_older_standard_is_one_error(compiler):
    headers = [name for name in os.listdir(f"{ROOT}/include/streampeersocket")
               if name.endswith(".hpp")]
    jobs = [(compiler, "cpp", f"#include <streampeersocket/{name}>\n", "-std=c++14")
            for name in headers]
    for is_good, said in at_once(jobs):
        assert not is_good and said.count("error:") == 1 and "C++17" in said, said

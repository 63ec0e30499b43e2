"""docs/api.json: it describes the headers, and bindings are made of it alone."""

import ctypes
import importlib.util
import json
import os
import signal
import subprocess
import sys
from ctypes import byref, c_size_t, c_uint8, c_uint32

import pytest
from conftest import BUILD, ROOT, program, run, wait_until
from test_examples import test_a_slow_player_loses_nothing_and_delays_no_other  # noqa: F401
from test_examples import text as text_message

SCRIPTS = os.path.join(ROOT, "scripts")
PYTHON = os.path.join(ROOT, "Examples", "python")
TESTING = os.path.join(ROOT, "Sources", "CSocketSimulation", "include")
INCLUDES = "".join(f"#include <{header}>\n" for header in (
    "stddef.h", "stdio.h", "streampeersocket/streampeersocket.h", "streampeersocket/tls.h",
    "streampeersocket/gzip.h", "streampeersocket_testing/simulation.h"))
CORE = os.path.join(BUILD, "libstreampeersocket.so")
with open(os.path.join(ROOT, "docs", "api.json")) as _file:
    API = json.load(_file)
LIBRARIES = {library["name"]: library for library in API["libraries"]}
TYPES = [entry for library in API["libraries"] for entry in library["types"]]
STRUCTS = [entry for entry in TYPES if entry["kind"] == "struct"]
CONSTANTS = {value["name"]: value["value"] for entry in TYPES for value in entry.get("values", [])}
CONSTANTS |= {entry["name"]: entry["value"]
              for library in API["libraries"] for entry in library["constants"]}


def compile_c(code, *options):
    done = subprocess.run(
        ["cc", "-std=gnu11", "-Wall", "-Werror", "-x", "c", "-", *options,
         "-I", os.path.join(ROOT, "include"), "-I", TESTING],
        input=INCLUDES + code, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def make(language, folder, suffix):
    """The module of all libraries."""
    status, out, err = run(sys.executable, os.path.join(SCRIPTS, "bindings"), language, *LIBRARIES)
    assert status == 0, err
    path = folder / f"all_libraries{suffix}"
    path.write_bytes(out)
    return path


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    """The module for ctypes, with all libraries."""
    path = make("python", tmp_path_factory.mktemp("python"), ".py")
    spec = importlib.util.spec_from_file_location("all_libraries", path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture(scope="module")
def library(module):
    return module.load(CORE)


# ---- The description

def test_the_committed_files_are_up_to_date():
    status, _, err = run(sys.executable, os.path.join(SCRIPTS, "api"), "--check")
    assert (status, err) == (0, "")


def declaration(entry, name):
    if "callback" in entry:
        inner = entry["callback"]
        return declaration(inner["returns"], f"(*{name})({parameters(inner)})")
    count = f"[{entry['count']}]" if "count" in entry else ""
    return f"{entry['type']} {name}{count}"


def parameters(function):
    return ", ".join(declaration(each, each["name"]) for each in function["params"]) or "void"


def same(one, other):
    return f'_Static_assert(__builtin_types_compatible_p({one}, __typeof__({other})), "");'


def test_it_has_the_types_of_the_headers():
    """C accepts a second declaration of a function only if it is the same."""
    code = []
    for each in API["libraries"]:
        for function in each["functions"]:
            declared = f"{function['name']}({parameters(function)})"
            code.append(f"{declaration(function['returns'], declared)};")
    for entry in TYPES:
        if entry["kind"] == "struct":
            for field in entry["fields"]:
                actual = f"__typeof__((({entry['name']} *)0)->{field['name']})"
                code.append(same(actual, declaration(field, "")))
        elif entry["kind"] == "callback":
            code.append(same(entry["name"], declaration({"callback": entry}, "")))
        elif entry["kind"] == "handle":
            code.append(same(f"{entry['name']} *", f"struct {entry['name']} *"))
        elif entry["name"]:
            code.append(same(entry["name"], entry["type"]))
    code += [f'_Static_assert({name} == {value}, "");' for name, value in CONSTANTS.items()]
    compile_c("\n".join(code), "-fsyntax-only")


def exports(path, *options):
    status, out, err = run("nm", *options, "--defined-only", path)
    assert status == 0, err
    lines = [line.split() for line in out.decode().splitlines() if len(line.split()) == 3]
    return {name.partition("@")[0] for _, kind, name in lines if name.startswith("sps_")}


def test_it_has_every_function_of_each_library():
    paths = {name: os.path.join(BUILD, f"lib{name}{'.a' if 'testing' in name else '.so'}")
             for name in LIBRARIES}
    built = [name for name, path in paths.items() if os.path.exists(path)]
    assert {"streampeersocket", "streampeersocket_testing"} <= set(built)
    for name in built:
        described = {function["name"] for function in LIBRARIES[name]["functions"]}
        assert described == exports(paths[name], "-g" if "testing" in name else "-D")


def test_it_says_what_a_binding_must_know():
    by_name = {function["name"]: function for library in API["libraries"]
               for function in library["functions"]}
    for function in by_name.values():
        assert function["since"] and function["doc"], function["name"]
        for parameter in function["params"]:
            # A binding ends each object that a call has made.
            if parameter.get("owner") == "caller":
                handle = parameter["type"].removesuffix(" **")
                [kind] = [entry for entry in TYPES if entry["name"] == handle]
                assert kind["destroy"] in by_name, handle
    for entry in STRUCTS:
        assert entry["fields"][0]["name"] == "struct_size"
        for field in entry["fields"]:
            assert field.get("doc") or field.get("private"), (entry["name"], field["name"])

    def parameter(function, name):
        [found] = [each for each in by_name[function]["params"] if each["name"] == name]
        return found

    assert parameter("sps_server_take_connection", "out_stream")["owner"] == "caller"
    assert parameter("sps_packet_peer_get_stream", "out_stream")["owner"] == "library"
    assert parameter("sps_tcp_create", "options")["nullable"]
    assert "nullable" not in parameter("sps_tcp_connect", "host")
    assert parameter("sps_stream_get_data", "out_received")["nullable"]
    assert parameter("sps_stream_put_utf8_string", "text")["length"] == "byte_count"
    assert parameter("sps_variant_next_string", "io_position")["direction"] == "in out"
    assert by_name["sps_tcp_connect"]["godot"] == "connect_to_host"


# ---- The bindings

def layouts_in_c(folder):
    """Name, size and offsets of each struct, and each constant, as C has them."""
    lines = [f'printf("%s %lld\\n", "{name}", (long long){name});' for name in CONSTANTS]
    for entry in STRUCTS:
        name = entry["name"]
        lines.append(f'printf("%s %zu\\n", "{name}", sizeof({name}));')
        for field in entry["fields"]:
            lines.append(f'printf("%s %zu\\n", "{name}.{field["name"]}", '
                         f'offsetof({name}, {field["name"]}));')
    compile_c("int main(void) {\n" + "\n".join(lines) + "\nreturn 0; }", "-o", folder / "layouts")
    status, out, _ = run(folder / "layouts")
    assert status == 0
    return out.decode().splitlines()


def test_both_have_the_layouts_and_constants_of_c(tmp_path, module):
    expected = layouts_in_c(tmp_path)
    python = [f"{name} {getattr(module, name)}" for name in CONSTANTS]
    lua = [f"print('{name} ' .. tostring(tonumber(core.{name})))" for name in CONSTANTS]
    for entry in STRUCTS:
        name = entry["name"]
        python.append(f"{name} {ctypes.sizeof(getattr(module, name))}")
        lua.append(f"print('{name} ' .. ffi.sizeof('{name}'))")
        for field in entry["fields"]:
            key = field["name"]
            python.append(f"{name}.{key} {getattr(getattr(module, name), key).offset}")
            lua.append(f"print('{name}.{key} ' .. ffi.offsetof('{name}', '{key}'))")
    assert python == expected
    make("lua", tmp_path, ".lua")
    head = f"local ffi = require('ffi'); require('all_libraries'); local core = ffi.load('{CORE}')"
    (tmp_path / "layouts.lua").write_text("\n".join([head, *lua]))
    status, out, err = run("luajit", tmp_path / "layouts.lua", cwd=tmp_path)
    assert status == 0, err
    assert out.decode().splitlines() == expected


def test_every_function_can_be_called_by_its_name(tmp_path, module):
    make("lua", tmp_path, ".lua")
    lines = ["local ffi = require('ffi'); require('all_libraries')", "local count = 0"]
    expected = 0
    for name, described in LIBRARIES.items():
        path = os.path.join(BUILD, f"lib{name}.so")
        if not os.path.exists(path):
            continue  # an optional library, or the simulated network: it is static
        bound = module.declare(ctypes.CDLL(path))
        lines.append(f"local library = ffi.load('{path}')")
        for function in described["functions"]:
            expected += 1
            kinds = getattr(bound, function["name"]).argtypes
            assert len(kinds) == len(function["params"]), function["name"]
            lines.append(f"assert(library.{function['name']}); count = count + 1")
    (tmp_path / "names.lua").write_text("\n".join([*lines, "print(count)"]))
    status, out, err = run("luajit", tmp_path / "names.lua", cwd=tmp_path)
    assert (status, int(out), err) == (0, expected, "")


# ---- ctypes

class Echo:
    """A server with one connection, and its client, in this process."""

    def __init__(self, sps, library):
        self.sps, self.library, self.made = sps, library, []
        server, self.client, self.peer = (sps.POINTER(kind)() for kind in (
            sps.sps_server, sps.sps_stream, sps.sps_stream))
        port = ctypes.c_int32()
        self.ok(library.sps_tcp_server_create(None, byref(server)))
        self.made.append((library.sps_server_destroy, server))
        self.ok(library.sps_tcp_server_listen(server, 0, b"127.0.0.1"))
        self.ok(library.sps_tcp_server_get_local_port(server, byref(port)))
        options = sps.sps_stream_options(io_timeout_ms=60_000)
        self.ok(library.sps_tcp_create(byref(options), byref(self.client)))
        self.made.append((library.sps_stream_destroy, self.client))
        self.ok(library.sps_tcp_connect(self.client, b"127.0.0.1", port.value))
        take = library.sps_server_take_connection
        wait_until(lambda: take(server, byref(self.peer)) == sps.SPS_OK, "the connection")
        self.made.append((library.sps_stream_destroy, self.peer))
        wait_until(self.is_connected, "the status")

    def ok(self, error):
        assert error == self.sps.SPS_OK, self.library.sps_error_name(error)

    def is_connected(self):
        status = self.sps.sps_status()
        self.ok(self.library.sps_socket_poll(self.client))
        self.ok(self.library.sps_socket_get_status(self.client, byref(status)))
        return status.value == self.sps.SPS_STATUS_CONNECTED

    def close(self):
        for destroy, handle in reversed(self.made):
            destroy(handle)


@pytest.fixture
def connected(module, library):
    echo = Echo(module, library)
    yield echo
    echo.close()


def test_bytes_go_to_a_server_and_come_back(connected, library):
    sent, count = bytes(range(256)), c_size_t()
    connected.ok(library.sps_stream_put_data(connected.client, sent, len(sent), byref(count)))
    assert count.value == len(sent)
    received = ctypes.create_string_buffer(len(sent))
    connected.ok(library.sps_stream_get_data(connected.peer, received, len(sent), None))
    connected.ok(library.sps_stream_put_data(connected.peer, received, len(sent), None))
    answer = ctypes.create_string_buffer(len(sent))
    connected.ok(library.sps_stream_get_data(connected.client, answer, len(sent), byref(count)))
    assert (answer.raw, count.value) == (sent, len(sent))


def test_text_may_contain_nul(connected, library, module):
    text, count = module.POINTER(ctypes.c_char)(), c_size_t()
    connected.ok(library.sps_stream_put_utf8_string(connected.client, "a\0ö".encode(), 4))
    connected.ok(library.sps_stream_get_utf8_string(
        connected.peer, module.SPS_LENGTH_PREFIXED, byref(text), byref(count)))
    assert ctypes.string_at(text, count.value).decode() == "a\0ö"


def test_the_library_calls_back(library, module):
    calls = []

    def get(user_data, buffer, byte_count, out_received):
        calls.append(user_data)
        buffer[0], out_received[0] = 42, 1
        return module.SPS_OK

    kinds = dict(module.sps_custom_operations._fields_)
    ended = kinds["destroy"](lambda user_data: calls.append("destroyed"))
    operations = module.sps_custom_operations(get_data=kinds["get_data"](get), destroy=ended)
    stream, value = module.POINTER(module.sps_stream)(), c_uint8()
    assert library.sps_custom_create(byref(operations), 7, None, byref(stream)) == module.SPS_OK
    assert library.sps_stream_get_u8(stream, byref(value)) == module.SPS_OK
    library.sps_stream_destroy(stream)
    assert (value.value, calls) == (42, [7, "destroyed"])


def test_an_older_library_lacks_only_its_functions(module, monkeypatch):
    monkeypatch.setitem(module.FUNCTIONS, "sps_of_a_later_release", (c_uint32, []))
    loaded = module.load(CORE)
    assert loaded.sps_version() > 0 and not hasattr(loaded, "sps_of_a_later_release")


# ---- Examples/python

@pytest.fixture
def environment():
    return {**os.environ, "SPS_LIBRARY": CORE, "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def server(start, environment):
    started = start(sys.executable, os.path.join(PYTHON, "server.py"), 0, env=environment)
    line = started.read_line()
    assert line.startswith("listening on port ")
    return started, int(line.split()[-1])


@pytest.fixture
def lobby(server):
    """For the test of test_examples.py."""
    return *server, text_message


def client(environment, port, text):
    return run(sys.executable, os.path.join(PYTHON, "client.py"), "127.0.0.1", port, text,
               env=environment)


def test_the_client_and_the_server_in_python(server, environment):
    started, port = server
    for text in ("hello, 日本語", "", "x" * 60_000):
        status, out, err = client(environment, port, text)
        assert (status, out.decode().removesuffix("\n"), err) == (0, text, "")
    started.process.send_signal(signal.SIGINT)
    assert started.finish() == (0, b"", "")


def test_the_client_in_python_and_a_server_in_c(start, environment):
    lobby = start(program("lobby_cpp"), 0)
    port = int(lobby.read_line().split()[-1])
    assert client(environment, port, "hello")[:2] == (0, b"hello\n")


def test_the_client_in_python_on_a_refused_port(closed_port, environment):
    assert client(environment, closed_port, "x") == (1, b"", "no answer: CLOSE_REFUSED\n")

# SPDX-License-Identifier: MIT
# Every method of the peers against `streampeer echo`, which test_godot.py starts. Its port and path
# are in the environment.
extends "res://suite.gd"

const VALUES := {
	"8": [0, -128, 127], "u8": [0, 255], "16": [-32768, 32767], "u16": [0x1234, 65535],
	"32": [-2147483648, 2147483647], "u32": [0x12345678, 4294967295],
	"64": [-9223372036854775807 - 1, 9223372036854775807], "u64": [0x123456789abcdef0, -1],
	"half": [0.0, -1.5], "float": [0.25, -16777216.0], "double": [1.0 / 3.0, -1e300],
}
const VARIANTS: Array = [null, true, -5, 1.25, "text", Vector3(1, 2, 3), {"a": [1, "b", {}]}, &"name"]
const TEXT := "Grüße"

var _port := int(OS.get_environment("SPS_ECHO_PORT"))
var _path := OS.get_environment("SPS_ECHO_PATH")
var _peer: SPSStreamPeerSocket
var _called := {}


# Calls a method, and remembers that it was called.
func _do(method: String, arguments: Array = []) -> Variant:
	_called[method] = true
	return _peer.callv(method, arguments)


func _expect(method: String, arguments: Array, wanted: Variant) -> void:
	equal(_do(method, arguments), wanted, method)


# What a try_get returns once it is there.
func _expect_soon(method: String, arguments: Array, wanted: Variant) -> void:
	equal(eventually(_do.bind(method, arguments), method), wanted, method)


func _exchange_values() -> void:
	for type: String in VALUES:
		for value: Variant in VALUES[type]:
			_do("put_" + type, [value])
			_do("put_" + type, [value])
			_expect("get_" + type, [], value)
			_expect_soon("try_get_" + type, [], value)


func _exchange_texts() -> void:
	for method: String in ["get_string", "try_get_string"]:
		_do("put_string", ["plain"])
		_expect_soon(method, [], "plain")
	for method: String in ["get_utf8_string", "try_get_utf8_string"]:
		_do("put_utf8_string", [TEXT])
		_expect_soon(method, [], TEXT)
	for method: String in ["get_line", "try_get_line"]:
		_do("put_text", [TEXT + "\r\n"])
		_expect_soon(method, [], TEXT)
		_do("put_line", [TEXT])
		_expect_soon(method, [], TEXT)
	for method: String in ["get_until", "try_get_until"]:
		_do("put_text", ["a;b;"])
		_expect_soon(method, [";".to_utf8_buffer()], "a".to_utf8_buffer())
		_expect_soon(method, [";".to_utf8_buffer(), 10], "b".to_utf8_buffer())


func _exchange_variants() -> void:
	for value: Variant in VARIANTS:
		_do("put_var", [value])
		_expect("get_var", [], value)
		if value != null:
			_do("put_var", [value, true])
			_expect_soon("try_get_var", [true], value)


func _exchange_bytes() -> void:
	var bytes := PackedByteArray(range(256))
	equal(_peer.put_data(bytes), OK, "put_data")
	_expect_soon("try_get_data", [256], bytes)
	equal(_peer.put_data(bytes), OK, "put_data")
	equal(_peer.get_data(256), [OK, bytes], "get_data")
	equal(_peer.put_partial_data(bytes), [OK, 256], "put_partial_data")
	until(func() -> bool: return _peer.get_available_bytes() == 256, "the bytes")
	equal(_peer.get_partial_data(300), [OK, bytes], "get_partial_data")


func _batch() -> void:
	_expect("set_write_batching", [true], null)
	_expect("is_write_batching", [], true)
	_do("put_u32", [7])
	_expect("get_pending_write_bytes", [], 4)
	_expect("flush", [], OK)
	_expect("get_pending_write_bytes", [], 0)
	_expect("get_u32", [], 7)
	_do("set_write_batching", [false])


# Each option, before the peer connects.
func _set_options(options: Dictionary) -> void:
	for name: String in options:
		_do("set_" + name, [options[name]])
		_expect("get_" + name, [], options[name])


func _exchange_all() -> void:
	for big_endian: bool in [false, true]:
		_peer.big_endian = big_endian
		_exchange_values()
		_exchange_texts()
		_exchange_variants()
	_exchange_bytes()
	_batch()
	_expect("get_last_error", [], OK)


func _connect(arguments: Array) -> void:
	_expect("connect_to_host", arguments, OK)
	until(func() -> bool:
		_do("poll")
		return _do("get_status") != SPSStreamPeerSocket.STATUS_CONNECTING, "the connection")
	_expect("get_status", [], SPSStreamPeerSocket.STATUS_CONNECTED)


func _close(method: String, arguments: Array, reason: int) -> void:
	_do(method, arguments)
	until(func() -> bool:
		_do("poll")
		return _do("get_status") != SPSStreamPeerSocket.STATUS_CONNECTED, "the end")
	_expect("get_close_reason", [], reason)
	_expect("get_os_error", [], 0)
	check(_do("get_close_message").length() > 10, "get_close_message")


func _expect_every_method(name: String) -> void:
	for method: Dictionary in ClassDB.class_get_method_list(name, true):
		check(method.name in _called, "%s.%s was not called" % [name, method.name])


const OPTIONS := {
	"connect_timeout_ms": 20000, "io_timeout_ms": 20000, "idle_timeout_ms": 60000,
	"read_buffer_bytes": 32768, "write_buffer_bytes": 32768, "write_low_mark_bytes": 1024,
	"max_value_bytes": 16384, "os_send_buffer_bytes": 65536, "os_receive_buffer_bytes": 65536,
	"half_open": true,
}
const TCP_OPTIONS := {
	"attempt_delay_ms": 100, "user_timeout_ms": 60000, "keepalive_idle_ms": 30000,
	"keepalive_interval_ms": 5000, "keepalive_count": 3,
}


func test_tcp() -> void:
	_peer = SPSStreamPeerTCP.new()
	_set_options(OPTIONS)
	_set_options(TCP_OPTIONS)
	_expect("bind", [0, HOST], OK)
	_connect([HOST, _port])
	_expect("get_connected_host", [], HOST)
	_expect("get_connected_port", [], _port)
	_expect("get_local_host", [], HOST)
	check(_do("get_local_port") > 0, "get_local_port")
	_expect("set_no_delay", [true], null)
	_exchange_all()
	check(_do("get_tcp_info").received_bytes > 0, "get_tcp_info")
	equal(_do("get_connect_attempts").size(), 1, "get_connect_attempts")
	_expect("shutdown_write", [], OK)
	_close("get_u8", [], SPSStreamPeerSocket.CLOSE_PEER_FINISHED)
	_do("disconnect_from_host")
	_connect(["localhost", _port])
	_close("close_gracefully", [1000], SPSStreamPeerSocket.CLOSE_LOCAL)
	_connect([HOST, _port])
	_close("close_reset", [], SPSStreamPeerSocket.CLOSE_LOCAL)
	_expect_every_method("SPSStreamPeerSocket")
	_expect_every_method("SPSStreamPeerTCP")


func test_unix() -> void:
	_peer = SPSStreamPeerUDS.new()
	_set_options(OPTIONS)
	_expect("bind", [_path + ".client"], OK)
	_connect([_path])
	_expect("get_connected_path", [], _path)
	equal(_do("get_peer_credentials").uid, int(OS.get_environment("SPS_ECHO_UID")),
			"get_peer_credentials")
	_exchange_all()
	_close("disconnect_from_host", [], SPSStreamPeerSocket.CLOSE_LOCAL)
	_expect_every_method("SPSStreamPeerUDS")

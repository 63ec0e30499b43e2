# SPDX-License-Identifier: MIT
extends "res://suite.gd"

const VALUES := {
	"8": [0, -128, 127], "u8": [0, 255], "16": [-32768, 32767], "u16": [0x1234, 65535],
	"32": [-2147483648, 2147483647], "u32": [0x12345678, 4294967295],
	"64": [-9223372036854775807 - 1, 9223372036854775807], "u64": [0x123456789abcdef0, -1],
	"half": [0.0, -1.5], "float": [0.25, -16777216.0], "double": [1.0 / 3.0, -1e300],
}
var variants: Array = [null, true, -5, 1.25, "text", Vector3(1, 2, 3), {"a": [1, "b", {}]},
		[1, [2, [3]]], PackedInt32Array([1, 2, 3]), &"name", Color(1, 0, 0)]


# Each type, in both directions and both byte orders. Our try_get and Godot's own getters, which
# C++ calls too, alternate with ours on one stream.
func test_typed_values() -> void:
	for pair in [connect_to_godot(), accept_from_godot()]:
		for big_endian in [false, true, false]:
			pair[0].big_endian = big_endian
			pair[1].big_endian = big_endian
			for type in VALUES:
				for value in VALUES[type]:
					_exchange(pair[0], pair[1], type, value)


func _exchange(ours: SPSStreamPeerTCP, theirs: StreamPeerTCP, type: String, value: Variant) -> void:
	ours.call("put_" + type, value)
	equal(theirs.call("get_" + type), value, "Godot's get_" + type)
	for i in 3:
		theirs.call("put_" + type, value)
	equal(ours.call("get_" + type), value, "get_" + type)
	equal(eventually(Callable(ours, "try_get_" + type), type), value, "try_get_" + type)
	equal(_get_by_base(ours, type), value, "StreamPeer's get_" + type)


# Calls the methods of StreamPeer, not ours: the type of the variable decides.
func _get_by_base(peer: StreamPeer, type: String) -> Variant:
	match type:
		"8": return peer.get_8()
		"u8": return peer.get_u8()
		"16": return peer.get_16()
		"u16": return peer.get_u16()
		"32": return peer.get_32()
		"u32": return peer.get_u32()
		"64": return peer.get_64()
		"u64": return peer.get_u64()
		"half": return peer.get_half()
		"float": return peer.get_float()
		_: return peer.get_double()


func test_typed_calls() -> void:
	var pair := connect_to_godot()
	var ours: SPSStreamPeerTCP = pair[0] # a known type: Godot calls without Variants
	var theirs: StreamPeerTCP = pair[1]
	ours.big_endian = true
	ours.put_u16(0x1234)
	theirs.put_u16(0x1234)
	equal(theirs.get_u16(), 0x3412, "Godot's get_u16()")
	equal(ours.get_u16(), 0x3412, "get_u16()")


# Godot may pass arguments of exactly known types without a check. A null is one.
func test_known_null() -> void:
	var pair := connect_to_godot()
	var ours: SPSStreamPeerTCP = pair[0]
	ours.put_var(null, false)
	equal((pair[1] as StreamPeerTCP).get_var(), null, "a null")
	ours.put_var(5, true)
	equal((pair[1] as StreamPeerTCP).get_var(), 5, "a number")


# Godot decodes bytes that are no Variant as null. get_last_error() tells it from a null.
func test_malformed_variants() -> void:
	var pair := connect_to_godot()
	var ours: SPSStreamPeerTCP = pair[0]
	for bytes in [[], [0, 0, 0], [2, 0, 0, 0], [255, 0, 0, 0], [4, 0, 0, 0, 9, 0, 0, 0]]:
		pair[1].put_u32(bytes.size())
		pair[1].put_data(PackedByteArray(bytes))
		equal(ours.get_var(), null, "get_var() of %s" % [bytes])
		equal(ours.get_last_error(), ERR_INVALID_DATA, "its error")
	pair[1].put_var(null)
	equal(ours.get_var(), null, "a null")
	equal(ours.get_last_error(), OK, "its error")


# Godot calls a method of the peer in this variable without a reference of its own.
var peer: SPSStreamPeerTCP


# A script in the value drops the last reference to the peer. The call ends as if it had not.
func test_values_that_end_the_peer() -> void:
	const Dropper := preload("res://dropper.gd")
	for is_put in [true, false]:
		for is_complete in [true, false]:
			var pair := connect_ours()
			peer = pair.pop_front()
			var bytes := var_to_bytes_with_objects([Dropper.new(), 5])
			pair[0].put_u32(bytes.size())
			pair[0].put_data(bytes if is_complete else bytes.slice(0, -1) + PackedByteArray([9]))
			Dropper.suite = self
			if is_put:
				peer.put_var(Dropper.new(), true)
			else:
				peer.get_var(true)
			Dropper.suite = null
			equal(peer, null, "the reference")
			if is_put:
				check(pair[0].get_var(true) is Dropper, "the value at the other end")


func test_variants_that_cannot_be_put() -> void:
	var pair := connect_to_godot()
	var ours: SPSStreamPeerTCP = pair[0]
	var endless: Array = []
	endless.append(endless)
	ours.put_var(endless)
	equal(ours.get_last_error(), ERR_INVALID_PARAMETER, "an array that contains itself")
	endless.clear()
	ours.put_var(7)
	equal(pair[1].get_var(), 7, "the next value")


func test_try_get_takes_all_or_nothing() -> void:
	var pair := connect_to_godot()
	var ours: SPSStreamPeerTCP = pair[0]
	pair[1].put_data(PackedByteArray([1, 0, 0]))
	until(func() -> bool: return ours.get_available_bytes() == 3, "bytes")
	equal(ours.try_get_u32(), null, "a value that is not complete")
	equal(ours.get_last_error(), ERR_BUSY, "its error")
	equal(ours.try_get_data(4), null, "data that is not complete")
	equal(ours.get_available_bytes(), 3, "the bytes that are left")
	pair[1].put_u8(0)
	until(func() -> bool: return ours.get_available_bytes() == 4, "the last byte")
	equal(ours.try_get_data(4), PackedByteArray([1, 0, 0, 0]), "the data")
	equal(ours.try_get_data(0), PackedByteArray(), "no data")
	pair[1].disconnect_from_host()
	until(func() -> bool:
		ours.try_get_u8()
		return ours.get_last_error() != ERR_BUSY, "the end")
	equal(ours.get_last_error(), ERR_FILE_EOF, "the error at the end")


func test_raw_bytes() -> void:
	var pair := accept_from_godot()
	var ours: SPSStreamPeerTCP = pair[0]
	var data := PackedByteArray()
	data.resize(100000)
	for i in data.size():
		data[i] = i % 251
	equal(ours.put_partial_data(data.slice(0, 10)), [OK, 10], "put_partial_data()")
	equal(pair[1].get_data(10), [OK, data.slice(0, 10)], "Godot's get_data()")
	pair[1].put_data(data)
	equal(ours.get_data(data.size()), [OK, data], "get_data()")
	equal(ours.get_partial_data(10), [OK, PackedByteArray()], "get_partial_data() without bytes")
	pair[1].put_u8(1)
	until(func() -> bool: return ours.get_available_bytes() == 1, "a byte")
	equal(ours.get_partial_data(10), [OK, PackedByteArray([1])], "get_partial_data()")


func test_variants() -> void:
	for pair in [connect_to_godot(), accept_from_godot()]:
		var ours: SPSStreamPeerTCP = pair[0]
		for big_endian in [false, true]:
			ours.big_endian = big_endian
			pair[1].big_endian = big_endian
			for value in variants:
				ours.put_var(value)
				equal(pair[1].get_var(), value, "Godot's get_var()")
				pair[1].put_var(value)
				equal(ours.get_var(), value, "get_var()")
				pair[1].put_var(value)
				equal(_get_var_by_base(ours), value, "StreamPeer's get_var()")
				pair[1].put_var(value)
				var got: Variant = eventually(func() -> Variant:
					var value_there: Variant = ours.try_get_var()
					return [value_there] if ours.get_last_error() == OK else null, "a Variant")
				equal(got, [value], "try_get_var()")


func _get_var_by_base(peer: StreamPeer) -> Variant:
	return peer.get_var()


func test_hostile_length() -> void:
	var pair := accept_from_godot()
	var ours: SPSStreamPeerTCP = pair[0]
	pair[1].put_u32(0x7ffffff0)
	equal(ours.get_var(), null, "a Variant with a hostile length")
	equal(ours.get_last_error(), ERR_INVALID_DATA, "its error")
	equal(ours.get_utf8_string(), "", "a string with a hostile length")
	equal(ours.get_last_error(), ERR_INVALID_DATA, "its error")
	equal(ours.get_u32(), 0x7ffffff0, "the length, which nothing has consumed")


func test_malformed_variant() -> void:
	var pair := accept_from_godot()
	var ours: SPSStreamPeerTCP = pair[0]
	pair[1].put_u32(4)
	pair[1].put_u32(0xffff)
	pair[1].put_u8(9)
	equal(ours.get_var(), null, "a malformed Variant")
	equal(ours.get_u8(), 9, "the value after it")

# SPDX-License-Identifier: MIT
# The base of each file of tests. A test is a method test_*. It checks with check() and equal().
extends RefCounted

const HOST := "127.0.0.1"
const PATIENCE_MS := 20000

var tree: SceneTree
var failures := PackedStringArray()
var count := 0


func check(is_true: bool, what: String) -> void:
	count += 1
	if not is_true:
		failures.append(what)


func equal(got: Variant, wanted: Variant, what: String) -> void:
	check(typeof(got) == typeof(wanted) and got == wanted,
			"%s is %s, not %s" % [what, var_to_str(got), var_to_str(wanted)])


# Waits until a function returns true. It fails the test after a while.
func until(is_done: Callable, what: String) -> void:
	var end := Time.get_ticks_msec() + PATIENCE_MS
	while not is_done.call():
		if Time.get_ticks_msec() > end:
			check(false, "timeout: " + what)
			return
		OS.delay_usec(100)


# Calls a function until its result is not null, and returns the result.
func eventually(get_value: Callable, what: String) -> Variant:
	var end := Time.get_ticks_msec() + PATIENCE_MS
	while Time.get_ticks_msec() < end:
		var value: Variant = get_value.call()
		if value != null:
			return value
		OS.delay_usec(100)
	check(false, "timeout: " + what)
	return null


# Polls until there is an error, and returns it.
func poll_error(peer: Object) -> int:
	var error: Variant = eventually(func() -> Variant:
		var code: int = peer.poll()
		return code if code != OK else null, "an error")
	return OK if error == null else error


# until(), with frames in between.
func frames_until(is_done: Callable, what: String) -> void:
	var end := Time.get_ticks_msec() + PATIENCE_MS
	while not is_done.call():
		if Time.get_ticks_msec() > end:
			check(false, "timeout: " + what)
			return
		await tree.process_frame


func settle(peer: Object) -> void:
	until(func() -> bool:
		peer.poll()
		return peer.get_status() != 1, "connecting")


# Our peer, and Godot's at the other end.
func connect_to_godot() -> Array:
	var server := TCPServer.new()
	server.listen(0, HOST)
	var ours := SPSStreamPeerTCP.new()
	equal(ours.connect_to_host(HOST, server.get_local_port()), OK, "connect_to_host()")
	settle(ours)
	equal(ours.get_status(), SPSStreamPeerTCP.STATUS_CONNECTED, "the status")
	until(server.is_connection_available, "a connection")
	var theirs := server.take_connection()
	server.stop()
	return [ours, theirs]


# Our peer of our server, and Godot's that connected.
func accept_from_godot() -> Array:
	var server := SPSTCPServer.new()
	equal(server.listen(0, HOST), OK, "listen()")
	var theirs := StreamPeerTCP.new()
	theirs.connect_to_host(HOST, server.get_local_port())
	until(server.is_connection_available, "a connection")
	var ours := server.take_connection()
	settle(theirs)
	return [ours, theirs]


# Two of ours.
func connect_ours() -> Array:
	var server := SPSTCPServer.new()
	server.listen(0, HOST)
	var client := SPSStreamPeerTCP.new()
	client.connect_to_host(HOST, server.get_local_port())
	settle(client)
	until(server.is_connection_available, "a connection")
	return [client, server.take_connection()]

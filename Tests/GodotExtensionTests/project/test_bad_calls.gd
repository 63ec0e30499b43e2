# SPDX-License-Identifier: MIT
# Godot prints an error for most of these calls. None of them may crash.
extends "res://suite.gd"


func test_wrong_arguments() -> void:
	var peer: Object = SPSStreamPeerTCP.new()
	for arguments in [[], ["host"], ["host", "port"], [1, 2], ["host", 80, 3], [null, null],
			[[], {}], [peer, peer]]:
		equal(peer.callv("connect_to_host", arguments), null, "connect_to_host%s" % [arguments])
	equal(peer.connect_to_host("", 80), ERR_INVALID_PARAMETER, "an empty host")
	equal(peer.connect_to_host("a b", 80), ERR_INVALID_PARAMETER, "a wrong host")
	for port in [0, -1, 65536, 1 << 40, -(1 << 60)]:
		equal(peer.connect_to_host(HOST, port), ERR_INVALID_PARAMETER, "port %d" % port)
	equal(peer.bind(-1), ERR_INVALID_PARAMETER, "bind(-1)")
	equal(peer.get_status(), SPSStreamPeerTCP.STATUS_NONE, "the status")


func test_wrong_sizes() -> void:
	var pair := connect_to_godot()
	var ours: SPSStreamPeerTCP = pair[0]
	pair[1].put_data("some bytes\n".to_ascii_buffer())
	until(func() -> bool: return ours.get_available_bytes() == 11, "bytes")
	for size in [-1, -(1 << 40)]:
		equal(ours.try_get_data(size), null, "try_get_data(%d)" % size)
		equal(ours.get_line(size), "", "get_line(%d)" % size)
		equal(ours.get_last_error(), ERR_INVALID_PARAMETER, "its error")
		equal(ours.get_until(PackedByteArray([10]), size), PackedByteArray(), "get_until()")
		ours.close_gracefully(size)
		equal(ours.get_last_error(), ERR_INVALID_PARAMETER, "the error of close_gracefully()")
	equal(ours.try_get_data(1 << 40), null, "more than can be")
	equal(ours.get_string(-2), "", "get_string(-2)")
	ours.get_data(-1)
	ours.get_partial_data(-1)
	equal(ours.get_data(0)[1], PackedByteArray(), "get_data(0)")
	equal(ours.get_line(), "some bytes", "the bytes, which are all there")
	equal(ours.get_status(), SPSStreamPeerTCP.STATUS_CONNECTED, "the status")


func test_use_after_disconnect() -> void:
	var ours: SPSStreamPeerTCP = connect_to_godot()[0]
	ours.disconnect_from_host()
	for method in ClassDB.class_get_method_list(&"SPSStreamPeerSocket", true):
		if method.args.is_empty():
			ours.call(method.name)
	for method in ClassDB.class_get_method_list(&"SPSStreamPeerTCP", true):
		if method.args.is_empty():
			ours.call(method.name)
	ours.set_no_delay(true)
	for type in ["8", "u8", "16", "u16", "32", "u32", "64", "u64"]:
		ours.call("put_" + type, 1)
		equal(ours.get_last_error(), FAILED, "put_" + type)
	ours.put_var({})
	equal(ours.get_last_error(), FAILED, "put_var()")
	ours.put_utf8_string("text")
	equal(ours.put_text("text"), FAILED, "put_text()")
	equal(ours.shutdown_write(), FAILED, "shutdown_write()")
	equal(ours.close_gracefully(), FAILED, "close_gracefully()")
	equal(ours.get_status(), SPSStreamPeerTCP.STATUS_NONE, "the status")


func test_wrong_objects() -> void:
	var poller: Object = SPSPoller.new()
	var loop: Object = SPSNetworkLoop.new()
	var server := SPSTCPServer.new()
	var peer := SPSStreamPeerTCP.new()
	var node := Node.new()
	for wrong in [null, node, StreamPeerTCP.new(), poller, 5, "text"]:
		check(poller.callv("add", [wrong]) != OK, "poller.add(%s)" % [wrong])
		check(loop.callv("add_peer", [wrong]) != OK, "loop.add_peer(%s)" % [wrong])
	node.free()
	for arguments in [[node]]: # an object that no longer exists
		check(poller.callv("add", arguments) != OK, "poller.add() of a freed object")
		check(loop.callv("remove_peer", arguments) != OK, "loop.remove_peer() of a freed object")
	check(loop.callv("add_peer", [server]) != OK, "loop.add_peer() of a server")
	check(loop.callv("add_server", [peer]) != OK, "loop.add_server() of a peer")
	equal(loop.add_peer(peer), OK, "add_peer()")
	equal(poller.add(peer), ERR_ALREADY_IN_USE, "a peer of another poller")
	equal(poller.remove(peer), ERR_DOES_NOT_EXIST, "removing a peer of another poller")
	for time in [-5, -(1 << 40), 1 << 40]:
		equal(poller.wait(time), [], "wait(%d)" % time)
	loop.free()
	equal(poller.add(peer), OK, "a peer of a loop that no longer exists")


var no_peer: SPSStreamPeerSocket
var no_server: SPSSocketServer
var no_object: RefCounted


# Godot passes arguments of exactly known types without Variants, and nothing for a null.
func test_nulls_of_a_known_type() -> void:
	var poller := SPSPoller.new()
	var loop := SPSNetworkLoop.new()
	equal(loop.add_peer(no_peer), ERR_INVALID_PARAMETER, "add_peer()")
	equal(loop.remove_peer(no_peer), ERR_INVALID_PARAMETER, "remove_peer()")
	equal(loop.add_server(no_server), ERR_INVALID_PARAMETER, "add_server()")
	equal(loop.remove_server(no_server), ERR_INVALID_PARAMETER, "remove_server()")
	equal(poller.add(no_object), ERR_INVALID_PARAMETER, "add()")
	equal(poller.remove(no_object), ERR_INVALID_PARAMETER, "remove()")
	loop.free()


func test_abstract_classes() -> void:
	for name in [&"SPSStreamPeerSocket", &"SPSSocketServer"]:
		check(not ClassDB.can_instantiate(name), "%s can be instantiated" % name)


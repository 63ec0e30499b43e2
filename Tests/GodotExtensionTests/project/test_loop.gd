# SPDX-License-Identifier: MIT
extends "res://suite.gd"

var server: SPSTCPServer
var loop: SPSNetworkLoop
var events: Array = []


func _begin() -> void:
	server = SPSTCPServer.new()
	server.listen(0, HOST)
	loop = SPSNetworkLoop.new()
	tree.root.add_child(loop)
	equal(loop.add_server(server), OK, "add_server()")
	loop.connection_available.connect(func(from: SPSSocketServer) -> void:
		equal(from, server, "the server of a signal")
		while true:
			var peer := server.take_connection()
			if peer == null:
				break
			loop.add_peer(peer))


func _end() -> void:
	loop.queue_free()
	await tree.process_frame


func test_signals() -> void:
	_begin()
	var client := SPSStreamPeerTCP.new()
	loop.add_peer(client)
	loop.connected.connect(func(peer: SPSStreamPeerSocket) -> void:
		events.append("connected")
		equal(peer, client, "the connected peer")
		peer.put_u32(41))
	loop.readable.connect(func(peer: SPSStreamPeerSocket) -> void:
		var value: Variant = peer.try_get_u32()
		if value == 41:
			peer.put_u32(42)
		else:
			events.append(value)
			client.disconnect_from_host())
	loop.finished.connect(func(_peer: SPSStreamPeerSocket, reason: int) -> void:
		equal(reason, SPSStreamPeerSocket.CLOSE_PEER_FINISHED, "the reason of finished"))
	loop.closed.connect(func(peer: SPSStreamPeerSocket, reason: int, message: String) -> void:
		events.append("closed")
		check(peer != client, "the closed peer")
		equal(reason, SPSStreamPeerSocket.CLOSE_PEER_FINISHED, "the reason")
		equal(message, "The peer closed the connection.", "the message"))
	client.connect_to_host(HOST, server.get_local_port())
	await frames_until(func() -> bool: return events.size() == 3, "the signals")
	equal(events, ["connected", 42, "closed"], "the signals")
	await tree.process_frame
	equal(loop.get_count(), 1, "the count: both peers have left")
	await _end()


func test_await() -> void:
	_begin()
	var client := SPSStreamPeerTCP.new()
	loop.add_peer(client)
	client.connect_to_host("localhost", server.get_local_port())
	equal(await loop.connected, client, "the connected peer")
	client.put_line("a line")
	var peer: SPSStreamPeerSocket = await loop.readable
	equal(peer.try_get_line(), "a line", "the line")
	peer = null
	client.disconnect_from_host()
	var ended: Array = await loop.closed
	equal(ended[1], SPSStreamPeerSocket.CLOSE_PEER_FINISHED, "the reason")
	await _end()


func test_refused() -> void:
	_begin()
	var port := server.get_local_port()
	loop.remove_server(server)
	server.stop()
	var client := SPSStreamPeerTCP.new()
	loop.add_peer(client)
	var error := client.connect_to_host(HOST, port)
	if error == OK:
		var ended: Array = await loop.closed
		equal(ended[1], SPSStreamPeerSocket.CLOSE_REFUSED, "the reason")
		check(ended[2].begins_with("The connection was refused."), "the message: " + ended[2])
	else:
		equal(error, FAILED, "connect_to_host()")
	await _end()


func test_writable() -> void:
	_begin()
	var client := SPSStreamPeerTCP.new()
	client.connect_to_host(HOST, server.get_local_port())
	settle(client)
	loop.add_peer(client)
	var piece := PackedByteArray()
	piece.resize(30000)
	var sent := 0
	while client.put_data(piece) == OK:
		sent += piece.size()
		client.poll()
	equal(client.get_last_error(), ERR_BUSY, "the error of a put that is refused")
	var received := [0]
	loop.readable.connect(func(peer: SPSStreamPeerSocket) -> void:
		while true:
			var got: Array = peer.get_partial_data(65536)
			if got[1].is_empty():
				break
			received[0] += got[1].size())
	equal(await loop.writable, client, "the writable peer")
	await frames_until(func() -> bool: return received[0] == sent, "all bytes")
	equal(received[0], sent, "the bytes")
	await _end()


# The rest of a value that never comes must not keep a peer open for ever.
func test_end_inside_a_value() -> void:
	for order in 2:
		_begin()
		var client := SPSStreamPeerTCP.new()
		client.connect_to_host(HOST, server.get_local_port())
		settle(client)
		var lines: Array = []
		loop.readable.connect(func(peer: SPSStreamPeerSocket) -> void:
			var line: Variant = peer.try_get_line()
			while line != null:
				lines.append(line)
				line = peer.try_get_line())
		client.put_text("a line\nhalf a li")
		if order == 0: # the end comes later than the bytes
			await frames_until(func() -> bool: return lines.size() == 1, "the line")
		client.disconnect_from_host()
		var ended: Array = await loop.closed
		equal(ended[1], SPSStreamPeerSocket.CLOSE_PEER_FINISHED, "the reason")
		equal(lines, ["a line"], "the lines")
		ended.clear()
		await tree.process_frame
		equal(loop.get_count(), 1, "the count: the peer has left")
		await _end()


# A script that reads while a peer still connects must not lose the first bytes.
func test_read_before_connected() -> void:
	_begin()
	loop.remove_server(server)
	var client := SPSStreamPeerTCP.new()
	loop.add_peer(client)
	client.connect_to_host(HOST, server.get_local_port())
	until(server.is_connection_available, "a connection")
	var peer := server.take_connection()
	peer.put_u32(7)
	if client.get_status() == SPSStreamPeerTCP.STATUS_CONNECTING: # the loop has not served it yet
		equal(client.try_get_u32(), null, "a value while connecting")
		equal(client.get_last_error(), FAILED, "its error")
	await frames_until(func() -> bool:
		return client.get_status() == SPSStreamPeerTCP.STATUS_CONNECTED, "the status")
	equal(eventually(client.try_get_u32, "the value"), 7, "the value")
	await _end()


# Many peers have something in one frame, and the loop serves a few of them in each.
func test_budget() -> void:
	server = SPSTCPServer.new()
	server.listen(0, HOST)
	loop = SPSNetworkLoop.new()
	loop.max_events = 2
	loop.max_time_us = 500000
	tree.root.add_child(loop)
	var clients: Array = []
	for i in 7:
		var client := SPSStreamPeerTCP.new()
		client.connect_to_host(HOST, server.get_local_port())
		settle(client)
		until(server.is_connection_available, "a connection")
		loop.add_peer(server.take_connection())
		client.put_u8(i)
		clients.append(client)
	var frames := {}
	var values: Array = []
	loop.readable.connect(func(peer: SPSStreamPeerSocket) -> void:
		var frame := Engine.get_process_frames()
		frames[frame] = frames.get(frame, 0) + 1
		values.append(peer.try_get_u8()))
	await frames_until(func() -> bool: return values.size() == 7, "all values")
	check(frames.values().max() <= 2, "peers in one frame: %s" % [frames.values()])
	values.sort()
	equal(values, [0, 1, 2, 3, 4, 5, 6], "the values")
	await _end()


# A handler may remove a peer, drop the last reference to it, and free the loop.
func test_peer_that_ends_in_its_signal() -> void:
	_begin()
	var holder := {"peer": SPSStreamPeerTCP.new(), "seen": 0}
	loop.add_peer(holder.peer)
	loop.connected.connect(func(peer: SPSStreamPeerSocket) -> void:
		holder.seen += 1
		loop.remove_peer(peer)
		holder.peer = null)
	holder.peer.connect_to_host(HOST, server.get_local_port())
	await frames_until(func() -> bool: return holder.seen == 1, "the signal")
	equal(holder.peer, null, "the peer")
	await frames_until(func() -> bool: return loop.get_count() == 1, "the other end")
	await _end()


func test_loop_that_ends_in_its_signal() -> void:
	_begin()
	var clients: Array = []
	for i in 5:
		var client := SPSStreamPeerTCP.new()
		loop.add_peer(client)
		client.connect_to_host(HOST, server.get_local_port())
		clients.append(client)
	var id := loop.get_instance_id()
	loop.connected.connect(func(_peer: SPSStreamPeerSocket) -> void: loop.queue_free())
	await frames_until(func() -> bool: return not is_instance_id_valid(id), "the end of the loop")
	check(not is_instance_id_valid(id), "the loop")
	equal(clients[0].get_status(), SPSStreamPeerTCP.STATUS_CONNECTED, "a peer without its loop")


# Godot reports an error, because the node emits a signal. There must be no crash.
func test_loop_that_is_freed_in_its_signal() -> void:
	_begin()
	for i in 5:
		var client := SPSStreamPeerTCP.new()
		loop.add_peer(client)
		client.connect_to_host(HOST, server.get_local_port())
	var freed := [false]
	loop.connected.connect(func(_peer: SPSStreamPeerSocket) -> void:
		freed[0] = true
		loop.free())
	await frames_until(func() -> bool: return freed[0], "the signal")
	check(freed[0], "the signal")
	if is_instance_valid(loop):
		await _end()


class Extended extends SPSNetworkLoop:
	var frames := 0

	func _process(_delta: float) -> void:
		frames += 1


# A _process() of a script does not take the place of the loop's own.
func test_script_that_extends() -> void:
	server = SPSTCPServer.new()
	server.listen(0, HOST)
	var extended := Extended.new()
	tree.root.add_child(extended)
	var client := SPSStreamPeerTCP.new()
	extended.add_peer(client)
	extended.connected.connect(func(_peer: SPSStreamPeerSocket) -> void: events.append("connected"))
	client.connect_to_host(HOST, server.get_local_port())
	await frames_until(func() -> bool: return events.size() == 1, "the signal")
	check(extended.frames > 0, "the script's _process()")
	extended.free()


func test_loop_outside_of_the_tree() -> void:
	_begin()
	tree.root.remove_child(loop)
	var client := StreamPeerTCP.new()
	client.connect_to_host(HOST, server.get_local_port())
	for i in 5:
		await tree.process_frame
	equal(loop.get_count(), 1, "the count")
	tree.root.add_child(loop)
	await frames_until(func() -> bool: return loop.get_count() == 2, "the connection")
	equal(loop.get_count(), 2, "the count in the tree")
	loop.free()

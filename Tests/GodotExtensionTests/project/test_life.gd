# SPDX-License-Identifier: MIT
extends "res://suite.gd"

const TIMES := 10000

# The engine frees it at exit, while it is connected.
static var until_exit: Array = []


func test_connect_and_disconnect_many_times() -> void:
	var server := SPSTCPServer.new()
	server.listen(0, HOST)
	_connect_many_times(server, 100) # what is taken once is taken
	var objects := Performance.get_monitor(Performance.OBJECT_COUNT)
	var memory := Performance.get_monitor(Performance.MEMORY_STATIC)
	_connect_many_times(server, TIMES)
	var objects_after := Performance.get_monitor(Performance.OBJECT_COUNT)
	var memory_after := Performance.get_monitor(Performance.MEMORY_STATIC)
	print("%d connects: %d objects before, %d after; %d bytes more" % [
			TIMES, objects, objects_after, memory_after - memory])
	equal(objects_after, objects, "the number of objects")
	check(memory_after - memory < 65536, "the memory grew")


func _connect_many_times(server: SPSTCPServer, times: int) -> void:
	for i in times:
		var client := SPSStreamPeerTCP.new()
		client.connect_to_host(HOST, server.get_local_port())
		while client.get_status() == SPSStreamPeerTCP.STATUS_CONNECTING:
			client.poll()
		var peer := server.take_connection()
		while peer == null:
			peer = server.take_connection()
		client.put_u32(i)
		if peer.get_u32() != i:
			check(false, "a value is lost")
		if i % 3 == 0:
			client.disconnect_from_host()
		elif i % 3 == 1:
			client.close_reset()


# Calls on a variable of no known type use Variants.
func test_references_of_untyped_calls() -> void:
	var server: Variant = SPSTCPServer.new()
	server.listen(0, HOST)
	var client: Variant = SPSStreamPeerTCP.new()
	client.connect_to_host(HOST, server.get_local_port())
	settle(client)
	until(server.is_connection_available, "a connection")
	var peer: Variant = server.take_connection()
	equal(peer.get_reference_count(), 1, "the references to a connection")
	var poller: Variant = SPSPoller.new()
	poller.add(peer)
	equal(peer.get_reference_count(), 2, "the references to a peer of a poller")
	client.put_u8(1)
	var events: Variant = poller.wait(1000)
	equal(peer.get_reference_count(), 3, "the references with an event")
	events = null
	poller.remove(peer)
	equal(peer.get_reference_count(), 1, "the references in the end")
	equal(server.get_reference_count(), 1, "the references to the server")


func test_every_order_of_the_end() -> void:
	for order in 6:
		var parts := {"loop": SPSNetworkLoop.new(), "server": SPSTCPServer.new(), "peer": null}
		parts.server.listen(0, HOST)
		parts.peer = SPSStreamPeerTCP.new()
		parts.loop.add_server(parts.server)
		parts.loop.add_peer(parts.peer)
		parts.peer.connect_to_host(HOST, parts.server.get_local_port())
		var names := ["loop", "server", "peer"]
		for i in 3:
			var name: String = names.pop_at([order / 2, order % 2, 0][i])
			if name == "loop":
				parts.loop.free()
			else:
				parts[name] = null
		check(true, "")


func test_end_at_exit() -> void:
	var pair := connect_ours()
	var loop := SPSNetworkLoop.new()
	loop.add_peer(pair[0])
	tree.root.add_child(loop)
	var poller := SPSPoller.new()
	poller.add(pair[1])
	var ip := SPSIP.new()
	ip.resolve_hostname_queue_item("localhost")
	until_exit = [pair, poller, ip]
	check(true, "")

# SPDX-License-Identifier: MIT
extends "res://suite.gd"


func test_events() -> void:
	var poller := SPSPoller.new()
	var server := SPSTCPServer.new()
	server.listen(0, HOST)
	equal(poller.add(server), OK, "adding a server")
	equal(poller.add(server), ERR_ALREADY_IN_USE, "adding it again")
	var client := SPSStreamPeerTCP.new()
	equal(poller.add(client), OK, "adding a peer")
	equal(poller.get_count(), 2, "the count")
	client.connect_to_host(HOST, server.get_local_port())
	var seen := {}
	until(func() -> bool:
		for event in poller.wait(10):
			seen[event.object] = event.kinds
		return seen.size() == 2, "both events")
	equal(seen, {client: SPSPoller.EVENT_CONNECTED, server: SPSPoller.EVENT_CONNECTION_AVAILABLE},
			"the events")
	var peer := server.take_connection()
	poller.add(peer)
	client.put_u32(3)
	until(func() -> bool:
		for event in poller.wait(10):
			equal(event.object, peer, "the object of an event")
			equal(event.kinds, SPSPoller.EVENT_READABLE, "the peer's event")
			return true
		return false, "a readable peer")
	equal(peer.try_get_u32(), 3, "the value")
	client.disconnect_from_host()
	seen = {"kinds": 0}
	until(func() -> bool:
		for event in poller.wait(10):
			seen.kinds |= event.kinds
			equal(event.close_reason, SPSStreamPeerSocket.CLOSE_PEER_FINISHED, "the reason")
		return seen.kinds & SPSPoller.EVENT_CLOSED != 0, "the end")
	equal(poller.get_count(), 1, "the count: closed peers have left")
	equal(poller.remove(server), OK, "removing the server")
	equal(poller.remove(server), ERR_DOES_NOT_EXIST, "removing it again")
	equal(poller.get_count(), 0, "the count after removing")


func test_wait_keeps_objects_alive() -> void:
	var poller := SPSPoller.new()
	var pair := connect_to_godot()
	poller.add(pair[0])
	pair[0] = null
	pair[1].put_u8(5)
	equal(eventually(func() -> Variant:
		var events := poller.wait(10)
		return null if events.is_empty() else events[0].object.get_u8(), "a byte"), 5, "the byte")
	pair[1].disconnect_from_host()
	until(func() -> bool:
		poller.wait(10)
		return poller.get_count() == 0, "the end")


func test_poller_in_a_thread() -> void:
	var server := SPSTCPServer.new()
	server.listen(0, HOST)
	var port := server.get_local_port()
	var poller := SPSPoller.new()
	poller.add(server)
	var state := {"stop": false, "echoed": 0}
	var thread := Thread.new()
	thread.start(_serve.bind(poller, server, state))
	for i in 20:
		var client := StreamPeerTCP.new()
		client.connect_to_host(HOST, port)
		settle(client)
		client.put_u32(i)
		equal(client.get_u32(), i, "an echoed value")
		client.disconnect_from_host()
	state.stop = true
	poller.wake()
	thread.wait_to_finish()
	equal(state.echoed, 20, "the number of values")


func _serve(poller: SPSPoller, server: SPSTCPServer, state: Dictionary) -> void:
	while not state.stop:
		for event in poller.wait(-1):
			if event.object == server:
				poller.add(server.take_connection())
			elif event.kinds & SPSPoller.EVENT_READABLE:
				var value: Variant = event.object.try_get_u32()
				if value != null:
					event.object.put_u32(value)
					state.echoed += 1

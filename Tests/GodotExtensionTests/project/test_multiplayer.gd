# SPDX-License-Identifier: MIT
# Godot's high-level multiplayer over SPSMultiplayerPeer: a server and clients in one process.
extends "res://suite.gd"

const CONNECTED := MultiplayerPeer.CONNECTION_CONNECTED
const DISCONNECTED := MultiplayerPeer.CONNECTION_DISCONNECTED


# One player: a branch of the tree with a multiplayer API of its own.
class Player:
	var api: MultiplayerAPI
	var node: Node
	var peer: SPSMultiplayerPeer
	var events: Array = []

	func _init(tree: SceneTree, name: String, with_peer: SPSMultiplayerPeer) -> void:
		peer = with_peer
		var branch := Node.new()
		branch.name = name
		tree.root.add_child(branch)
		api = MultiplayerAPI.create_default_interface()
		api.multiplayer_peer = peer
		tree.set_multiplayer(api, branch.get_path())
		node = load("res://remote.gd").new()
		node.name = "remote"
		branch.add_child(node)
		api.peer_connected.connect(func(id: int) -> void: events.append(["connected", id]))
		api.peer_disconnected.connect(func(id: int) -> void: events.append(["left", id]))
		api.connected_to_server.connect(func() -> void: events.append("joined"))
		api.connection_failed.connect(func() -> void: events.append("failed"))
		api.server_disconnected.connect(func() -> void: events.append("lost"))

	func end(tree: SceneTree) -> void:
		tree.set_multiplayer(null, node.get_parent().get_path())
		api.multiplayer_peer = null
		node.get_parent().free()
		api = null # its signals refer to this object
		peer = null


var _players: Array[Player] = []


func _serve(max_clients := 32) -> Player:
	var peer := SPSMultiplayerPeer.new()
	equal(peer.create_server(0, max_clients, HOST), OK, "create_server()")
	_players.append(Player.new(tree, "server", peer))
	return _players.back()


func _join(server: Player, name: String, host := HOST) -> Player:
	var peer := SPSMultiplayerPeer.new()
	equal(peer.create_client(host, server.peer.get_local_port()), OK, "create_client()")
	equal(peer.get_connection_status(), MultiplayerPeer.CONNECTION_CONNECTING, "the status")
	_players.append(Player.new(tree, name, peer))
	return _players.back()


func _end() -> void:
	for player in _players:
		player.end(tree)
	_players.clear()
	await tree.process_frame


func test_remote_calls() -> void:
	var server := _serve()
	equal(server.peer.get_unique_id(), 1, "the server's number")
	var first := _join(server, "first", "localhost")
	await frames_until(func() -> bool: return "joined" in first.events, "the first client")
	var second := _join(server, "second")
	await frames_until(func() -> bool: return second.events.size() == 3 and first.events.size() == 3,
			"the second client")
	equal(server.peer.get_connection_status(), CONNECTED, "the server's status")
	var ids := [first.api.get_unique_id(), second.api.get_unique_id()]
	equal(server.events, [["connected", ids[0]], ["connected", ids[1]]], "what the server saw")
	check(["connected", ids[1]] in first.events, "the first client sees the second")
	equal(server.peer.get_peer_address(ids[0]), HOST, "the address of a client")
	check(server.peer.get_peer_port(ids[0]) > 0, "the port of a client")

	server.node.hear.rpc("to all")
	first.node.hear.rpc("from the first") # the server relays
	second.node.echo.rpc_id(1, {"x": [1, 2.5]})
	await frames_until(func() -> bool:
		return (server.node.calls.size() == 2 and first.node.calls.size() == 2
				and second.node.calls.size() == 3), "the calls")
	equal(server.node.calls, [[1, "to all"], [ids[0], "from the first"]], "the server's calls")
	check([1, "to all"] in first.node.calls, "the call to all")
	check([ids[0], "from the first"] in second.node.calls, "the relayed call")
	check([1, {"x": [1, 2.5]}] in second.node.calls, "the echo")
	var large := "x".repeat(500000)
	first.node.hear.rpc_id(1, large)
	await frames_until(func() -> bool: return server.node.calls.size() == 3, "a large packet")
	equal(server.node.calls[2][1].length(), large.length(), "its length")
	await _end()


func test_client_leaves() -> void:
	var server := _serve()
	var client := _join(server, "client")
	await frames_until(func() -> bool: return "joined" in client.events, "the client")
	var id := client.api.get_unique_id()
	client.peer.close()
	await frames_until(func() -> bool: return ["left", id] in server.events, "the server's signal")
	equal(client.peer.get_connection_status(), DISCONNECTED, "the status")
	equal(client.peer.get_unique_id(), 0, "the number")
	await _end()


func test_server_ends() -> void:
	var server := _serve()
	var client := _join(server, "client")
	await frames_until(func() -> bool: return "joined" in client.events, "the client")
	server.peer.close()
	await frames_until(func() -> bool: return "lost" in client.events, "server_disconnected")
	equal(client.peer.get_close_reason(), SPSStreamPeerSocket.CLOSE_PEER_FINISHED, "the reason")
	equal(client.peer.get_close_message(), "The peer closed the connection.", "the message")
	await _end()


func test_last_packets_before_the_end() -> void:
	var server := _serve()
	var client := _join(server, "client")
	await frames_until(func() -> bool: return "joined" in client.events, "the client")
	for i in 100:
		client.node.hear.rpc_id(1, i)
	client.peer.close() # what is queued leaves first
	await frames_until(func() -> bool: return server.events.size() == 2, "the end")
	equal(server.node.calls.size(), 100, "the calls before the end")
	await _end()


func test_disconnect_peer() -> void:
	var server := _serve()
	var client := _join(server, "client")
	await frames_until(func() -> bool: return "joined" in client.events, "the client")
	var id := client.api.get_unique_id()
	server.node.hear.rpc_id(id, "the last word")
	server.peer.disconnect_peer(id)
	await frames_until(func() -> bool:
		return "lost" in client.events and ["left", id] in server.events, "both signals")
	equal(client.node.calls, [[1, "the last word"]], "the call before the end")
	server.peer.disconnect_peer(99) # prints an error
	await _end()


func test_server_is_full_or_refuses() -> void:
	var server := _serve(1)
	var first := _join(server, "first")
	await frames_until(func() -> bool: return "joined" in first.events, "the first client")
	var second := _join(server, "second")
	await frames_until(func() -> bool: return "failed" in second.events, "connection_failed")
	first.peer.close()
	await frames_until(func() -> bool: return server.events.size() == 2, "the first one's end")
	server.peer.refuse_new_connections = true
	var third := _join(server, "third")
	await frames_until(func() -> bool: return "failed" in third.events, "connection_failed")
	server.peer.refuse_new_connections = false
	var fourth := _join(server, "fourth")
	await frames_until(func() -> bool: return "joined" in fourth.events, "the fourth client")
	await _end()


func test_nobody_there() -> void:
	var server := _serve()
	var port := server.peer.get_local_port()
	server.peer.close()
	var peer := SPSMultiplayerPeer.new()
	var error := peer.create_client(HOST, port)
	if error == OK:
		var client := Player.new(tree, "client", peer)
		_players.append(client)
		await frames_until(func() -> bool: return "failed" in client.events, "connection_failed")
	else:
		equal(error, FAILED, "create_client()")
	equal(peer.get_close_reason(), SPSStreamPeerSocket.CLOSE_REFUSED, "the reason")
	equal(peer.get_connect_attempts()[0].port, port, "the port of the attempt")
	await _end()


# What Godot's ENet peer tells, too.
func test_statistics() -> void:
	var server := _serve()
	var client := _join(server, "client")
	await frames_until(func() -> bool: return "joined" in client.events, "the client")
	var id := client.api.get_unique_id()
	for statistic in 4:
		server.peer.pop_statistic(statistic)
		client.peer.pop_statistic(statistic)
	server.node.hear.rpc_id(id, "to one")
	await frames_until(func() -> bool: return client.node.calls.size() == 1, "the call")
	var packets := server.peer.pop_statistic(SPSMultiplayerPeer.HOST_TOTAL_SENT_PACKETS)
	check(packets >= 1.0, "the packets") # Godot adds some of its own
	equal(client.peer.pop_statistic(SPSMultiplayerPeer.HOST_TOTAL_RECEIVED_PACKETS), packets,
			"the packets received")
	var bytes := server.peer.pop_statistic(SPSMultiplayerPeer.HOST_TOTAL_SENT_DATA)
	check(bytes > 6.0, "the bytes")
	equal(client.peer.pop_statistic(SPSMultiplayerPeer.HOST_TOTAL_RECEIVED_DATA), bytes, "received")
	check(server.peer.get_tcp_info(id).round_trip_us > 0, "the round trip")
	check(client.peer.get_tcp_info(1).round_trip_us > 0, "the round trip to the server")
	equal(server.peer.get_tcp_info(77), {}, "the figures of nobody")
	equal(client.peer.get_connect_attempts()[0].host, HOST, "the attempt")
	equal(server.peer.get_connect_attempts().size(), 0, "the server's attempts")
	equal(server.peer.get_pending_write_bytes(id), 0, "what waits")
	await _end()


# Peers that do not speak this protocol.
func test_strangers() -> void:
	var server := _serve()
	for words in [PackedByteArray(), "GET / HTTP/1.1\r\n\r\n".to_ascii_buffer(),
			PackedByteArray([5, 0, 0, 0, 83, 80, 83, 77, 2]), # another version
			PackedByteArray([255, 255, 255, 127, 1])]:
		var stranger := SPSStreamPeerTCP.new()
		stranger.connect_to_host(HOST, server.peer.get_local_port())
		settle(stranger)
		stranger.put_data(words)
		if words.is_empty():
			stranger.shutdown_write()
		await frames_until(func() -> bool:
			stranger.poll()
			return stranger.get_status() != SPSStreamPeerTCP.STATUS_CONNECTED, "the end")
	equal(server.events, [], "what the server saw")
	await _end()


# A client that reads nothing must not make the server's memory grow for ever.
func test_client_that_does_not_read() -> void:
	var peer := SPSMultiplayerPeer.new()
	peer.write_buffer_bytes = 100000
	peer.max_packet_bytes = 50000
	peer.create_server(0, 4, HOST)
	var server := Player.new(tree, "server", peer)
	_players.append(server)
	var client := SPSStreamPeerTCP.new()
	client.connect_to_host(HOST, peer.get_local_port())
	settle(client)
	client.put_data(PackedByteArray([5, 0, 0, 0, 83, 80, 83, 77, 1]))
	await frames_until(func() -> bool: return server.events.size() == 1, "the client")
	await frames_until(func() -> bool:
		if server.events.size() == 1:
			peer.set_target_peer(0)
			var packet := PackedByteArray()
			packet.resize(40000)
			peer.put_packet(packet)
		return server.events.size() == 2, "the end of the client")
	equal(server.events[1], ["left", server.events[0][1]], "what the server saw")
	await _end()


func test_close_in_a_signal() -> void:
	var server := _serve()
	server.peer.peer_connected.connect(func(_id: int) -> void: server.peer.close())
	var client := _join(server, "client")
	await frames_until(func() -> bool:
		return client.peer.get_connection_status() == DISCONNECTED, "the client's end")
	equal(server.peer.get_connection_status(), DISCONNECTED, "the status of the server")
	await _end()


# Godot's API polls the peer, and a script takes it away meanwhile.
func test_last_reference_in_a_signal() -> void:
	var server := _serve()
	var client := _join(server, "client")
	var weak: WeakRef = weakref(server.peer)
	server.peer = null
	server.api.multiplayer_peer.peer_connected.connect(func(_id: int) -> void:
		server.api.multiplayer_peer = null)
	await frames_until(func() -> bool:
		return client.peer.get_connection_status() == DISCONNECTED, "the client's end")
	check(weak.get_ref() == null, "the server still exists")
	await _end()


func test_bad_calls() -> void:
	var peer := SPSMultiplayerPeer.new()
	peer.poll()
	equal(peer.put_packet(PackedByteArray([1])), ERR_UNCONFIGURED, "put_packet()")
	equal(peer.get_packet(), PackedByteArray(), "get_packet()")
	equal(peer.get_packet_peer(), 0, "get_packet_peer()")
	equal(peer.create_server(-1), ERR_INVALID_PARAMETER, "a wrong port")
	equal(peer.create_server(0, 0), ERR_INVALID_PARAMETER, "no clients")
	equal(peer.create_server(0, 4, "no address"), ERR_INVALID_PARAMETER, "a wrong address")
	equal(peer.create_client("", 5), ERR_INVALID_PARAMETER, "no host")
	equal(peer.create_client(HOST, 0), ERR_INVALID_PARAMETER, "no port")
	equal(peer.get_connection_status(), DISCONNECTED, "the status")
	peer.max_packet_bytes = 0
	check(peer.max_packet_bytes > 0, "max_packet_bytes")
	equal(peer.create_server(0), OK, "create_server()")
	equal(peer.create_server(0), ERR_ALREADY_IN_USE, "create_server() again")
	equal(peer.create_client(HOST, 5), ERR_ALREADY_IN_USE, "create_client() of a server")
	equal(peer.get_connection_status(), CONNECTED, "the status of a server")
	peer.idle_timeout_ms = 5
	equal(peer.idle_timeout_ms, 0, "an option while in use")
	peer.disconnect_peer(7)
	peer.set_target_peer(7)
	equal(peer.put_packet(PackedByteArray([1])), ERR_INVALID_PARAMETER, "a target that is not there")
	peer.set_target_peer(0)
	equal(peer.put_packet(PackedByteArray([1])), OK, "a packet to nobody")
	peer.close()
	peer.close()

# SPDX-License-Identifier: MIT
# The time of one frame over many idle peers, beside Godot's own classes.
extends "res://suite.gd"

const PEERS := 1000
const FRAMES := 100

var clients: Array = []
var peers: Array = []


func _connect_crowd(server: Object, client_class: StringName) -> void:
	server.listen(0, HOST)
	for i in PEERS:
		var client: Object = ClassDB.instantiate(client_class)
		client.connect_to_host(HOST, server.get_local_port())
		settle(client)
		clients.append(client)
		until(server.is_connection_available, "a connection")
		peers.append(server.take_connection())


func test_a_frame_over_idle_peers() -> void:
	_connect_crowd(TCPServer.new(), &"StreamPeerTCP")
	var begin := Time.get_ticks_usec()
	for i in FRAMES:
		for peer: StreamPeerTCP in peers:
			peer.poll()
			peer.get_available_bytes()
	var godot_us := (Time.get_ticks_usec() - begin) / float(FRAMES)
	clients.clear()
	peers.clear()

	_connect_crowd(SPSTCPServer.new(), &"SPSStreamPeerTCP")
	var loop := SPSNetworkLoop.new()
	for peer in peers:
		loop.add_peer(peer)
	tree.root.add_child(loop)
	await tree.process_frame
	var process := Callable(loop, "_process")
	var received := [0]
	loop.readable.connect(func(peer: SPSStreamPeerSocket) -> void:
		while peer.try_get_u32() != null:
			received[0] += 1)
	for client in clients:
		client.put_u32(1)
	begin = Time.get_ticks_usec()
	while received[0] < PEERS and Time.get_ticks_usec() - begin < PATIENCE_MS * 1000:
		await tree.process_frame
	equal(received[0], PEERS, "the values of all peers")
	var with_us := await _frames()
	tree.root.remove_child(loop)
	var without_us := await _frames()
	print("%d idle peers: %.0f us to poll each StreamPeerTCP, %.1f us for a frame of SPSNetworkLoop"
			% [PEERS, godot_us, with_us - without_us])
	check(with_us - without_us < godot_us / 10, "SPSNetworkLoop is not ten times faster")
	loop.free()


# The mean time of a frame, in microseconds.
func _frames() -> float:
	var best := INF
	for round in 5:
		var begin := Time.get_ticks_usec()
		for i in FRAMES:
			await tree.process_frame
		best = minf(best, (Time.get_ticks_usec() - begin) / float(FRAMES))
	return best

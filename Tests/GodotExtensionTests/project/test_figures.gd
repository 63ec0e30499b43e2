# SPDX-License-Identifier: MIT
# Times beside those of Godot's own classes.
extends "res://suite.gd"

const PEERS := 1000
const FRAMES := 100
const VALUES := 20000

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
	var poller := SPSPoller.new()
	for peer in peers:
		poller.add(peer)
	poller.wait()
	begin = Time.get_ticks_usec()
	for i in FRAMES:
		poller.wait()
	var ours_us := (Time.get_ticks_usec() - begin) / float(FRAMES)
	poller = null
	print("%d idle peers, one frame: %.0f us to poll each StreamPeerTCP, %.2f us for SPSPoller"
			% [PEERS, godot_us, ours_us])
	check(ours_us < godot_us / 100, "SPSPoller is not a hundred times faster")


# Each peer of SPSNetworkLoop gets a value, and all of them are there after a few frames.
func test_a_loop_with_many_peers() -> void:
	var server := SPSTCPServer.new()
	var loop := SPSNetworkLoop.new()
	_connect_crowd(server, &"SPSStreamPeerTCP")
	for peer in peers:
		loop.add_peer(peer)
	tree.root.add_child(loop)
	var received := [0]
	loop.readable.connect(func(peer: SPSStreamPeerSocket) -> void:
		while peer.try_get_u32() != null:
			received[0] += 1)
	await tree.process_frame
	var idle_us := await _frame()
	for client in clients:
		client.put_u32(1)
	var busy_us := await _frame()
	await frames_until(func() -> bool: return received[0] == PEERS, "all values")
	print("%d peers in SPSNetworkLoop: %d us for a frame that none of them needs, %d us for a frame"
			% [PEERS, idle_us, busy_us] + " with a value and a signal of each")
	equal(received[0], PEERS, "the values of all peers")
	equal(loop.get_count(), PEERS, "the count")
	loop.free()


# The time of one whole frame, in microseconds.
func _frame() -> int:
	var begin := Time.get_ticks_usec()
	await tree.process_frame
	return Time.get_ticks_usec() - begin



# Small reads of bytes that are all there.
func test_typed_reads() -> void:
	var bytes := PackedByteArray()
	bytes.resize(4 * VALUES)
	var pair := accept_from_godot()
	var ours: SPSStreamPeerTCP = pair[0]
	var theirs: StreamPeerTCP = pair[1]
	theirs.put_data(bytes)
	until(func() -> bool: return ours.get_available_bytes() == bytes.size(), "all bytes")
	var begin := Time.get_ticks_usec()
	for i in VALUES:
		ours.get_u32()
	var ours_ns := (Time.get_ticks_usec() - begin) * 1000.0 / VALUES
	ours.put_data(bytes)
	until(func() -> bool: return theirs.get_available_bytes() == bytes.size(), "all bytes")
	begin = Time.get_ticks_usec()
	for i in VALUES:
		theirs.get_u32()
	var theirs_ns := (Time.get_ticks_usec() - begin) * 1000.0 / VALUES
	print("get_u32() in GDScript: %.0f ns with StreamPeerTCP, %.0f ns with SPSStreamPeerTCP"
			% [theirs_ns, ours_ns])
	check(ours_ns < theirs_ns, "SPSStreamPeerTCP is slower")

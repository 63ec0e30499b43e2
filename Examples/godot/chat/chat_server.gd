# SPDX-License-Identifier: MIT
# A chat server: the first line of a client is its name, and every later line goes to everybody.
extends Node

const MAX_NAME_BYTES := 30
const MAX_LINE_BYTES := 500

var server := SPSTCPServer.new()
var loop := SPSNetworkLoop.new()
var names: Dictionary[SPSStreamPeerTCP, String] = {}


func _ready() -> void:
	add_child(loop)
	loop.connection_available.connect(_on_connection_available)
	loop.readable.connect(_on_readable)
	loop.closed.connect(_on_closed)


func listen(port: int) -> Error:
	server.idle_timeout_ms = 10 * 60 * 1000  # of each connection
	server.max_value_bytes = MAX_LINE_BYTES
	var error := server.listen(port)
	if error == OK:
		loop.add_server(server)
	return error


func _on_connection_available(_server: SPSSocketServer) -> void:
	var peer := server.take_connection()
	while peer:
		loop.add_peer(peer)
		peer = server.take_connection()


func _on_readable(peer: SPSStreamPeerTCP) -> void:
	while true:
		var line: Variant = peer.try_get_line(MAX_LINE_BYTES if peer in names else MAX_NAME_BYTES)
		if line == null:
			break
		if peer in names:
			_send_to_all("%s: %s" % [names[peer], line])
		else:
			names[peer] = line
			_send_to_all("* %s joins" % line)
	if peer.get_last_error() == ERR_INVALID_DATA:
		_drop(peer, "sent a line that is too long")


func _on_closed(peer: SPSStreamPeerTCP, _reason: int, message: String) -> void:
	_forget(peer, message)


# A client that does not read is dropped, so it delays nobody and costs no memory.
func _send_to_all(line: String) -> void:
	var slow: Array[SPSStreamPeerTCP] = []
	for peer: SPSStreamPeerTCP in names:
		if peer.put_line(line) == ERR_BUSY:
			slow.append(peer)
	for peer in slow:
		_drop(peer, "reads too slowly")


func _drop(peer: SPSStreamPeerTCP, why: String) -> void:
	loop.remove_peer(peer)
	peer.disconnect_from_host()
	_forget(peer, why)


func _forget(peer: SPSStreamPeerTCP, why: String) -> void:
	if peer in names:
		var player := names[peer]
		names.erase(peer)
		_send_to_all("* %s leaves. %s" % [player, why])

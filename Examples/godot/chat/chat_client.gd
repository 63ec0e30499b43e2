# SPDX-License-Identifier: MIT
# A client of the chat. Many clients can share a loop.
extends RefCounted

signal line_received(line: String)
signal ended(message: String)

var peer := SPSStreamPeerTCP.new()
var _loop: SPSNetworkLoop


func _init(loop: SPSNetworkLoop) -> void:
	_loop = loop
	_loop.readable.connect(_on_readable)
	_loop.closed.connect(_on_closed)


# A host may be a name. What is put before the connection is established leaves with it.
func join(host: String, port: int, player: String) -> Error:
	_loop.add_peer(peer)
	var error := peer.connect_to_host(host, port)
	if error == OK:
		peer.put_line(player)
	return error


func say(line: String) -> Error:
	return peer.put_line(line)


# The server gets every line before the connection ends.
func leave() -> void:
	peer.close_gracefully()


func _on_readable(from: SPSStreamPeerSocket) -> void:
	if from != peer:
		return
	while true:
		var line: Variant = peer.try_get_line()
		if line == null:
			break
		line_received.emit(line)


func _on_closed(from: SPSStreamPeerSocket, _reason: int, message: String) -> void:
	if from == peer:
		ended.emit(message)

# SPDX-License-Identifier: MIT
# Sends back what comes.
extends Node

const PIECE_BYTES := 16_384

var server := SPSTCPServer.new()
var loop := SPSNetworkLoop.new()
var rests: Dictionary[SPSStreamPeerTCP, PackedByteArray] = {}


func _ready() -> void:
	add_child(loop)
	loop.connection_available.connect(_on_connection_available)
	loop.readable.connect(_echo)
	loop.writable.connect(_echo)
	loop.closed.connect(_on_closed)


func listen(port: int) -> Error:
	var error := server.listen(port)
	if error == OK:
		loop.add_server(server)
	return error


func _on_connection_available(_server: SPSSocketServer) -> void:
	var peer := server.take_connection()
	while peer:
		loop.add_peer(peer)
		peer = server.take_connection()


# It reads no more than it can send, so a client that does not read costs no memory. The signal
# writable continues.
func _echo(peer: SPSStreamPeerTCP) -> void:
	while true:
		var piece: PackedByteArray = rests.get(peer, PackedByteArray())
		if piece.is_empty():
			piece = peer.get_partial_data(PIECE_BYTES)[1]
		if piece.is_empty():
			return
		if peer.put_data(piece) == ERR_BUSY:
			rests[peer] = piece
			return
		rests.erase(peer)


func _on_closed(peer: SPSStreamPeerTCP, _reason: int, _message: String) -> void:
	rests.erase(peer)

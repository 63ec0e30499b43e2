# SPDX-License-Identifier: MIT
# A lobby: it waits until enough players are there, and sends each of them the names of all.
extends Node

const PLAYERS := 4

var server := SPSTCPServer.new()
var loop := SPSNetworkLoop.new()
var waiting: Dictionary[SPSStreamPeerTCP, String] = {}
var matches := 0


func _ready() -> void:
	add_child(loop)
	loop.connection_available.connect(_on_connection_available)
	loop.readable.connect(_on_readable)
	loop.closed.connect(_on_closed)


func listen(port: int) -> Error:
	server.max_value_bytes = 1000  # a longer Variant is refused before it takes memory
	server.keepalive_idle_ms = 30_000  # players whose network is gone leave the lobby
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
	var request: Variant = peer.try_get_var()
	if request is Dictionary:
		_join(peer, request)
	elif peer.get_last_error() != ERR_BUSY:  # this is no request, and will be none
		_drop(peer)


func _join(peer: SPSStreamPeerTCP, request: Dictionary) -> void:
	var player: Variant = request.get("join")
	if player is not String:
		_drop(peer)
		return
	waiting[peer] = player
	if waiting.size() == PLAYERS:
		_begin_match()


func _drop(peer: SPSStreamPeerTCP) -> void:
	waiting.erase(peer)
	peer.disconnect_from_host()


func _on_closed(peer: SPSStreamPeerTCP, _reason: int, message: String) -> void:
	if waiting.erase(peer):
		print("lobby: a player left. ", message)


func _begin_match() -> void:
	matches += 1
	for peer: SPSStreamPeerTCP in waiting:
		peer.put_var({"match": matches, "players": waiting.values()})
		peer.close_gracefully()  # sends the answer first
	waiting.clear()

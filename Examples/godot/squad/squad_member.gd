# SPDX-License-Identifier: MIT
# One side of the game: the host or a guest. Only the class of the peer is not Godot's.
extends Node

signal heard(text: String)
signal ended(message: String)

var peer := SPSMultiplayerPeer.new()


func _ready() -> void:
	multiplayer.connection_failed.connect(_on_ended)
	multiplayer.server_disconnected.connect(_on_ended)


func host(port: int) -> Error:
	var error := peer.create_server(port)
	if error == OK:
		multiplayer.multiplayer_peer = peer
	return error


func join(address: String, port: int) -> Error:
	peer.connect_timeout_ms = 5000
	var error := peer.create_client(address, port)
	if error == OK:
		multiplayer.multiplayer_peer = peer
	return error


func leave() -> void:
	peer.close()


@rpc("any_peer", "reliable")
func say(text: String) -> void:
	heard.emit("%s from %d" % [text, multiplayer.get_remote_sender_id()])


func _on_ended() -> void:
	ended.emit(peer.get_close_message())

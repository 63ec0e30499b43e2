# SPDX-License-Identifier: MIT
# A player in the lobby: join() is one function from the connect to the answer.
extends Node

signal _changed

const TIMEOUT_MS := 5000

var loop := SPSNetworkLoop.new()


func _ready() -> void:
	add_child(loop)
	loop.readable.connect(_changed.emit.unbind(1))
	loop.closed.connect(_changed.emit.unbind(3))


# Returns the answer of the lobby, or a dictionary with an error.
func join(host: String, port: int, player: String) -> Dictionary:
	var peer := SPSStreamPeerTCP.new()
	peer.connect_timeout_ms = TIMEOUT_MS
	loop.add_peer(peer)
	if peer.connect_to_host(host, port) != OK:
		return {"error": peer.get_close_message()}
	peer.put_var({"join": player})
	var answer: Variant = peer.try_get_var()
	while answer == null and peer.get_status() in [
			SPSStreamPeerTCP.STATUS_CONNECTING, SPSStreamPeerTCP.STATUS_CONNECTED]:
		await _changed
		answer = peer.try_get_var()
	if answer is Dictionary:
		return answer
	return {"error": peer.get_close_message()}

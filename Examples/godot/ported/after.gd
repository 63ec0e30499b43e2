# SPDX-License-Identifier: MIT
# The same client with the add-on: no status to watch, no frame that waits, and a reason at the end.
extends Node

var loop := SPSNetworkLoop.new()


func _ready() -> void:
	add_child(loop)


func ask(host: String, port: int, text: String) -> String:
	var peer := SPSStreamPeerTCP.new()
	loop.add_peer(peer)
	peer.connect_to_host(host, port)
	peer.put_text(text)
	var bytes := text.to_utf8_buffer().size()
	var answer: Variant = null
	while answer == null and peer.get_close_reason() == SPSStreamPeerTCP.CLOSE_NONE:
		await get_tree().process_frame
		answer = peer.try_get_utf8_string(bytes)
	if answer == null:
		push_warning(peer.get_close_message())
	peer.disconnect_from_host()
	return answer if answer != null else ""

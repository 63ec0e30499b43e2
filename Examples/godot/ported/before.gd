# SPDX-License-Identifier: MIT
# A client with Godot's classes: it sends a text, and waits for the server to send it back.
extends Node

signal finished(answer: String)

var peer := StreamPeerTCP.new()
var text := ""
var received := PackedByteArray()
var is_sent := false


func start(host: String, port: int, what: String) -> void:
	text = what
	# A name is looked up here, and the frame waits for the name server.
	if peer.connect_to_host(host, port) != OK:
		finished.emit("")


func _process(_delta: float) -> void:
	peer.poll()
	match peer.get_status():
		StreamPeerTCP.STATUS_CONNECTED:
			if not is_sent:
				peer.put_data(text.to_utf8_buffer())  # waits if the server does not read
				is_sent = true
			_receive()
		StreamPeerTCP.STATUS_ERROR, StreamPeerTCP.STATUS_NONE:
			finished.emit("")  # nobody knows why
			set_process(false)


# A part of a character may arrive, so the bytes are gathered before they become text.
func _receive() -> void:
	var result := peer.get_partial_data(peer.get_available_bytes())
	if result[0] == OK:
		received.append_array(result[1])
	if received.size() == text.to_utf8_buffer().size():
		peer.disconnect_from_host()
		finished.emit(received.get_string_from_utf8())
		set_process(false)

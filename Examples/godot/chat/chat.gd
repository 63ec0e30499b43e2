# SPDX-License-Identifier: MIT
# A chat server and 50 clients in one process. Each client says one line, and hears all. With
# "-- --serve" it is a server for you and others: nc localhost 7777
extends Node

const Server := preload("chat_server.gd")
const Client := preload("chat_client.gd")
const CLIENTS := 50

var heard := 0
var clients: Array[Client] = []

@onready var loop: SPSNetworkLoop = $Loop
@onready var server: Server = $Server


func _ready() -> void:
	if "--serve" in OS.get_cmdline_user_args():
		print("chat: listening on port 7777: ", error_string(server.listen(7777)))
		return
	if server.listen(0) != OK:
		get_tree().quit(1)
		return
	var port := server.server.get_local_port()
	for i in CLIENTS:
		var client := Client.new(loop)
		client.line_received.connect(_on_line_received)
		client.join("localhost", port, "player %d" % i)
		clients.append(client)
	await _until(func() -> bool: return server.names.size() == CLIENTS)
	for client in clients:
		client.say("hello, everybody")
	await _until(func() -> bool: return heard == CLIENTS * CLIENTS)
	print("chat: %d clients heard %d lines" % [CLIENTS, heard])
	for client in clients:
		client.leave()
	await _until(func() -> bool: return server.names.is_empty())
	print("chat: everybody left")
	get_tree().quit()


func _on_line_received(line: String) -> void:
	if line.ends_with("hello, everybody"):
		heard += 1


func _until(is_done: Callable) -> void:
	while not is_done.call():
		await get_tree().process_frame

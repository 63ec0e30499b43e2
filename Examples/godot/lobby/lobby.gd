# SPDX-License-Identifier: MIT
# A lobby and its players in one process, and one player who finds no lobby.
extends Node

const Server := preload("lobby_server.gd")
const Client := preload("lobby_client.gd")
const NAMES: Array[String] = ["Ann", "Bob", "Cleo", "Dan"]

var answers: Array[Dictionary] = []

@onready var server: Server = $Server


func _ready() -> void:
	if server.listen(0) != OK:
		get_tree().quit(1)
		return
	var port := server.server.get_local_port()
	for player in NAMES:
		_play("localhost", port, player)
	_play("nobody.invalid", port, "Eve")
	while answers.size() <= NAMES.size():
		await get_tree().process_frame
	get_tree().quit()


func _play(host: String, port: int, player: String) -> void:
	var client := Client.new()
	add_child(client)
	var answer := await client.join(host, port, player)
	print("lobby: %s got %s" % [player, answer])
	answers.append(answer)

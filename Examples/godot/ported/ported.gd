# SPDX-License-Identifier: MIT
# Runs both clients against an echo server with the add-on.
extends Node

const Server := preload("echo_server.gd")
const Before := preload("before.gd")
const After := preload("after.gd")
const TEXT := "Grüße, world"

@onready var server: Server = $Server
@onready var before: Before = $Before
@onready var after: After = $After


func _ready() -> void:
	if server.listen(0) != OK:
		get_tree().quit(1)
		return
	var port := server.server.get_local_port()
	before.start("127.0.0.1", port, TEXT)
	print("before: ", await before.finished)
	print("after: ", await after.ask("localhost", port, TEXT))
	get_tree().quit()

# SPDX-License-Identifier: MIT
# High-level multiplayer: a host and a guest in one process. A game has one of them, and needs no
# set_multiplayer().
extends Node

const Member := preload("squad_member.gd")

@onready var host: Member = $Host/Member
@onready var guest: Member = $Guest/Member


func _enter_tree() -> void:
	for branch: NodePath in [^"Host", ^"Guest"]:
		var api := MultiplayerAPI.create_default_interface()
		get_tree().set_multiplayer(api, NodePath("%s/%s" % [get_path(), branch]))


func _ready() -> void:
	if host.host(0) != OK:
		get_tree().quit(1)
		return
	var port := host.peer.get_local_port()
	guest.join("nobody.invalid", port)
	print("squad: ", await guest.ended)
	guest.join("localhost", port)
	await guest.multiplayer.connected_to_server
	guest.say.rpc("hello")
	print("squad: the host hears ", await host.heard)
	host.say.rpc("welcome")
	print("squad: the guest hears ", await guest.heard)
	host.leave()
	print("squad: ", await guest.ended)
	get_tree().quit()

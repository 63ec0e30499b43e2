# SPDX-License-Identifier: MIT
# A node with remote procedures, for test_multiplayer.gd.
extends Node

var calls: Array = []


@rpc("any_peer", "call_local", "reliable")
func hear(what: Variant) -> void:
	calls.append([multiplayer.get_remote_sender_id(), what])


@rpc("any_peer")
func echo(what: Variant) -> void:
	hear.rpc_id(multiplayer.get_remote_sender_id(), what)

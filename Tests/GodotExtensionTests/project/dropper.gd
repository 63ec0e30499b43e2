# SPDX-License-Identifier: MIT
# A value whose script drops a reference of the suite while Godot encodes or decodes it.
extends Resource

static var suite

@export var number: int:
	get:
		_drop()
		return 5
	set(_value):
		_drop()


func _drop() -> void:
	if suite != null:
		suite.peer = null

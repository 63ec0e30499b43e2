# SPDX-License-Identifier: MIT
# The examples of docs/godot.md, which test_godot.py writes into the folder guide.
extends "res://suite.gd"


func test_examples_compile() -> void:
	for file in DirAccess.get_files_at("res://guide"):
		var script: GDScript = load("res://guide/" + file)
		check(script != null and script.can_instantiate(), "%s does not compile" % file)

# SPDX-License-Identifier: MIT
# Runs each test_* method of each test_*.gd, or of the files that are named after "--". It prints a
# line for each: "ok NAME" or "FAILED NAME: why". The status is 1 if one failed, or if none ran.
extends SceneTree

# Tests of a class that not every build of the extension has.
const NEEDS := {"test_own_tls.gd": &"SPSStreamPeerTLS"}

var _count := 0
var _failed := 0


func _initialize() -> void:
	_run_all.call_deferred()


func _run_all() -> void:
	await process_frame
	for file in _files():
		if file in NEEDS and not ClassDB.class_exists(NEEDS[file]):
			print("skipped %s: there is no %s" % [file, NEEDS[file]])
			continue
		await _run_file(file)
	print("%d tests, %d failed" % [_count, _failed])
	quit(1 if _failed > 0 or _count == 0 else 0)


func _files() -> PackedStringArray:
	var wanted := OS.get_cmdline_user_args()
	var files := PackedStringArray()
	for file in DirAccess.get_files_at("res://"):
		var name := file.trim_suffix(".gd")
		if name in wanted or wanted.is_empty() and name.begins_with("test_") and name != file:
			files.append(file)
	return files


func _run_file(file: String) -> void:
	var script: GDScript = load("res://" + file)
	if script == null or not script.can_instantiate():
		_report(file.get_basename(), ["the script does not compile"])
		return
	for method in script.get_script_method_list():
		if method.name.begins_with("test_"):
			var suite: RefCounted = script.new()
			suite.tree = self
			await suite.call(method.name)
			if suite.count == 0:
				suite.failures.append("it checked nothing")
			_report("%s.%s" % [file.get_basename().trim_prefix("test_"),
					method.name.trim_prefix("test_")], suite.failures)


func _report(name: String, failures: PackedStringArray) -> void:
	_count += 1
	if failures.is_empty():
		print("ok ", name)
	else:
		_failed += 1
		print("FAILED %s: %s" % [name, "; ".join(failures)])

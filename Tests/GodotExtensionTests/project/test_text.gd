# SPDX-License-Identifier: MIT
extends "res://suite.gd"


func test_strings() -> void:
	for pair in [connect_to_godot(), accept_from_godot()]:
		var ours: SPSStreamPeerTCP = pair[0]
		var theirs: StreamPeerTCP = pair[1]
		for text in ["", "abc", "häß €𝄞", "x".repeat(1000)]:
			ours.put_utf8_string(text)
			equal(theirs.get_utf8_string(), text, "Godot's get_utf8_string()")
			theirs.put_utf8_string(text)
			equal(ours.get_utf8_string(), text, "get_utf8_string()")
			theirs.put_utf8_string(text)
			equal(eventually(ours.try_get_utf8_string, "a string"), text, "try_get_utf8_string()")
		ours.put_string("ascii")
		equal(theirs.get_string(), "ascii", "Godot's get_string()")
		theirs.put_string("ascii")
		equal(ours.get_string(), "ascii", "get_string()")
		theirs.put_data("12345".to_ascii_buffer())
		equal(ours.get_string(3), "123", "get_string(3)")
		equal(ours.try_get_string(2), "45", "try_get_string(2)")
		equal(ours.try_get_string(2), null, "try_get_string() without bytes")


func test_lines() -> void:
	var pair := connect_to_godot()
	var ours: SPSStreamPeerTCP = pair[0]
	pair[1].put_data("first\r\nsecönd\nthi".to_utf8_buffer())
	equal(ours.get_line(), "first", "get_line()")
	equal(ours.try_get_line(), "secönd", "try_get_line()")
	equal(ours.try_get_line(), null, "a line without its end")
	equal(ours.get_last_error(), ERR_BUSY, "its error")
	pair[1].put_data("rd\n".to_utf8_buffer())
	equal(ours.get_line(), "third", "the line with its end")
	equal(ours.put_line("a line"), OK, "put_line()")
	equal(ours.put_text("raw"), OK, "put_text()")
	equal(pair[1].get_data(10), [OK, "a line\nraw".to_utf8_buffer()], "what was put")
	pair[1].put_data("too long\n".to_utf8_buffer())
	equal(ours.get_line(3), "", "a line above the limit")
	equal(ours.get_last_error(), ERR_INVALID_DATA, "its error")


func test_until() -> void:
	var pair := connect_to_godot()
	var ours: SPSStreamPeerTCP = pair[0]
	var ends := "\r\n\r\n".to_ascii_buffer()
	pair[1].put_data("head\r\n\r\nbody".to_ascii_buffer())
	equal(ours.get_until(ends), "head".to_ascii_buffer(), "get_until()")
	equal(ours.try_get_until(ends), null, "try_get_until() without the delimiter")
	pair[1].put_data(ends)
	until(func() -> bool: return ours.get_available_bytes() == 8, "bytes")
	equal(ours.try_get_until(ends), "body".to_ascii_buffer(), "try_get_until()")
	equal(ours.get_until(PackedByteArray()), PackedByteArray(), "no delimiter")
	equal(ours.get_last_error(), ERR_INVALID_PARAMETER, "its error")

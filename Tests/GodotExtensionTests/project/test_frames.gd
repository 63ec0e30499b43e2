# SPDX-License-Identifier: MIT
# Times of frames. test_godot.py runs this file with a name server that never answers.
extends "res://suite.gd"

const PEERS := 1000
const FRAMES := 200


# Measures each frame until a function returns true: the longest, in microseconds.
func _longest_frame(each: Callable, times: int) -> int:
	var longest := 0
	for i in times:
		var begin := Time.get_ticks_usec()
		each.call()
		longest = maxi(longest, Time.get_ticks_usec() - begin)
		await tree.process_frame
	return longest


func test_name_without_an_answer() -> void:
	var ours := SPSStreamPeerTCP.new()
	var begin := Time.get_ticks_usec()
	ours.connect_to_host("silent.example", 80)
	var call_us := Time.get_ticks_usec() - begin
	var frame_us := await _longest_frame(ours.poll, FRAMES)
	equal(ours.get_status(), SPSStreamPeerTCP.STATUS_CONNECTING, "the status")
	begin = Time.get_ticks_usec()
	ours.disconnect_from_host()
	var end_us := Time.get_ticks_usec() - begin
	print("a silent name server: connect_to_host() %d us, longest poll() %d us, disconnect %d us"
			% [call_us, frame_us, end_us])
	check(maxi(maxi(call_us, frame_us), end_us) < 2000, "a frame takes more than 2 ms")


func test_name_without_an_answer_in_godot() -> void:
	var theirs := StreamPeerTCP.new()
	var begin := Time.get_ticks_usec()
	theirs.connect_to_host("silent2.example", 80)
	print("Godot's StreamPeerTCP: connect_to_host() %d us" % (Time.get_ticks_usec() - begin))
	check(true, "")

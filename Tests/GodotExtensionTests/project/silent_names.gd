# SPDX-License-Identifier: MIT
# Times of frames while names have no answer. test_godot.py runs this file alone, with a name server
# that never answers some names and denies others.
extends "res://suite.gd"

const FRAMES := 200
const LIMIT_US := 2000


# The time of a call, in microseconds.
func _time(call_it: Callable) -> int:
	var begin := Time.get_ticks_usec()
	call_it.call()
	return Time.get_ticks_usec() - begin


# The machine may be busy with other programs, so the best of three rounds counts.
func _follow(name: String, status: int) -> void:
	var longest_us := LIMIT_US
	for i in 3:
		longest_us = await _follow_once("%s%d.example" % [name, i], status)
		if longest_us < LIMIT_US:
			break
	check(longest_us < LIMIT_US, "a call takes more than 2 ms")


func _follow_once(name: String, status: int) -> int:
	var peer := SPSStreamPeerTCP.new()
	var connect_us := _time(peer.connect_to_host.bind(name, 80))
	var poll_us := 0
	for i in FRAMES:
		poll_us = maxi(poll_us, _time(peer.poll))
		await tree.process_frame
	if status == SPSStreamPeerTCP.STATUS_ERROR:
		await frames_until(func() -> bool:
			poll_us = maxi(poll_us, _time(peer.poll))
			return peer.get_status() == status, "the end of the look-up")
	equal(peer.get_status(), status, "the status")
	var end_us := _time(peer.disconnect_from_host)
	print("%s: connect_to_host() %d us, the longest poll() %d us, disconnect_from_host() %d us" % [
			name, connect_us, poll_us, end_us])
	return maxi(maxi(connect_us, poll_us), end_us)


func test_name_without_an_answer() -> void:
	await _follow("silent", SPSStreamPeerTCP.STATUS_CONNECTING)


func test_name_that_does_not_exist() -> void:
	await _follow("denied", SPSStreamPeerTCP.STATUS_ERROR)


func test_look_up_without_an_answer() -> void:
	var ip := SPSIP.new()
	var begin_us := _time(ip.resolve_hostname_queue_item.bind("third.example"))
	var status_us := _time(ip.get_resolve_item_status.bind(0))
	equal(ip.get_resolve_item_status(0), SPSIP.RESOLVER_STATUS_WAITING, "the status")
	var end_us := _time(func() -> void: ip = null)
	print("SPSIP: begin %d us, status %d us, end %d us" % [begin_us, status_us, end_us])
	check(maxi(maxi(begin_us, status_us), end_us) < 10 * LIMIT_US, "a call waits")


# For comparison alone: how long Godot's own class stops everything.
func test_name_without_an_answer_in_godot() -> void:
	var peer := StreamPeerTCP.new()
	print("StreamPeerTCP: connect_to_host() %d us"
			% _time(peer.connect_to_host.bind("other.example", 80)))
	check(true, "")

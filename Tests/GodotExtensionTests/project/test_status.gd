# SPDX-License-Identifier: MIT
extends "res://suite.gd"


func test_connect_and_close() -> void:
	for pair in [connect_to_godot(), accept_from_godot()]:
		var ours: SPSStreamPeerTCP = pair[0]
		var theirs: StreamPeerTCP = pair[1]
		equal(ours.get_connected_host(), HOST, "the host")
		equal(ours.get_local_port(), theirs.get_connected_port(), "the local port")
		equal(ours.get_local_host(), HOST, "the local host")
		equal(ours.get_available_bytes(), 0, "the bytes there")
		equal(ours.get_close_reason(), SPSStreamPeerSocket.CLOSE_NONE, "the reason while open")
		equal(ours.get_close_message(), "", "the message while open")
		ours.set_no_delay(true)
		check(ours.get_tcp_info().segment_bytes > 0, "TCP_INFO has no segment size")
		theirs.put_data("the last bytes".to_ascii_buffer())
		theirs.disconnect_from_host()
		until(func() -> bool: return ours.get_available_bytes() == 14, "bytes")
		ours.poll()
		equal(ours.get_status(), SPSStreamPeerTCP.STATUS_CONNECTED, "the status with unread bytes")
		equal(ours.get_data(14), [OK, "the last bytes".to_ascii_buffer()], "the bytes")
		until(func() -> bool: return ours.poll() != OK or ours.get_status() == 0, "the end")
		equal(ours.get_status(), SPSStreamPeerTCP.STATUS_NONE, "the status after the end")
		equal(ours.get_close_reason(), SPSStreamPeerSocket.CLOSE_PEER_FINISHED, "the reason")
		equal(ours.get_close_message(), "The peer closed the connection.", "the message")
		equal(ours.get_available_bytes(), -1, "the bytes of a closed peer")


func test_refused() -> void:
	var server := TCPServer.new()
	server.listen(0, HOST)
	var port := server.get_local_port()
	server.stop()
	var ours := SPSStreamPeerTCP.new()
	var error := ours.connect_to_host(HOST, port)
	if error == OK:
		equal(poll_error(ours), ERR_CONNECTION_ERROR, "poll()")
		equal(ours.get_status(), SPSStreamPeerTCP.STATUS_ERROR, "the status")
		equal(ours.connect_to_host(HOST, port), ERR_ALREADY_IN_USE, "connecting in ERROR")
	else:
		equal(error, FAILED, "connect_to_host()")
	equal(ours.get_close_reason(), SPSStreamPeerSocket.CLOSE_REFUSED, "the reason")
	check(ours.get_close_message().begins_with("The connection was refused."), "the message")
	check(ours.get_os_error() != 0, "the OS's code is 0")
	var attempts := ours.get_connect_attempts()
	equal(attempts.size(), 1, "the number of attempts")
	equal(attempts[0].state, SPSStreamPeerTCP.ATTEMPT_FAILED, "the state of the attempt")
	equal(attempts[0].host, HOST, "the host of the attempt")
	ours.disconnect_from_host()
	equal(ours.get_status(), SPSStreamPeerTCP.STATUS_NONE, "the status after disconnect")


func test_name_that_does_not_exist() -> void:
	var ours := SPSStreamPeerTCP.new()
	equal(ours.connect_to_host("nobody.invalid", 80), OK, "connect_to_host()")
	equal(poll_error(ours), ERR_CANT_RESOLVE, "poll()")
	equal(ours.get_close_reason(), SPSStreamPeerSocket.CLOSE_NAME_NOT_FOUND, "the reason")


func test_every_address_of_localhost() -> void:
	var server := TCPServer.new()
	server.listen(0, HOST) # ::1, the first address of localhost, refuses
	var ours := SPSStreamPeerTCP.new()
	equal(ours.connect_to_host("localhost", server.get_local_port()), OK, "connect_to_host()")
	settle(ours)
	equal(ours.get_status(), SPSStreamPeerTCP.STATUS_CONNECTED, "the status")
	equal(ours.get_connected_host(), HOST, "the host")


func test_connect_timeout() -> void:
	var ours := SPSStreamPeerTCP.new()
	ours.connect_timeout_ms = 50
	if ours.connect_to_host("192.0.2.1", 9) == OK: # an address that no machine has (RFC 5737)
		poll_error(ours)
	# A network may refuse in place of a machine that is not there.
	check(ours.get_close_reason() in [SPSStreamPeerSocket.CLOSE_CONNECT_TIMED_OUT,
			SPSStreamPeerSocket.CLOSE_UNREACHABLE, SPSStreamPeerSocket.CLOSE_REFUSED],
			"the reason is " + ours.get_close_message())


func test_reconnect() -> void:
	var pair := connect_to_godot()
	var ours: SPSStreamPeerTCP = pair[0]
	ours.disconnect_from_host()
	equal(ours.get_close_reason(), SPSStreamPeerSocket.CLOSE_LOCAL, "the reason")
	equal(ours.get_u8(), 0, "a get after disconnect")
	equal(ours.get_last_error(), FAILED, "its error")
	equal(ours.put_data(PackedByteArray([1])), FAILED, "a put after disconnect")
	var server := TCPServer.new()
	server.listen(0, HOST)
	equal(ours.connect_to_host(HOST, server.get_local_port()), OK, "connecting again")
	settle(ours)
	equal(ours.get_status(), SPSStreamPeerTCP.STATUS_CONNECTED, "the status")


func test_bind() -> void:
	var server := TCPServer.new()
	server.listen(0, HOST)
	var ours := SPSStreamPeerTCP.new()
	equal(ours.bind(0, HOST), OK, "bind()")
	var port := ours.get_local_port()
	check(port > 0, "a bound peer has no port")
	equal(ours.bind(0), ERR_ALREADY_IN_USE, "binding again")
	ours.connect_to_host(HOST, server.get_local_port())
	settle(ours)
	equal(ours.get_local_port(), port, "the port")


func test_shutdown_write_and_half_open() -> void:
	var server := SPSTCPServer.new()
	server.half_open = true
	server.listen(0, HOST)
	var client := SPSStreamPeerTCP.new()
	client.connect_to_host(HOST, server.get_local_port())
	settle(client)
	until(server.is_connection_available, "a connection")
	var peer := server.take_connection()
	equal(peer.half_open, true, "half_open of a connection")
	client.put_u8(1)
	equal(client.shutdown_write(), OK, "shutdown_write()")
	equal(peer.get_u8(), 1, "the request")
	until(func() -> bool:
		peer.try_get_u8()
		return peer.get_last_error() == ERR_FILE_EOF, "the end of the request")
	equal(peer.get_status(), SPSStreamPeerTCP.STATUS_CONNECTED, "the status of a half-open peer")
	peer.put_u8(2)
	equal(client.get_u8(), 2, "the reply")


func test_close_gracefully() -> void:
	var pair := connect_to_godot()
	var ours: SPSStreamPeerTCP = pair[0]
	var theirs: StreamPeerTCP = pair[1]
	ours.write_batching = true
	ours.put_u32(5)
	equal(ours.get_pending_write_bytes(), 4, "the batched bytes")
	equal(ours.close_gracefully(5000), OK, "close_gracefully()")
	equal(theirs.get_u32(), 5, "the batched value")
	until(func() -> bool: # Godot notices the end and closes
		theirs.poll()
		return theirs.get_status() == StreamPeerTCP.STATUS_NONE, "Godot's end")
	until(func() -> bool:
		ours.poll()
		return ours.get_status() == SPSStreamPeerTCP.STATUS_NONE, "our end")
	equal(ours.get_close_reason(), SPSStreamPeerSocket.CLOSE_LOCAL, "the reason")


func test_reset() -> void:
	var pair := connect_ours()
	pair[0].close_reset()
	equal(poll_error(pair[1]), FAILED, "poll()")
	equal(pair[1].get_close_reason(), SPSStreamPeerSocket.CLOSE_RESET, "the reason")


func test_timeouts() -> void:
	var pair := connect_to_godot()
	var ours: SPSStreamPeerTCP = pair[0]
	ours.io_timeout_ms = 30
	equal(ours.get_u32(), 0, "a get that times out")
	equal(ours.get_last_error(), ERR_TIMEOUT, "its error")
	ours.idle_timeout_ms = 30
	equal(poll_error(ours), FAILED, "poll()")
	equal(ours.get_close_reason(), SPSStreamPeerSocket.CLOSE_IDLE, "the reason")


func test_batching() -> void:
	var pair := connect_to_godot()
	var ours: SPSStreamPeerTCP = pair[0]
	ours.write_batching = true
	equal(ours.write_batching, true, "write_batching")
	for i in 10:
		ours.put_u32(i)
	equal(ours.get_pending_write_bytes(), 40, "the pending bytes")
	equal(ours.flush(), OK, "flush()")
	equal(ours.get_pending_write_bytes(), 0, "the pending bytes after flush")
	for i in 10:
		equal(pair[1].get_u32(), i, "a batched value")


func test_options() -> void:
	var ours := SPSStreamPeerTCP.new()
	for property in ["connect_timeout_ms", "io_timeout_ms", "idle_timeout_ms", "user_timeout_ms",
			"read_buffer_bytes", "write_buffer_bytes", "write_low_mark_bytes", "max_value_bytes",
			"os_send_buffer_bytes", "os_receive_buffer_bytes", "keepalive_idle_ms",
			"keepalive_interval_ms", "keepalive_count"]:
		equal(ours.get(property), 0, property)
		ours.set(property, 100)
		equal(ours.get(property), 100, property)
		ours.set(property, -1)
		equal(ours.get(property), 100, property + " after a negative number")
		equal(ours.get_last_error(), ERR_INVALID_PARAMETER, "the error of " + property)
	var server := TCPServer.new()
	server.listen(0, HOST)
	ours.connect_to_host(HOST, server.get_local_port())
	settle(ours)
	ours.idle_timeout_ms = 7
	equal(ours.idle_timeout_ms, 7, "an option with a call of its own")
	ours.max_value_bytes = 7
	equal(ours.max_value_bytes, 100, "an option of a stream in use")

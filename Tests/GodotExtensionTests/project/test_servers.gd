# SPDX-License-Identifier: MIT
extends "res://suite.gd"


func test_listen_and_stop() -> void:
	var server := SPSTCPServer.new()
	equal(server.is_listening(), false, "is_listening() before")
	equal(server.get_local_port(), 0, "the port before")
	check(server.take_connection() == null, "a connection before")
	equal(server.get_last_error(), ERR_UNCONFIGURED, "its error")
	equal(server.listen(0, HOST), OK, "listen()")
	equal(server.is_listening(), true, "is_listening()")
	equal(server.listen(0), ERR_ALREADY_IN_USE, "listening again")
	var other := SPSTCPServer.new()
	equal(other.listen(server.get_local_port(), HOST), ERR_ALREADY_IN_USE, "a taken port")
	equal(other.listen(70000), ERR_INVALID_PARAMETER, "a wrong port")
	equal(other.listen(0, "no address"), ERR_INVALID_PARAMETER, "a wrong address")
	equal(server.is_connection_available(), false, "is_connection_available()")
	check(server.take_connection() == null, "a connection")
	equal(server.get_last_error(), ERR_BUSY, "its error")
	server.stop()
	equal(server.is_listening(), false, "is_listening() after")
	equal(server.listen(0), OK, "listening on every address")


func test_options_of_connections() -> void:
	var server := SPSTCPServer.new()
	server.max_value_bytes = 10
	server.idle_timeout_ms = 5000
	server.backlog = 5
	equal(server.backlog, 5, "backlog")
	server.listen(0, HOST)
	server.backlog = 6
	equal(server.backlog, 5, "backlog while listening")
	server.max_value_bytes = 20
	equal(server.max_value_bytes, 10, "an option while listening")
	var client := StreamPeerTCP.new()
	client.connect_to_host(HOST, server.get_local_port())
	until(server.is_connection_available, "a connection")
	var peer: SPSStreamPeerSocket = server.take_socket_connection()
	check(peer is SPSStreamPeerTCP, "the class of the connection")
	equal(peer.max_value_bytes, 10, "max_value_bytes")
	equal(peer.idle_timeout_ms, 5000, "idle_timeout_ms")
	settle(client)
	client.put_utf8_string("more than ten bytes")
	equal(peer.get_utf8_string(), "", "a string above the limit")


func test_unix_sockets() -> void:
	var path := ProjectSettings.globalize_path("user://").path_join("sps-%d" % OS.get_process_id())
	DirAccess.make_dir_recursive_absolute(path.get_base_dir())
	var server := SPSUDSServer.new()
	server.file_mode = 0x180 # 0600
	equal(server.listen(path), OK, "listen()")
	var client := SPSStreamPeerUDS.new()
	equal(client.connect_to_host(path), OK, "connect_to_host()")
	settle(client)
	equal(client.get_connected_path(), path, "the path")
	until(server.is_connection_available, "a connection")
	var peer := server.take_connection()
	check(peer is SPSStreamPeerUDS, "the class of the connection")
	equal(peer.get_peer_credentials().pid, OS.get_process_id(), "the process of the peer")
	client.put_var([1, 2])
	equal(peer.get_var(), [1, 2], "a Variant")
	equal(client.connect_to_host(path), ERR_ALREADY_IN_USE, "connecting again")
	server.stop()
	var nobody := SPSStreamPeerUDS.new()
	equal(nobody.connect_to_host(path), FAILED, "connecting to nobody")
	equal(nobody.connect_to_host(""), ERR_INVALID_PARAMETER, "connecting to no path")


func test_unix_sockets_of_godot() -> void:
	if not ClassDB.class_exists(&"StreamPeerUDS"):
		check(true, "")
		print("skipped: this Godot has no Unix sockets")
		return
	var path := ProjectSettings.globalize_path("user://").path_join("g-%d" % OS.get_process_id())
	var server := SPSUDSServer.new()
	equal(server.listen(path), OK, "listen()")
	var theirs: Object = ClassDB.instantiate(&"StreamPeerUDS")
	theirs.connect_to_host(path)
	settle(theirs)
	until(server.is_connection_available, "a connection")
	var ours := server.take_connection()
	theirs.put_u32(7)
	equal(ours.get_u32(), 7, "get_u32()")
	ours.put_utf8_string("reply")
	equal(theirs.get_utf8_string(), "reply", "Godot's get_utf8_string()")

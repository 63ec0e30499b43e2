# SPDX-License-Identifier: MIT
# Godot's own classes over our peers.
extends "res://suite.gd"


func test_packets() -> void:
	for pair in [connect_to_godot(), accept_from_godot()]:
		var over_ours := PacketPeerStream.new()
		over_ours.stream_peer = pair[0]
		var over_theirs := PacketPeerStream.new()
		over_theirs.stream_peer = pair[1]
		for text in ["", "a packet", "x".repeat(5000)]:
			equal(over_ours.put_packet(text.to_ascii_buffer()), OK, "put_packet()")
			over_theirs.put_packet(text.to_ascii_buffer())
			if text == "":
				continue # Godot counts an empty packet as none
			until(func() -> bool: return over_theirs.get_available_packet_count() > 0, "a packet")
			equal(over_theirs.get_packet().get_string_from_ascii(), text, "Godot's packet")
			until(func() -> bool: return over_ours.get_available_packet_count() > 0, "a packet")
			equal(over_ours.get_packet().get_string_from_ascii(), text, "our packet")
		over_ours.put_var({"x": 1})
		until(func() -> bool: return over_theirs.get_available_packet_count() > 0, "a Variant")
		equal(over_theirs.get_var(), {"x": 1}, "a Variant as a packet")


func test_tls() -> void:
	var crypto := Crypto.new()
	var key := crypto.generate_rsa(2048)
	if key == null:
		check(true, "")
		print("skipped: this Godot has no TLS")
		return
	var certificate := crypto.generate_self_signed_certificate(key, "CN=localhost")
	for is_server_ours in [true, false]:
		var pair := accept_from_godot()
		if not is_server_ours:
			pair = connect_to_godot()
			pair.reverse()
		var server := StreamPeerTLS.new()
		var client := StreamPeerTLS.new()
		equal(server.accept_stream(pair[0], TLSOptions.server(key, certificate)), OK, "accept")
		equal(client.connect_to_stream(pair[1], "localhost", TLSOptions.client_unsafe()), OK,
				"connect")
		until(func() -> bool:
			server.poll()
			client.poll()
			return (server.get_status() != StreamPeerTLS.STATUS_HANDSHAKING
					and client.get_status() != StreamPeerTLS.STATUS_HANDSHAKING), "the handshake")
		equal(client.get_status(), StreamPeerTLS.STATUS_CONNECTED, "the client")
		equal(server.get_status(), StreamPeerTLS.STATUS_CONNECTED, "the server")
		client.put_utf8_string("secret")
		equal(server.get_utf8_string(), "secret", "what the server got")
		var large := PackedByteArray()
		large.resize(100000)
		large.fill(7)
		server.put_data(large)
		equal(client.get_data(large.size()), [OK, large], "what the client got")


func test_tls_in_a_loop() -> void:
	var crypto := Crypto.new()
	var key := crypto.generate_rsa(2048)
	var certificate := crypto.generate_self_signed_certificate(key, "CN=localhost")
	var loop := SPSNetworkLoop.new()
	tree.root.add_child(loop)
	var pair := accept_from_godot()
	equal(loop.add_peer(pair[0]), OK, "add_peer()") # its writes gather from here on
	var server := StreamPeerTLS.new()
	var client := StreamPeerTLS.new()
	server.accept_stream(pair[0], TLSOptions.server(key, certificate))
	client.connect_to_stream(pair[1], "localhost", TLSOptions.client_unsafe())
	await frames_until(func() -> bool:
		server.poll()
		client.poll()
		return (server.get_status() == StreamPeerTLS.STATUS_CONNECTED
				and client.get_status() == StreamPeerTLS.STATUS_CONNECTED), "the handshake")
	server.put_u32(99)
	await frames_until(func() -> bool:
		client.poll()
		return client.get_available_bytes() >= 4, "a value")
	equal(client.get_u32(), 99, "the value")
	loop.queue_free()


func test_http_client() -> void:
	var server := SPSTCPServer.new()
	server.listen(0, HOST)
	var client := HTTPClient.new()
	client.connect_to_host(HOST, server.get_local_port())
	until(server.is_connection_available, "a connection")
	var peer := server.take_connection()
	until(func() -> bool:
		client.poll()
		return client.get_status() == HTTPClient.STATUS_CONNECTED, "the client")
	client.request(HTTPClient.METHOD_GET, "/path", [])
	equal(eventually(func() -> Variant:
		client.poll()
		return peer.try_get_line(), "a line"), "GET /path HTTP/1.1", "the request")
	while peer.get_line() != "":
		pass
	peer.put_text("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
	var body: Variant = eventually(func() -> Variant:
		client.poll()
		if client.get_status() != HTTPClient.STATUS_BODY:
			return null
		var chunk := client.read_response_body_chunk()
		return null if chunk.is_empty() else chunk, "the body")
	equal(body, "hello".to_ascii_buffer(), "the body")


class Extended extends SPSStreamPeerTCP:
	var name := "extended"

	func hello() -> int:
		put_u8(1)
		return get_status()


func test_script_that_extends() -> void:
	var server := TCPServer.new()
	server.listen(0, HOST)
	var peer := Extended.new()
	peer.connect_to_host(HOST, server.get_local_port())
	settle(peer)
	equal(peer.hello(), SPSStreamPeerTCP.STATUS_CONNECTED, "a method of the script")
	until(server.is_connection_available, "a connection")
	equal(server.take_connection().get_u8(), 1, "the byte")
	check(peer is StreamPeerExtension and peer is SPSStreamPeerSocket, "the classes above")

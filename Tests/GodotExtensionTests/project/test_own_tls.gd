# SPDX-License-Identifier: MIT
# SPSStreamPeerTLS with Godot's StreamPeerTLS at the other end. main.gd leaves it out if the
# extension is built without TLS.
extends "res://suite.gd"

var key: CryptoKey
var certificate: X509Certificate


func _make_certificate(name := "localhost") -> void:
	var crypto := Crypto.new()
	key = crypto.generate_rsa(2048)
	certificate = crypto.generate_self_signed_certificate(key, "CN=" + name)


# Of a server.
func _own_options() -> SPSTLSOptions:
	var options := SPSTLSOptions.new()
	options.certificate = certificate.save_to_string()
	options.key = key.save_to_string()
	equal(options.prepare(true), OK, "prepare()")
	return options


# Of a client that trusts the certificate itself. Godot makes none with a name in the place where
# RFC 9525 looks for it, so the name is not checked.
func _trusting_options() -> SPSTLSOptions:
	var options := SPSTLSOptions.new()
	options.trusted_chain = certificate.save_to_string()
	options.unsafe_client = true
	return options


func _handshake(one: Object, other: Object) -> void:
	until(func() -> bool:
		one.poll()
		other.poll()
		return (one.get_status() != StreamPeerTLS.STATUS_HANDSHAKING
				and other.get_status() != StreamPeerTLS.STATUS_HANDSHAKING), "the handshake")


func _exchange(ours: SPSStreamPeerTLS, theirs: StreamPeerTLS) -> void:
	equal(ours.get_status(), SPSStreamPeerTLS.STATUS_CONNECTED, "our status")
	equal(theirs.get_status(), StreamPeerTLS.STATUS_CONNECTED, "Godot's status")
	ours.put_var({"x": [1, 2.5]})
	equal(theirs.get_var(), {"x": [1, 2.5]}, "what Godot got")
	theirs.put_utf8_string("hello")
	equal(ours.get_utf8_string(), "hello", "what we got")
	var large := PackedByteArray()
	large.resize(100000)
	large.fill(7)
	theirs.put_data(large)
	equal(ours.get_data(large.size()), [OK, large], "many bytes")
	ours.put_data(large)
	equal(theirs.get_data(large.size()), [OK, large], "many bytes of ours")


func test_our_client() -> void:
	_make_certificate()
	var pair := connect_to_godot()
	var ours := SPSStreamPeerTLS.new()
	var theirs := StreamPeerTLS.new()
	theirs.accept_stream(pair[1], TLSOptions.server(key, certificate))
	equal(ours.connect_to_stream(pair[0], "localhost", _trusting_options()), OK, "connect")
	equal(ours.get_stream(), pair[0], "the stream below")
	_handshake(ours, theirs)
	_exchange(ours, theirs)
	check(ours.get_tls_info().version >= SPSTLSOptions.VERSION_TLS_1_2, "the version")
	check("localhost" in ours.get_peer_certificates()[0].subject, "the certificate")
	theirs.disconnect_from_stream()
	until(func() -> bool:
		ours.poll()
		return ours.get_status() != SPSStreamPeerTLS.STATUS_CONNECTED, "the end")
	equal(ours.get_close_reason(), SPSStreamPeerSocket.CLOSE_PEER_FINISHED, "the reason")


func test_our_server() -> void:
	_make_certificate()
	var pair := accept_from_godot()
	var ours := SPSStreamPeerTLS.new()
	var theirs := StreamPeerTLS.new()
	equal(ours.accept_stream(pair[0], _own_options()), OK, "accept")
	theirs.connect_to_stream(pair[1], "localhost", TLSOptions.client(certificate))
	_handshake(ours, theirs)
	_exchange(ours, theirs)


# Nobody vouches for the certificate, or it is for another name.
func test_distrust() -> void:
	_make_certificate()
	for case in ["a stranger", "another name"]:
		var pair := connect_to_godot()
		var loop := SPSNetworkLoop.new()
		tree.root.add_child(loop)
		var ours := SPSStreamPeerTLS.new()
		var theirs := StreamPeerTLS.new()
		theirs.accept_stream(pair[1], TLSOptions.server(key, certificate))
		if case == "a stranger":
			_make_certificate("other")
			var options := _trusting_options()
			equal(ours.connect_to_stream(pair[0], "localhost", options), OK, case)
		else:
			var options := _trusting_options()
			options.unsafe_client = false
			equal(ours.connect_to_stream(pair[0], "example.org", options), OK, case)
		equal(loop.add_peer(ours), OK, "add_peer()")
		var closed: Array = []
		loop.closed.connect(func(_peer: SPSStreamPeerSocket, reason: int, message: String) -> void:
			closed.append([reason, message]))
		await frames_until(func() -> bool:
			theirs.poll()
			return closed.size() == 1, "the end")
		equal(closed[0][0], SPSStreamPeerSocket.CLOSE_UNTRUSTED, "the reason of " + case)
		equal(closed[0][1], ours.get_close_message(), "the message")
		check(closed[0][1].length() > 20, "the message")
		check(ours.get_failure() != SPSStreamPeerTLS.FAILURE_NONE, "the failure")
		equal(ours.get_status(), SPSStreamPeerTLS.STATUS_ERROR if case == "a stranger"
				else SPSStreamPeerTLS.STATUS_ERROR_HOSTNAME_MISMATCH, "the status")
		loop.queue_free()


# All of it in one loop: the sockets, a server, and TLS over each connection.
func test_loop() -> void:
	_make_certificate()
	var own := _own_options()
	var loop := SPSNetworkLoop.new()
	tree.root.add_child(loop)
	var server := SPSTCPServer.new()
	server.listen(0, HOST)
	loop.add_server(server)
	var events: Array = []
	loop.connection_available.connect(func(from: SPSSocketServer) -> void:
		var peer := from.take_socket_connection()
		var secure := SPSStreamPeerTLS.new()
		equal(secure.accept_stream(peer, own), OK, "accept_stream()")
		equal(loop.add_peer(secure), OK, "add_peer()"))
	var tcp := SPSStreamPeerTCP.new()
	var client := SPSStreamPeerTLS.new()
	tcp.connect_to_host(HOST, server.get_local_port())
	equal(client.connect_to_stream(tcp, "localhost", _trusting_options()), OK, "connect_to_stream()")
	equal(loop.add_peer(client), OK, "add_peer()")
	loop.connected.connect(func(peer: SPSStreamPeerSocket) -> void:
		if peer == client:
			peer.put_line("a question"))
	loop.readable.connect(func(peer: SPSStreamPeerSocket) -> void:
		var line: Variant = peer.try_get_line()
		while line != null:
			events.append(line)
			if peer != client:
				peer.put_line("an answer")
			else:
				peer.disconnect_from_host() # also closes the peer below
			line = peer.try_get_line())
	loop.closed.connect(func(peer: SPSStreamPeerSocket, reason: int, _message: String) -> void:
		check(peer != client, "the closed peer")
		events.append(reason))
	await frames_until(func() -> bool: return events.size() == 3, "the exchange")
	equal(events, ["a question", "an answer", SPSStreamPeerSocket.CLOSE_PEER_FINISHED], "events")
	equal(tcp.get_status(), SPSStreamPeerTCP.STATUS_NONE, "the peer below")
	await tree.process_frame
	equal(loop.get_count(), 1, "the count")
	loop.queue_free()


func test_bad_calls() -> void:
	var peer := SPSStreamPeerTLS.new()
	equal(peer.connect_to_stream(null, "localhost"), ERR_INVALID_PARAMETER, "no stream")
	equal(peer.accept_stream(SPSStreamPeerTCP.new(), null), ERR_INVALID_PARAMETER, "no options")
	var options := SPSTLSOptions.new()
	equal(peer.accept_stream(SPSStreamPeerTCP.new(), options), ERR_INVALID_PARAMETER, "no key")
	options.key = "-----BEGIN NOTHING-----"
	equal(options.prepare(true), ERR_INVALID_DATA, "a wrong key")
	options.key = "res://no_such_file.key"
	equal(options.prepare(true), ERR_FILE_NOT_FOUND, "no file")
	equal(peer.get_status(), SPSStreamPeerTLS.STATUS_DISCONNECTED, "the status")
	check(peer.get_stream() == null, "the stream")
	options.protocols = ["h2", "http/1.1"]
	equal(options.protocols, PackedStringArray(["h2", "http/1.1"]), "the protocols")
	peer.disconnect_from_stream()

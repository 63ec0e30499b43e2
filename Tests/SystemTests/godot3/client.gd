extends SceneTree
# A client of an echo server: every value that it puts must come back.
# godot3-server --script client.gd PORT little|big


func _init():
	var arguments = OS.get_cmdline_args()
	var peer = StreamPeerTCP.new()
	peer.big_endian = arguments[-1] == "big"
	if peer.connect_to_host("127.0.0.1", int(arguments[-2])) != OK:
		fail("cannot connect")
		return
	while peer.get_status() == StreamPeerTCP.STATUS_CONNECTING:
		OS.delay_msec(1)
	if peer.get_status() != StreamPeerTCP.STATUS_CONNECTED:
		fail("not connected")
		return
	for value in [-128, -1, 0, 127]:
		peer.put_8(value)
		check(peer.get_8(), value, "8")
	for value in [0, 128, 255]:
		peer.put_u8(value)
		check(peer.get_u8(), value, "u8")
	for value in [-32768, -2, 32767]:
		peer.put_16(value)
		check(peer.get_16(), value, "16")
	for value in [0, 258, 65535]:
		peer.put_u16(value)
		check(peer.get_u16(), value, "u16")
	for value in [-2147483648, -3, 2147483647]:
		peer.put_32(value)
		check(peer.get_32(), value, "32")
	for value in [0, 16909060, 4294967295]:
		peer.put_u32(value)
		check(peer.get_u32(), value, "u32")
	for value in [-4, 72623859790382856, 9223372036854775807]:
		peer.put_64(value)
		check(peer.get_64(), value, "64")
		peer.put_u64(value)
		check(peer.get_u64(), value, "u64")
	for value in [0.0, -2.5, 1.5]:
		peer.put_float(value)
		check(peer.get_float(), value, "float")
	for value in [0.1, -2.25, 1e300]:
		peer.put_double(value)
		check(peer.get_double(), value, "double")
	for value in ["", "plain text"]:
		peer.put_string(value)
		check(peer.get_string(), value, "string")
	for value in ["", "héllo 日本語"]:
		peer.put_utf8_string(value)
		check(peer.get_utf8_string(), value, "utf8 string")
	var bytes = PoolByteArray(range(256))
	peer.put_data(bytes)
	check(peer.get_data(256), [OK, bytes], "data")
	peer.disconnect_from_host()
	if not failed:
		print("all values equal")
		quit(0)


var failed = false


func check(got, expected, what):
	if typeof(got) != typeof(expected) or got != expected:
		fail("%s: %s came back as %s" % [what, expected, got])


func fail(text):
	failed = true
	print(text)
	quit(1)

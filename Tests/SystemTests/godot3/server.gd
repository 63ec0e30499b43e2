extends SceneTree
# A server that reads each value of typed_peer and puts it back.
# godot3-server --script server.gd PORT little|big


func _init():
	var arguments = OS.get_cmdline_args()
	var server = TCP_Server.new()
	if server.listen(int(arguments[-2]), "127.0.0.1") != OK:
		print("cannot listen")
		quit(1)
		return
	print("listening")
	while not server.is_connection_available():
		OS.delay_msec(1)
	var peer = server.take_connection()
	peer.big_endian = arguments[-1] == "big"
	var values = [
		peer.get_8(), peer.get_u8(), peer.get_16(), peer.get_u16(), peer.get_32(),
		peer.get_u32(), peer.get_64(), peer.get_u64(), peer.get_float(), peer.get_double(),
		peer.get_string(), peer.get_utf8_string(), peer.get_data(5)[1],
	]
	print(values)
	peer.put_8(values[0])
	peer.put_u8(values[1])
	peer.put_16(values[2])
	peer.put_u16(values[3])
	peer.put_32(values[4])
	peer.put_u32(values[5])
	peer.put_64(values[6])
	peer.put_u64(values[7])
	peer.put_float(values[8])
	peer.put_double(values[9])
	peer.put_string(values[10])
	peer.put_utf8_string(values[11])
	peer.put_data(values[12])
	peer.get_u8() # waits until the client has gone
	quit(0)

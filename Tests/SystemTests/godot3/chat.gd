extends SceneTree
# A member of Examples/swift/Sources/chat: says each text, and prints each line that it hears.
# It leaves when somebody says "bye".
# godot3-server --script chat.gd PORT NAME TEXT...


func _init():
	var arguments = OS.get_cmdline_args()
	var first = Array(arguments).find("chat.gd") + 1
	var tcp = StreamPeerTCP.new()
	if tcp.connect_to_host("127.0.0.1", int(arguments[first])) != OK:
		print("cannot connect")
		quit(1)
		return
	while tcp.get_status() == StreamPeerTCP.STATUS_CONNECTING:
		OS.delay_msec(1)
	var packets = PacketPeerStream.new()
	packets.stream_peer = tcp
	for index in range(first + 1, arguments.size()):
		packets.put_var(arguments[index])
	while true:
		while packets.get_available_packet_count() > 0:
			var line = packets.get_var()
			print("heard ", line)
			if line.ends_with(": bye"):
				tcp.disconnect_from_host()
				quit(0)
				return
		OS.delay_msec(1)

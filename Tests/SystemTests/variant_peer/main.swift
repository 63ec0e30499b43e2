// SPDX-License-Identifier: MIT
//
// variant_peer serve|PORT little|big: exchanges values with another such program, in Swift or C++.
// Each line on stdin is a value as Godot writes it, in hexadecimal digits. The client puts each
// value and gets it back. The server gets each value and puts it back. Both encode the value again,
// and compare it with the line. Prints "ok", or the difference on stderr.
import Foundation
import StreamPeerSocket

struct Failure: Error {
  let text: String
}

func say(_ line: String, to file: FileHandle = .standardOutput) {
  file.write(Data("\(line)\n".utf8))
}

func check(_ error: GodotError, _ what: String) throws {
  guard error == .ok else { throw Failure(text: "\(what): \(error)") }
}

func bytes(hex line: String) -> [UInt8] {
  let digits = line.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] << 4 | digits[$0 + 1])
  }
}

// Waits for a value, which must have these bytes.
func expect(_ row: [UInt8], from peer: StreamPeer) throws -> Variant {
  guard let value = peer.getVar(allowObjects: true) else {
    throw Failure(text: "no value came: \(peer.lastError)")
  }
  guard try value.encoded() == row else { throw Failure(text: "another value came: \(value)") }
  return value
}

func serve(_ rows: [[UInt8]], bigEndian: Bool) throws {
  let server = TCPServer()
  try check(server.listen(0, "127.0.0.1"), "listen")
  say("listening on \(server.getLocalPort())")
  var taken: StreamPeerTCP?
  while taken == nil {
    taken = server.takeConnection()
    usleep(1000)
  }
  guard let peer = taken else { return }
  peer.bigEndian = bigEndian
  for row in rows { try check(peer.putVar(expect(row, from: peer), fullObjects: true), "put") }
  try check(peer.closeAndWait(), "close")
}

func connect(_ rows: [[UInt8]], port: Int, bigEndian: Bool) throws {
  let peer = StreamPeerTCP()
  peer.bigEndian = bigEndian
  try check(peer.connectToHost("127.0.0.1", port: port), "connect")
  while peer.getStatus() == .connecting {
    try check(peer.poll(), "connect")
    usleep(1000)
  }
  for row in rows {
    let value = try Variant(decoding: row, allowObjects: true)
    try check(peer.putVar(value, fullObjects: true), "put")
    _ = try expect(row, from: peer)
  }
}

let arguments = CommandLine.arguments
guard arguments.count == 3, ["little", "big"].contains(arguments[2]) else {
  say("usage: variant_peer serve|PORT little|big", to: .standardError)
  exit(EXIT_FAILURE)
}
do {
  var rows: [[UInt8]] = []
  while let line = readLine() { rows.append(bytes(hex: line)) }
  let bigEndian = arguments[2] == "big"
  if let port = Int(arguments[1]) {
    try connect(rows, port: port, bigEndian: bigEndian)
  } else {
    try serve(rows, bigEndian: bigEndian)
  }
  say("ok")
} catch {
  let text = (error as? Failure)?.text ?? "\(error)"
  say("variant_peer: \(text)", to: .standardError)
  exit(EXIT_FAILURE)
}

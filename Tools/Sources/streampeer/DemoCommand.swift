// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import StreamPeerSocket

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "See the library's main job, on real sockets of this machine.",
    discussion: """
      Listens on TCP and on a Unix socket, connects to both the way a game loop does, exchanges \
      every typed value, moves bytes both ways, and shows what happens at both ends of a connection.
      """)

  @Option(help: ArgumentHelp("MiB to move each way on each socket.", valueName: "mib"))
  var size = 256

  func validate() throws {
    guard 1...65536 ~= size else {
      throw ValidationError("the size is no number of MiB from 1 to 65536")
    }
  }

  func run() throws {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    var results = Table(columns: ["what", "TCP", "Unix socket"])
    let demos = [try Demo.overTCP(), try Demo.overUnix(in: directory)]
    try results.addRow("connect, polled once a frame", demos.map { try $0.connect() })
    try results.addRow("every typed value, both orders", demos.map { try $0.exchangeValues() })
    try results.addRow("\(size) MiB to the server", demos.map { try $0.move(size, .up) })
    try results.addRow("\(size) MiB to the client", demos.map { try $0.move(size, .down) })
    try results.addRow("the peer leaves, bytes unread", demos.map { try $0.leaveUnread() })
    try results.addRow("refused, as it should be", demos.map { try $0.connectToNobody() })
    Console.say()
    results.show()
  }
}

/// A directory that only this user can enter, for the Unix socket.
struct TemporaryDirectory {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/streampeer-\(getpid())"
    guard mkdir(path, 0o700) == 0 else {
      throw ToolError("cannot make \(path): \(String(cString: strerror(errno)))")
    }
  }

  func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }
}

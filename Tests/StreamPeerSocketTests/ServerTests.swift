// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("server", .watchdog)
struct ServerTests {
  @Test(arguments: Transport.allCases)
  func listeningTwiceIsAlreadyInUse(_ transport: Transport) throws {
    let server = transport.makeServer()
    #expect(!server.isListening())
    let listener = try Listener(transport)
    #expect(listener.server.isListening())
    #expect(listener.server.listen(at: listener.place) == .errAlreadyInUse)
    #expect(listener.server.isListening())
    _ = try listener.connect()  // it still serves
  }

  @Test(arguments: Transport.allCases)
  func aTakenAddressIsAlreadyInUse(_ transport: Transport) throws {
    let first = try Listener(transport)
    let second = transport.makeServer()
    #expect(second.listen(at: first.place) == .errAlreadyInUse)
    #expect(!second.isListening())
    _ = try first.connect()  // the first server is intact
    first.server.stop()
    #expect(second.listen(at: first.place) == .ok)
    #expect(second.isListening())
  }

  @Test(arguments: Transport.allCases)
  func noneIsTakenWhenNoneWaits(_ transport: Transport) throws {
    let listener = try Listener(transport)
    #expect(!listener.server.isConnectionAvailable())
    #expect(listener.server.takeSocketConnection() == nil)
    #expect(listener.server.lastError == .errBusy)
    switch listener.server {
    case let server as TCPServer: #expect(server.takeConnection() == nil)
    case let server as UDSServer: #expect(server.takeConnection() == nil)
    default: Issue.record("an unknown kind of server")
    }
    #expect(listener.server.isListening())
  }

  @Test(arguments: Transport.allCases)
  func noneIsTakenWhenItDoesNotListen(_ transport: Transport) {
    let server = transport.makeServer()
    #expect(!server.isConnectionAvailable())
    #expect(server.takeSocketConnection() == nil)
    #expect(server.lastError == .errUnconfigured)
    server.stop()
    #expect(server.lastError == .ok)
  }

  @Test(arguments: Transport.allCases)
  func connectionsAreTakenInOrder(_ transport: Transport) throws {
    let listener = try Listener(transport)
    var clients: [StreamPeerSocket] = []
    for i in UInt8(0)..<5 {
      let client = try listener.connect()
      #expect(client.putU8(i) == .ok)
      clients.append(client)
    }
    try waitUntil("a connection") { listener.server.isConnectionAvailable() }
    for i in UInt8(0)..<5 {
      #expect(try listener.take().receive(1) == [i])
      #expect(listener.server.lastError == .ok)
    }
    #expect(!listener.server.isConnectionAvailable())
    #expect(clients.count == 5)
  }

  @Test(arguments: Transport.allCases)
  func takenConnectionsAreOfTheServersKind(_ transport: Transport) throws {
    let listener = try Listener(transport)
    let clients = try (0..<2).map { _ in try listener.connect() }
    let any = try listener.take()
    #expect(transport == .tcp ? any is StreamPeerTCP : any is StreamPeerUDS)
    var taken: StreamPeerSocket?
    try waitUntil("a connection") {
      taken =
        switch listener.server {
        case let server as TCPServer: server.takeConnection()
        case let server as UDSServer: server.takeConnection()
        default: nil
        }
      return taken != nil
    }
    #expect(taken?.getStatus() == .connected)
    #expect(clients.count == 2)
  }

  @Test(arguments: Transport.allCases)
  func stopWhileConnectedKeepsTakenConnections(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let server = pair.listener.server
    let waiting = try pair.listener.connect()
    server.stop()
    #expect(server.lastError == .ok)
    server.stop()
    #expect(!server.isListening())
    #expect(!server.isConnectionAvailable())
    #expect(server.takeSocketConnection() == nil)
    #expect(server.lastError == .errUnconfigured)
    try waitUntil("the end of what was not taken") { waiting.polledStatus() != .connected }
    #expect(pair.client.putU8(5) == .ok)
    #expect(try pair.peer.receive(1) == [5])
    #expect(server.listen(at: pair.listener.place) == .ok)
    let again = try pair.listener.connect()
    #expect(again.putU8(6) == .ok)
    #expect(try pair.listener.take().receive(1) == [6])
  }

  @Test func theLocalPortIsReported() throws {
    let server = TCPServer()
    #expect(server.getLocalPort() == 0)
    #expect(server.listen(0, "127.0.0.1") == .ok)
    let port = server.getLocalPort()
    #expect(port > 0)
    let client = StreamPeerTCP()
    #expect(client.connectToHost("127.0.0.1", port: port) == .ok)
    try waitUntil("the connection") { client.polledStatus() == .connected }
    server.stop()
    #expect(server.getLocalPort() == 0)
  }

  @Test func theSocketFileGoesWithTheServer() throws {
    let listener = try Listener(.uds)
    let path = try listener.place.path
    #expect(FileManager.default.fileExists(atPath: path))
    listener.server.stop()
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(listener.server.listen(at: listener.place) == .ok)
    #expect(FileManager.default.fileExists(atPath: path))
  }

  @Test func aFileThatAServerLeftBehindIsReplaced() throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/listener"
    let dead = UDSServer()
    #expect(dead.listen(path) == .ok)
    close(Int32(dead.releaseFD()))  // as if its process were killed
    #expect(FileManager.default.fileExists(atPath: path))
    let server = UDSServer()
    #expect(server.listen(path) == .ok)
    #expect(StreamPeerUDS().connectToHost(path) == .ok)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["listener"])
    dead.stop()  // it has no file
    #expect(FileManager.default.fileExists(atPath: path))
  }

  @Test(arguments: [0o600, 0o666, 0o700])
  func theFileHasItsMode(_ mode: Int) throws {
    let listener = try Listener(.uds, ServerOptions(fileMode: mode))
    var status = stat()
    try #require(stat(try listener.place.path, &status) == 0)
    #expect(Int(status.st_mode & 0o7777) == mode)
    _ = try listener.connect()
  }

  @Test func serversShareAPortThatEachAsksFor() throws {
    let first = try Listener(.tcp, ServerOptions(reusePort: true))
    let second = TCPServer(options: ServerOptions(reusePort: true))
    #expect(second.listen(at: first.place) == .ok)
    #expect(second.getLocalPort() == (try first.place.port))
    #expect(TCPServer().listen(at: first.place) == .errAlreadyInUse)
    let clients = try (0..<32).map { _ in try first.connect() }
    var taken: [StreamPeerTCP] = []
    try waitUntil("every connection, of one server or the other") {
      taken += [first.server as? TCPServer, second].compactMap { $0?.takeConnection() }
      return taken.count == clients.count
    }
  }

  @Test func aFileThatIsNotASocketIsKept() throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/file"
    try "text".write(toFile: path, atomically: false, encoding: .utf8)
    #expect(UDSServer().listen(path) == .errAlreadyInUse)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "text")
  }

  @Test(arguments: Transport.allCases)
  func connectionsHaveTheServersOptions(_ transport: Transport) throws {
    let options = ServerOptions(stream: StreamOptions(maxValueBytes: 3))
    let listener = try Listener(transport, options)
    let client = try listener.connect()
    let peer = try listener.take()
    #expect(client.putString("four") == .ok)
    #expect(peer.getString() == "")
    #expect(peer.lastError == .errInvalidData)
  }

  @Test(arguments: Transport.allCases)
  func theBacklogIsLimited(_ transport: Transport) throws {
    let small = try Listener(transport, ServerOptions(backlog: 1))
    #expect(try small.fillBacklog().count < 8)
    let large = try Listener(transport)  // the OS limits it
    let clients = try (0..<64).map { _ in try large.connect() }
    #expect(clients.count == 64)
  }
}

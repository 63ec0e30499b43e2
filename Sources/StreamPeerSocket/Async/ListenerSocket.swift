// SPDX-License-Identifier: MIT
internal import CSocketCore

// The server of a listener, and the task that waits for connections.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
final class ListenerSocket: LoopSocket {
  let server: SocketServer
  let accepting = LoopGate()
  let acceptable = LoopWaits()
  // Connections that run() has accepted and whose tasks have not ended. Each value finishes one.
  private var served: [ObjectIdentifier: @Sendable () -> Void] = [:]
  // The OS has ended the listening socket.
  private(set) var hasFailed = false
  private var isPaused = false

  init(_ server: SocketServer, address: String, loop: SocketLoop) {
    self.server = server
    super.init(address: address, loop: loop)
  }

  var error: ConnectionError {
    ConnectionError(.failed, reason: .failed, osError: server.osError, address: address)
  }

  func start() throws(ConnectionError) {
    guard !isOnLoop else { return }
    let turn = loop.turn
    guard !turn.isEnding else {
      throw ConnectionError(.errUnavailable, reason: .local, address: address)
    }
    try addToPoller()
    turn.add(self)
  }

  private func addToPoller() throws(ConnectionError) {
    let code = unsafe sps_poller_add_server(
      loop.turn.poller, server.handle, Unmanaged.passUnretained(self as LoopSocket).toOpaque())
    guard code == 0 else { throw ConnectionError(GodotError(code: code), address: address) }
  }

  // One attempt to take a connection. It is done without one if the server has stopped.
  func acceptStep(limit: Int, _ peer: inout StreamPeerSocket?) throws -> LoopCall.Step {
    try start()
    guard server.isListening() else {
      if hasFailed { throw error }
      return .done
    }
    if served.count >= limit {
      pause()
      return .wait(in: acceptable)
    }
    peer = server.takeSocketConnection()
    if peer != nil { return .done }
    try watch()
    return .wait(in: acceptable)
  }

  // The next connections wait in the OS's backlog. The poller reports them at every wait, so the
  // server leaves it until watch().
  func pause() {
    guard !isPaused else { return }
    isPaused = true
    unsafe sps_poller_remove_server(loop.turn.poller, server.handle)
  }

  // The poller reports connections from now on.
  func watch() throws(ConnectionError) {
    guard isPaused else { return }
    try addToPoller()
    isPaused = false
  }

  // The task of a connection begins. `finish` keeps the connection, and lets it finish.
  func connectionBegan(_ connection: ObjectIdentifier, _ finish: @escaping @Sendable () -> Void) {
    served[connection] = finish
  }

  // The task of a connection has ended.
  func connectionEnded(_ connection: ObjectIdentifier) {
    served[connection] = nil
    acceptable.resumeFirst()
  }

  override func finish() {
    close()
    for finish in served.values { finish() }
  }

  override func leave() {
    loop.turn.remove(self)
    unsafe sps_poller_remove_server(loop.turn.poller, server.handle)
  }

  override func note(_ event: sps_event) {
    if unsafe SocketEvent.Kinds(rawValue: event.kinds).contains(.closed) { hasFailed = true }
    if acceptable.isEmpty { pause() }
    acceptable.resumeAll()
  }

  override func close() {
    server.stop()
    acceptable.resumeAll()
  }
}

// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// Signal handlers belong to the whole process, so these tests run one at a time. Each signal goes
/// to a thread of these tests. A timer of the process would mostly hit other threads.
@Suite("signals", .serialized, .watchdog)
struct SignalTests {
  @Test(arguments: Transport.allCases)
  func aThousandSignalsASecondDoNoHarm(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let (client, peer) = (pair.client, pair.peer)
    let sent = pattern(16 << 20)
    hailstones.pointee = 0
    let hail = Hail(SIGALRM) { _ in hailstones.pointee += 1 }
    defer { hail.end() }
    while hailstones.pointee < 2000 {  // long enough for a signal in every call
      let writer = Background { hail.strike { client.putData(sent) } }
      let (error, received) = hail.strike { peer.getData(sent.count) }
      #expect(error == .ok)
      #expect(received.count == sent.count)
      #expect(matches(received, sent))
      #expect(try writer.join() == .ok)
    }
    try hail.strike {  // also while connecting, by address and by name
      for i in 0..<50 {
        let other = transport.makePeer()
        if transport == .tcp, i % 2 == 0 {
          let port = try pair.listener.place.port
          #expect((other as? StreamPeerTCP)?.connectToHost("localhost", port: port) == .ok)
        } else {
          #expect(other.connect(to: pair.listener.place) == .ok)
        }
        try waitUntil("the connection") { other.polledStatus() == .connected }
        #expect(try pair.listener.take().getStatus() == .connected)
      }
    }
  }

  @Test(arguments: Transport.allCases)
  func thereIsNoSIGPIPE(_ transport: Transport) throws {
    pipeSignals.pointee = 0
    let handler = Handler(SIGPIPE) { _ in pipeSignals.pointee += 1 }
    defer { handler.remove() }
    let pair = try Pair(transport)
    pair.peer.disconnectFromHost()
    #expect(try answer { pair.client.putU8(1) } == .failed)
    for _ in 0..<10 { #expect(pair.client.putData([1]) == .failed) }
    #expect(pipeSignals.pointee == 0)
    raise(SIGPIPE)
    #expect(pipeSignals.pointee == 1)  // the handler was installed
  }
}

// Counters for the handlers. They exist before a handler does, because a handler may only store.
nonisolated(unsafe) private let pipeSignals = UnsafeMutablePointer<sig_atomic_t>.allocate(
  capacity: 1)
nonisolated(unsafe) private let hailstones = UnsafeMutablePointer<sig_atomic_t>.allocate(
  capacity: 1)

/// A signal handler without SA_RESTART, until it is removed.
private struct Handler {
  private let signal: Int32
  private var before = sigaction()

  init(_ signal: Int32, _ body: @convention(c) (Int32) -> Void) {
    self.signal = signal
    var action = sigaction()
    action.__sigaction_handler.sa_handler = body
    sigaction(signal, &action, &before)
  }

  func remove() {
    var before = before
    sigaction(signal, &before, nil)
  }
}

/// Sends a signal to every registered thread, a thousand times a second.
private final class Hail: @unchecked Sendable {
  private let signal: Int32
  private let handler: Handler
  private let lock = NSLock()
  private var threads: [pthread_t] = []
  private var hasEnded = false
  private var sender: Background<Void>?

  init(_ signal: Int32, _ body: @convention(c) (Int32) -> Void) {
    self.signal = signal
    handler = Handler(signal, body)
    sender = Background { [unowned self] in
      while sendOne() { usleep(1000) }
    }
  }

  /// Runs a body under the signals. Threads of Dispatch block signals, and so do the threads that
  /// they start.
  func strike<Value>(_ body: () throws -> Value) rethrows -> Value {
    let thread = pthread_self()
    var before = sigset_t()
    var struck = sigset_t()
    sigemptyset(&struck)
    sigaddset(&struck, signal)
    pthread_sigmask(SIG_UNBLOCK, &struck, &before)
    lock.withLock { threads.append(thread) }
    defer {
      lock.withLock { threads.removeAll { pthread_equal($0, thread) != 0 } }
      pthread_sigmask(SIG_SETMASK, &before, nil)
    }
    return try body()
  }

  func end() {
    lock.withLock { hasEnded = true }
    try? sender?.join()
    handler.remove()
  }

  // No thread ends meanwhile, because it must leave the list first.
  private func sendOne() -> Bool {
    lock.withLock {
      for thread in threads { pthread_kill(thread, signal) }
      return !hasEnded
    }
  }
}

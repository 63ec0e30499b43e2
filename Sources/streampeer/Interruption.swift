// SPDX-License-Identifier: MIT
import Foundation

/// Notes SIGINT and SIGTERM instead of dying of them.
final class Interruption: @unchecked Sendable {
  private let lock = NSLock()
  private var noted = false

  var came: Bool { lock.withLock { noted } }

  /// - Parameter body: is called once one of them has come, in a thread of its own: what a signal's
  ///   handler may do is little.
  init(_ body: @escaping @Sendable () -> Void) {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, nil)  // of the threads that come later, too
    Thread.detachNewThread { [self, signals] in
      var (signals, number) = (signals, Int32())
      sigwait(&signals, &number)
      lock.withLock { noted = true }
      body()
    }
  }
}

// SPDX-License-Identifier: MIT
import Foundation

/// Catches SIGINT and SIGTERM, so that the process ends in order.
final class Interruption: @unchecked Sendable {
  private let lock = NSLock()
  private var noted = false

  var came: Bool { lock.withLock { noted } }

  /// - Parameter body: called after one of the signals has come, on a separate thread. A signal
  ///   handler may call few functions.
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

// SPDX-License-Identifier: MIT
import Foundation

/// Returns the requests to end the program, SIGTERM and SIGINT. They no longer kill it, and none is
/// lost from now on.
///
/// `UnixSignalsSequence` of swift-service-lifecycle does the same.
public func terminationSignals() async -> AsyncStream<Int32> {
  let (requests, continuation) = AsyncStream<Int32>.makeStream()
  for number in [SIGTERM, SIGINT] {
    #if canImport(Darwin)
      signal(number, SIG_IGN)  // on Linux, Dispatch has a handler of its own
    #endif
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      continuation.yield(number)
      withExtendedLifetime(source) {}  // the handler keeps its source
    }
    await withCheckedContinuation { registered in
      source.setRegistrationHandler { registered.resume() }
      source.activate()
    }
  }
  return requests
}

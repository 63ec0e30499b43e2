// SPDX-License-Identifier: MIT
import NIOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

private typealias Hook =
  @convention(thin) (UnownedJob, @convention(thin) (UnownedJob) -> Void) -> Void

/// Runs all tasks of the program on NIO's event loop, so that no call changes threads.
///
/// NIO has no task executor. Its own benchmarks replace Swift's global executor like this.
public func runTasksOnEventLoop() {
  guard let symbol = dlsym(dlopen(nil, RTLD_LAZY), "swift_task_enqueueGlobal_hook") else {
    fatalError("this Swift runtime has no such hook")
  }
  symbol.assumingMemoryBound(to: Hook?.self).pointee = { job, _ in
    loop.executor.enqueue(ExecutorJob(job))
  }
}

// SPDX-License-Identifier: MIT
//
// NIOAsyncChannel without a change of threads, which its users get only by a hook of the runtime.
import Harness
import NIOAwaiting

runTasksOnEventLoop()
runRow(rows)

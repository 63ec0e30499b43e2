// SPDX-License-Identifier: MIT
//
// NIOAsyncChannel as its users get it: the tasks run on Swift's threads.
import Harness
import NIOAwaiting

runRow(rows)

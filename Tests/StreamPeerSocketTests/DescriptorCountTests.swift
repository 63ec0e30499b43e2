// SPDX-License-Identifier: MIT
import Foundation
import SwiftTestSupport
import Testing

/// The count of descriptors that tests leave open can fail.
@Suite("descriptor count", .watchdog)
struct DescriptorCountTests {
  @Test func anOpenDescriptorIsAFailureThatNamesIt() {
    let count = DescriptorCount(patience: .zero)
    count.begin("a test that leaks")
    let fd = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(fd) }
    withKnownIssue {
      count.end()
    } matching: { issue in
      issue.comments.contains {
        $0.rawValue.contains("a test that leaks") && $0.rawValue.contains("\"\(fd) socket:")
      }
    }
  }
}

// SPDX-License-Identifier: MIT

// A reference to an object that belongs to a loop's thread. It keeps the object alive.
//
// Any thread may hold and pass it, so it is Sendable. `object` is the only way to the object, and
// stops the program on any other thread: no data race is possible.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
@safe struct LoopBound<Object: LoopSocket>: @unchecked Sendable {
  // Of the base class: the metadata of a generic socket would cost a look-up in each access.
  private let reference: Unmanaged<LoopSocket>
  unowned(unsafe) let loop: SocketLoop

  // Takes over the caller's reference. The creator calls end() once.
  init(_ object: sending Object, on loop: SocketLoop) {
    unsafe reference = Unmanaged.passRetained(object)
    unsafe self.loop = loop
  }

  var object: Object {
    @inline(__always) get {
      unsafe loop.preconditionIsCurrent()
      return unsafe unsafeDowncast(reference._withUnsafeGuaranteedRef { $0 }, to: Object.self)
    }
  }

  // Lets the object leave the loop and end there. Any thread may call it.
  func end() {
    unsafe loop.post(.leave(reference))
  }

  // Closes the object on its loop. Any thread may call it.
  func close() {
    unsafe loop.post(.close(reference._withUnsafeGuaranteedRef { $0 }))
  }

  // Lets the object finish on its loop. Any thread may call it.
  func finish() {
    unsafe loop.post(.finish(reference._withUnsafeGuaranteedRef { $0 }))
  }
}

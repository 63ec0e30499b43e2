// SPDX-License-Identifier: MIT
//
// The OS's view of this process's sockets. The library does not publish its descriptors.
import Foundation

/// The sockets with a place as their own or their peer's address.
func socketsOfThisProcess(at place: Place) -> [Int32] {
  (Int32(0)..<4096).filter {
    address($0, getsockname) == place || address($0, getpeername) == place
  }
}

/// A numeric option of a socket.
func option(_ name: Int32, of descriptor: Int32, level: Int32 = Int32(IPPROTO_TCP)) -> Int32? {
  var value: Int32 = -1
  var size = socklen_t(MemoryLayout<Int32>.size)
  return getsockopt(descriptor, level, name, &value, &size) == 0 ? value : nil
}

private typealias AddressCall = (
  Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>
) -> Int32

private func address(_ descriptor: Int32, _ call: AddressCall) -> Place? {
  withUnsafeTemporaryAllocation(of: sockaddr_storage.self, capacity: 1) { buffer in
    let storage = UnsafeMutableRawBufferPointer(buffer)
    storage.initializeMemory(as: UInt8.self, repeating: 0)
    var size = socklen_t(storage.count)
    let code = call(descriptor, storage.baseAddress!.assumingMemoryBound(to: sockaddr.self), &size)
    guard code == 0 else { return nil }
    switch Int32(storage.load(as: sockaddr.self).sa_family) {
    case AF_INET:
      return .port(Int(UInt16(bigEndian: storage.load(as: sockaddr_in.self).sin_port)))
    case AF_UNIX:
      let path = storage[MemoryLayout<sockaddr_un>.offset(of: \.sun_path)!...].prefix { $0 != 0 }
      return .path(String(decoding: path, as: UTF8.self))
    default:
      return nil
    }
  }
}

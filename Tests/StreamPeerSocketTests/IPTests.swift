// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// Host names, and addresses of this machine. The tests need no network.
@Suite("IP", .watchdog)
struct IPTests {
  @Test func everyConstantIsGodots() throws {
    let constants = try #require(try GodotAPI.read().classes["IP"]).constants
    let statuses = IP.ResolverStatus.allCases.map { ($0.description, Int($0.rawValue)) }
    let types = IP.IPType.allCases.map { ($0.description, Int($0.rawValue)) }
    let numbers = [
      ("RESOLVER_MAX_QUERIES", IP.resolverMaxQueries),
      ("RESOLVER_INVALID_ID", IP.resolverInvalidID),
    ]
    let swift = statuses + numbers + types
    #expect(swift.map(\.0) == constants.map(\.name))
    #expect(swift.map { String($0.1) } == constants.map(\.value))
    let statusNames: [IP.ResolverStatus] = [.none, .waiting, .done, .error]
    #expect(statusNames == IP.ResolverStatus.allCases)
    let typeNames: [IP.IPType] = [.none, .ipv4, .ipv6, .any]
    #expect(typeNames == IP.IPType.allCases)
  }

  // MARK: Look-ups that wait

  static let known: [(host: String, ipv4: [String], ipv6: [String])] = [
    ("localhost", ["127.0.0.1"], ["::1"]),
    ("LOCALHOST", ["127.0.0.1"], ["::1"]),
    ("127.0.0.1", ["127.0.0.1"], []),
    ("::1", [], ["::1"]),
    ("0:0:0:0:0:0:0:1", [], ["::1"]),
  ]

  @Test(arguments: known)
  func aHostHasItsAddresses(_ host: String, _ ipv4: [String], _ ipv6: [String]) {
    for ip in [IP.singleton, IP()] {
      #expect(ip.resolveHostname(host, ipType: .ipv4) == ipv4.first ?? "")
      #expect(ip.resolveHostname(host, ipType: .ipv6) == ipv6.first ?? "")
      #expect(ip.resolveHostnameAddresses(host, ipType: .ipv4) == ipv4)
      #expect(ip.resolveHostnameAddresses(host, ipType: .ipv6) == ipv6)
      let all = ip.resolveHostnameAddresses(host)
      #expect(Set(all) == Set(ipv4 + ipv6))
      #expect(ip.resolveHostname(host) == all.first)
      #expect(ip.resolveHostname(host, ipType: .none) == "")
      #expect(ip.resolveHostnameAddresses(host, ipType: .none) == [])
    }
  }

  @Test func anUnknownNameHasNoAddress() {
    let host = "no-such-host.invalid"  // RFC 6761
    #expect(IP.singleton.resolveHostname(host) == "")
    #expect(IP.singleton.resolveHostnameAddresses(host) == [])
  }

  @Test func afterAShutdownAllGoesOn() {
    #expect(IP.shutdown(timeoutMilliseconds: -1) == .errInvalidParameter)
    #expect(IP.shutdown(timeoutMilliseconds: 60_000) == .ok)
    #expect(IP.singleton.resolveHostname("localhost") != "")
  }

  @Test(arguments: ["", " ", "a b", "256.0.0.1", "1.2.3", "::g", "*", "a..b", "http://a/", "hé"])
  func anInvalidHostHasNoAddress(_ host: String) {
    #expect(IP.singleton.resolveHostname(host) == "")
    #expect(IP.singleton.resolveHostnameAddresses(host) == [])
    #expect(IP.singleton.resolveHostnameQueueItem(host) == IP.resolverInvalidID)
  }

  // A look-up without a wait succeeds within any timeout.
  @Test(arguments: [0, 1, -1, Int.min, Int(Int32.max), Int(UInt32.max), Int.max])
  func theTimeMayBeAnyNumber(_ time: Int) {
    #expect(IP(timeoutMilliseconds: time).resolveHostname("127.0.0.1") == "127.0.0.1")
  }

  // MARK: Look-ups that do not wait

  @Test func anItemIsDoneOnceItIsFound() throws {
    let ip = IP()
    let id = ip.resolveHostnameQueueItem("localhost", ipType: .ipv4)
    #expect(id >= 0)
    try waitUntil("the address") { ip.getResolveItemStatus(id) != .waiting }
    #expect(ip.getResolveItemStatus(id) == .done)
    #expect(ip.getResolveItemAddress(id) == "127.0.0.1")
    #expect(ip.getResolveItemAddresses(id) == ["127.0.0.1"])
    #expect(ip.clearCache() == .ok)  // an item keeps its result
    #expect(ip.getResolveItemAddress(id) == "127.0.0.1")
    #expect(ip.eraseResolveItem(id) == .ok)
    #expect(ip.getResolveItemStatus(id) == .none)
    #expect(ip.getResolveItemAddress(id) == "")
    #expect(ip.getResolveItemAddresses(id) == [])
    #expect(ip.eraseResolveItem(id) == .errDoesNotExist)
  }

  @Test func anItemThatIsNotFoundIsAnError() throws {
    let ip = IP()
    let id = ip.resolveHostnameQueueItem("no-such-host.invalid")
    #expect(id >= 0)
    try waitUntil("the failure") { ip.getResolveItemStatus(id) != .waiting }
    #expect(ip.getResolveItemStatus(id) == .error)
    #expect(ip.getResolveItemAddress(id) == "")
    #expect(ip.getResolveItemAddresses(id) == [])
    #expect(ip.eraseResolveItem(id) == .ok)
  }

  @Test(arguments: [-1, 0, 255, 256, Int.min, Int.max, 1 << 32])
  func anInvalidItemNumberHasNoResult(_ id: Int) {
    let ip = IP()
    #expect(ip.getResolveItemStatus(id) == .none)
    #expect(ip.getResolveItemAddress(id) == "")
    #expect(ip.getResolveItemAddresses(id) == [])
    #expect(ip.eraseResolveItem(id) == .errDoesNotExist)
  }

  @Test func theQueueIsLimited() throws {
    let ip = IP()
    let ids = (0..<IP.resolverMaxQueries).map { _ in ip.resolveHostnameQueueItem("127.0.0.1") }
    #expect(Set(ids).count == IP.resolverMaxQueries)
    #expect(!ids.contains(IP.resolverInvalidID))
    #expect(ip.resolveHostnameQueueItem("127.0.0.1") == IP.resolverInvalidID)
    #expect(ip.eraseResolveItem(ids[100]) == .ok)
    let next = ip.resolveHostnameQueueItem("::1")
    #expect(next >= 0)
    try waitUntil("the address") { ip.getResolveItemStatus(next) == .done }
    #expect(ip.getResolveItemAddress(next) == "::1")
    #expect(ip.getResolveItemAddress(ids[99]) == "127.0.0.1")
  }

  @Test func queuesHaveTheirOwnItems() {
    let (one, other) = (IP(), IP())
    let id = one.resolveHostnameQueueItem("127.0.0.1")
    #expect(one.getResolveItemStatus(id) != .none)
    #expect(other.getResolveItemStatus(id) == .none)
  }

  @Test func aReleasedQueueCancelsItsLookUps() {
    weak var gone: IP?
    do {
      let ip = IP()
      gone = ip
      for i in 0..<40 { #expect(ip.resolveHostnameQueueItem("no-such-\(i).invalid") >= 0) }
    }
    #expect(gone == nil)
  }

  @Test func theCacheIsCleared() {
    let ip = IP()
    #expect(ip.resolveHostname("localhost", ipType: .ipv4) == "127.0.0.1")
    #expect(ip.clearCache("localhost") == .ok)
    #expect(ip.clearCache("no-such-host.invalid") == .ok)
    #expect(ip.clearCache("") == .ok)
    #expect(ip.clearCache() == .ok)
    #expect(ip.resolveHostname("localhost", ipType: .ipv4) == "127.0.0.1")
  }

  // MARK: Threads

  @Test func oneObjectServesManyThreads() throws {
    let ip = IP()
    let threads = (0..<8).map { thread in
      Background {
        (0..<100).allSatisfy { i in
          if i % 10 == 0 { ip.clearCache() }
          let id = ip.resolveHostnameQueueItem(i % 20 == 0 ? "no-such-\(thread).invalid" : "::1")
          let isThere = ip.getResolveItemStatus(id) != .none
          let known = ip.resolveHostname("localhost", ipType: .ipv4)
          return isThere && known == "127.0.0.1" && ip.eraseResolveItem(id) == .ok
        }
      }
    }
    for thread in threads { #expect(try thread.join()) }
  }

  // MARK: This machine

  @Test func thisMachineHasALoopback() {
    let addresses = IP.singleton.getLocalAddresses()
    #expect(addresses.contains("127.0.0.1"))
    #expect(!addresses.contains(""))
  }

  @Test func everyAddressIsOfAnInterface() throws {
    let interfaces = IP.singleton.getLocalInterfaces()
    let loopback = try #require(interfaces.first { $0.addresses.contains("127.0.0.1") })
    #expect(loopback.index == Int(if_nametoindex(loopback.name)))
    #expect(interfaces.allSatisfy { $0.friendly == $0.name && !$0.addresses.isEmpty })
    #expect(Set(interfaces.map(\.index)).count == interfaces.count)
    #expect(interfaces.flatMap(\.addresses) == IP.singleton.getLocalAddresses())
  }
}

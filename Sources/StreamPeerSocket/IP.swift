// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Host names, and the addresses of this machine. Godot: `IP`. (`sps_ip`)
///
/// A connect by name does not need it: ``StreamPeerTCP/connectToHost(_:port:)`` resolves the name
/// itself. The library keeps found addresses for 60 seconds, for at most 64 names. A connect uses
/// them too. It does not keep failures. An address and `localhost` need no look-up.
///
/// Unlike other objects, several threads may use it at once. So there is no last error. As in
/// Godot, a failed call returns an empty text, no addresses, or ``resolverInvalidID``.
@safe public final class IP: Sendable {
  /// The shared object of the program. Godot: `IP`, which is a singleton.
  public static let singleton = IP()

  /// The limit of queued items. Godot: `RESOLVER_MAX_QUERIES`. (`SPS_RESOLVER_MAX_QUERIES`)
  public static let resolverMaxQueries = Int(SPS_RESOLVER_MAX_QUERIES)

  /// A number that no item has. Godot: `RESOLVER_INVALID_ID`. (`SPS_RESOLVER_INVALID_ID`)
  public static let resolverInvalidID = Int(SPS_RESOLVER_INVALID_ID)

  /// The state of a queued look-up. Godot: `IP.ResolverStatus`. (`sps_resolver_status`)
  public enum ResolverStatus: Int32, Sendable, CaseIterable {
    /// There is no such item. Godot: `RESOLVER_STATUS_NONE`. (`SPS_RESOLVER_STATUS_NONE`)
    case none = 0
    /// The look-up is in progress. Godot: `RESOLVER_STATUS_WAITING`.
    /// (`SPS_RESOLVER_STATUS_WAITING`)
    case waiting = 1
    /// The addresses are there. Godot: `RESOLVER_STATUS_DONE`. (`SPS_RESOLVER_STATUS_DONE`)
    case done = 2
    /// The look-up failed. Godot: `RESOLVER_STATUS_ERROR`. (`SPS_RESOLVER_STATUS_ERROR`)
    case error = 3
  }

  /// The wanted address family. Godot: `IP.Type`, a name that Swift reserves. (`sps_ip_type`)
  public enum IPType: Int32, Sendable, CaseIterable {
    /// Not accepted by any call. Godot: `TYPE_NONE`. (`SPS_IP_TYPE_NONE`)
    case none = 0
    /// IPv4 addresses only. Godot: `TYPE_IPV4`. (`SPS_IP_TYPE_IPV4`)
    case ipv4 = 1
    /// IPv6 addresses only. Godot: `TYPE_IPV6`. (`SPS_IP_TYPE_IPV6`)
    case ipv6 = 2
    /// Either family. Godot: `TYPE_ANY`. (`SPS_IP_TYPE_ANY`)
    case any = 3
  }

  /// A network interface of this machine that has an address. Godot: an entry of
  /// `get_local_interfaces`.
  public struct Interface: Sendable, Hashable {
    /// The OS's number of the interface.
    public let index: Int
    /// Its name, such as `eth0`.
    public let name: String
    /// A name for people. Only Windows has one, on other systems it is ``name``.
    public let friendly: String
    /// Its addresses as text.
    public let addresses: [String]
  }

  // The queue, which this object owns and the C library guards. It is nil if it could not be
  // created.
  private nonisolated(unsafe) let handle: OpaquePointer?
  // The network of the queue. It must outlive the queue.
  private nonisolated(unsafe) let network: SocketNetwork

  /// Creates a separate queue of look-ups. (`sps_ip_create`)
  ///
  /// - Parameter timeoutMilliseconds: how long a waiting look-up may take. Zero or less means the
  ///   default of 30,000.
  public convenience init(timeoutMilliseconds: Int = 0) {
    self.init(timeoutMilliseconds: timeoutMilliseconds, network: .machine)
  }

  /// Creates a queue, also in a simulated network. The caller ensures that only one thread uses
  /// that.
  package init(timeoutMilliseconds: Int, network: SocketNetwork) {
    unsafe self.network = network
    var options = unsafe sps_ip_options()
    unsafe options.struct_size = UInt32(MemoryLayout<sps_ip_options>.size)
    unsafe options.timeout_ms = UInt32(clamping: Int32(clamping: timeoutMilliseconds))
    unsafe options.platform = network.platform
    var handle: OpaquePointer?
    unsafe sps_ip_create(&options, &handle)
    unsafe self.handle = handle
  }

  deinit {
    unsafe sps_ip_destroy(handle)
  }

  // MARK: Waiting look-ups

  /// Looks a host up, and waits for it. Godot: `resolve_hostname`. (`sps_ip_resolve_hostname`)
  ///
  /// - Parameters:
  ///   - host: an address, or a name.
  ///   - ipType: the wanted family. The call returns the first address of it.
  /// - Returns: the address as text. It is empty if the look-up fails, the time is over, or the
  ///   host is malformed.
  public func resolveHostname(_ host: String, ipType: IPType = .any) -> String {
    unsafe textFromC(SPS_HOST_TEXT_BYTES) { buffer, bytes, length in
      unsafe withCText(host) {
        unsafe sps_ip_resolve_hostname(handle, $0, ipType.rawValue, buffer, bytes, length)
      }
    }.text
  }

  /// ``resolveHostname(_:ipType:)`` that returns all addresses, in the OS's order of preference
  /// (RFC 6724). Godot: `resolve_hostname_addresses`. (`sps_ip_resolve_hostname_addresses`)
  public func resolveHostnameAddresses(_ host: String, ipType: IPType = .any) -> [String] {
    unsafe addresses { buffer, capacity, count in
      unsafe withCText(host) {
        unsafe sps_ip_resolve_hostname_addresses(
          handle, $0, ipType.rawValue, buffer, capacity, count)
      }
    }
  }

  // MARK: Queued look-ups

  /// Begins to look a host up, and never waits. Godot: `resolve_hostname_queue_item`.
  /// (`sps_ip_queue_resolve_item`)
  ///
  /// - Parameters:
  ///   - host: an address, or a name.
  ///   - ipType: the wanted family.
  /// - Returns: the item, valid until ``eraseResolveItem(_:)``. It is ``resolverInvalidID`` if the
  ///   host is malformed, or if ``resolverMaxQueries`` items exist already.
  public func resolveHostnameQueueItem(_ host: String, ipType: IPType = .any) -> Int {
    var id = Int32(SPS_RESOLVER_INVALID_ID)
    _ = unsafe withCText(host) {
      unsafe sps_ip_queue_resolve_item(handle, $0, ipType.rawValue, &id)
    }
    return Int(id)
  }

  /// Returns the state of an item, without a syscall. Godot: `get_resolve_item_status`.
  /// (`sps_ip_get_resolve_item_status`)
  public func getResolveItemStatus(_ id: Int) -> ResolverStatus {
    var status: Int32 = 0
    unsafe sps_ip_get_resolve_item_status(handle, Int32(clamping: id), &status)
    return ResolverStatus(rawValue: status) ?? .error
  }

  /// Returns the first address of an item as text. It is empty unless the item is
  /// ``ResolverStatus/done``. Godot: `get_resolve_item_address`.
  /// (`sps_ip_get_resolve_item_address`)
  public func getResolveItemAddress(_ id: Int) -> String {
    unsafe textFromC(SPS_HOST_TEXT_BYTES) {
      unsafe sps_ip_get_resolve_item_address(handle, Int32(clamping: id), $0, $1, $2)
    }.text
  }

  /// Returns all addresses of an item as text. There are none unless the item is
  /// ``ResolverStatus/done``. Godot: `get_resolve_item_addresses`.
  /// (`sps_ip_get_resolve_item_addresses`)
  public func getResolveItemAddresses(_ id: Int) -> [String] {
    unsafe addresses {
      unsafe sps_ip_get_resolve_item_addresses(handle, Int32(clamping: id), $0, $1, $2)
    }
  }

  /// Drops an item. Its look-up ends too unless another caller wants it. A later item may get its
  /// number. Godot: `erase_resolve_item`. (`sps_ip_erase_resolve_item`)
  ///
  /// - Returns: ``GodotError/ok``, or ``GodotError/errDoesNotExist``: there is no such item.
  @discardableResult
  public func eraseResolveItem(_ id: Int) -> GodotError {
    unsafe GodotError(code: sps_ip_erase_resolve_item(handle, Int32(clamping: id)))
  }

  // MARK: Cache

  /// Removes a host from the cache, or all hosts if `hostname` is empty. Items keep their
  /// addresses. Godot: `clear_cache`. (`sps_ip_clear_cache`)
  /// - Returns: ``GodotError/ok``, or ``GodotError/errInvalidParameter``: `hostname` contains a
  ///   NUL, and nothing is removed.
  ///   and nothing is removed.
  @discardableResult
  public func clearCache(_ hostname: String = "") -> GodotError {
    let code = unsafe withCText(hostname) { host in
      // A text with a NUL inside becomes NULL, which would clear all.
      unsafe host.map { unsafe sps_ip_clear_cache(handle, $0) }
        ?? GodotError.errInvalidParameter.rawValue
    }
    return GodotError(code: code)
  }

  // MARK: This machine

  /// Returns the addresses of this machine as text. Godot: `get_local_addresses`.
  /// (`sps_ip_get_local_addresses`)
  public func getLocalAddresses() -> [String] {
    localAddresses().map { textOfC($0.host) }
  }

  /// Returns the network interfaces of this machine, with their addresses. It omits interfaces
  /// without an address. Godot: `get_local_interfaces`. (`sps_ip_get_local_addresses`)
  public func getLocalInterfaces() -> [Interface] {
    var rest = localAddresses()[...]
    var interfaces: [Interface] = []
    while let first = rest.first {  // they come interface by interface
      let own = rest.prefix { $0.interface_index == first.interface_index }
      interfaces.append(Interface(own, first))
      rest = rest.dropFirst(own.count)
    }
    return interfaces
  }

  /// Ends the look-up threads, waits until they have ended, and empties the cache. It affects every
  /// `IP` and every connect. A plug-in calls it before it is unloaded, and a program under a leak
  /// checker before it ends. Not in Godot. (`sps_shutdown`)
  ///
  /// - Parameter timeoutMilliseconds: how long to wait. 0 sets no limit.
  /// - Returns: ``GodotError/ok`` if no thread is left, or:
  ///   - ``GodotError/errTimeout``: some threads are left. The plug-in must stay loaded.
  ///   - ``GodotError/errInvalidParameter``: the timeout is out of range.
  public static func shutdown(timeoutMilliseconds: Int = 0) -> GodotError {
    let code = withCNumber(timeoutMilliseconds) { sps_shutdown($0) }
    return GodotError(rawValue: code) ?? .failed
  }

  // Asks again if there are more addresses than room.
  private func localAddresses() -> [sps_local_address] {
    var count = 16
    while true {
      let capacity = count
      let addresses = unsafe [sps_local_address](unsafeUninitializedCapacity: capacity) {
        (buffer, written) in
        buffer.baseAddress!.pointee.struct_size = UInt32(MemoryLayout<sps_local_address>.stride)
        let code = unsafe sps_ip_get_local_addresses(handle, buffer.baseAddress, capacity, &count)
        if code != GodotError.ok.rawValue { count = 0 }
        written = min(count, capacity)
      }
      if count <= capacity { return addresses }
    }
  }
}

extension IP.Interface {
  fileprivate init(_ addresses: ArraySlice<sps_local_address>, _ first: sps_local_address) {
    index = Int(clamping: first.interface_index)
    name = textOfC(first.interface_name)
    friendly = name
    self.addresses = addresses.map { textOfC($0.host) }
  }
}

// Returns the texts that the C library writes into an array and counts.
private func addresses(
  _ getter: (UnsafeMutablePointer<sps_host_text>?, Int, UnsafeMutablePointer<Int>?) -> Int32
) -> [String] {
  let most = Int(SPS_IP_MAX_ADDRESSES)
  return unsafe withUnsafeTemporaryAllocation(of: sps_host_text.self, capacity: most) { buffer in
    var count = 0
    buffer.baseAddress!.pointee.struct_size = UInt32(MemoryLayout<sps_host_text>.stride)
    guard unsafe getter(buffer.baseAddress, buffer.count, &count) == GodotError.ok.rawValue else {
      return []
    }
    return unsafe buffer.prefix(count).map { textOfC($0.text) }
  }
}

extension IP.ResolverStatus: CustomStringConvertible {
  /// The name as Godot spells it, such as `RESOLVER_STATUS_DONE`.
  public var description: String {
    switch self {
    case .none: "RESOLVER_STATUS_NONE"
    case .waiting: "RESOLVER_STATUS_WAITING"
    case .done: "RESOLVER_STATUS_DONE"
    case .error: "RESOLVER_STATUS_ERROR"
    }
  }
}

extension IP.IPType: CustomStringConvertible {
  /// The name as Godot spells it, such as `TYPE_IPV4`.
  public var description: String {
    switch self {
    case .none: "TYPE_NONE"
    case .ipv4: "TYPE_IPV4"
    case .ipv6: "TYPE_IPV6"
    case .any: "TYPE_ANY"
    }
  }
}

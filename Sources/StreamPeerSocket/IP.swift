// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Names of hosts and addresses of this machine. Godot: `IP`. (`sps_ip`)
///
/// Connecting by name needs none of it: ``StreamPeerTCP/connectToHost(_:port:)`` looks the name up
/// by itself. What was found is kept for 60 seconds, 64 names at most, for connecting as well; what
/// was not found is not kept. An address needs no look-up, and `localhost` neither.
///
/// Unlike other objects it may be used by several threads at once. So there is no last error: as in
/// Godot, a call that failed gives an empty text, no addresses, or ``resolverInvalidID``.
public final class IP: Sendable {
  /// The one that serves the whole program. Godot: `IP`, which is a singleton.
  public static let singleton = IP()

  /// So many items may be queued at a time. Godot: `RESOLVER_MAX_QUERIES`.
  /// (`SPS_RESOLVER_MAX_QUERIES`)
  public static let resolverMaxQueries = Int(SPS_RESOLVER_MAX_QUERIES)

  /// The number of no item. Godot: `RESOLVER_INVALID_ID`. (`SPS_RESOLVER_INVALID_ID`)
  public static let resolverInvalidID = Int(SPS_RESOLVER_INVALID_ID)

  /// What became of a queued look-up. Godot: `IP.ResolverStatus`. (`sps_resolver_status`)
  public enum ResolverStatus: Int32, Sendable, CaseIterable {
    /// There is no such item. Godot: `RESOLVER_STATUS_NONE`. (`SPS_RESOLVER_STATUS_NONE`)
    case none = 0
    /// It is looked up. Godot: `RESOLVER_STATUS_WAITING`. (`SPS_RESOLVER_STATUS_WAITING`)
    case waiting = 1
    /// It was found. Godot: `RESOLVER_STATUS_DONE`. (`SPS_RESOLVER_STATUS_DONE`)
    case done = 2
    /// It was not found. Godot: `RESOLVER_STATUS_ERROR`. (`SPS_RESOLVER_STATUS_ERROR`)
    case error = 3
  }

  /// Which addresses are wanted. Godot: `IP.Type`, a name that Swift keeps for itself.
  /// (`sps_ip_type`)
  public enum IPType: Int32, Sendable, CaseIterable {
    /// None. Godot: `TYPE_NONE`. (`SPS_IP_TYPE_NONE`)
    case none = 0
    /// Those of IPv4. Godot: `TYPE_IPV4`. (`SPS_IP_TYPE_IPV4`)
    case ipv4 = 1
    /// Those of IPv6. Godot: `TYPE_IPV6`. (`SPS_IP_TYPE_IPV6`)
    case ipv6 = 2
    /// Either. Godot: `TYPE_ANY`. (`SPS_IP_TYPE_ANY`)
    case any = 3
  }

  /// A network interface of this machine that has an address. Godot: an entry of
  /// `get_local_interfaces`.
  public struct Interface: Sendable, Hashable {
    /// The number that the OS has for it.
    public let index: Int
    /// Its name, such as `eth0`.
    public let name: String
    /// A name for people; where the OS has none, as everywhere but on Windows, ``name``.
    public let friendly: String
    /// Its addresses as text.
    public let addresses: [String]
  }

  // The queue, which this object owns and the C library guards; nil when it could not be made.
  private nonisolated(unsafe) let handle: OpaquePointer?
  // Where it lives, which must not go before it.
  private nonisolated(unsafe) let network: SocketNetwork

  /// Makes a queue of its own, whose look-ups nobody else sees. (`sps_ip_create`)
  ///
  /// - Parameter timeoutMilliseconds: how long a look-up that is waited for may take. Zero, or
  ///   less, means the default of 30,000.
  public convenience init(timeoutMilliseconds: Int = 0) {
    self.init(timeoutMilliseconds: timeoutMilliseconds, network: .machine)
  }

  /// Of a simulated network too, which only one thread uses: the caller sees to that.
  package init(timeoutMilliseconds: Int, network: SocketNetwork) {
    self.network = network
    var options = sps_ip_options()
    options.struct_size = UInt32(MemoryLayout<sps_ip_options>.size)
    options.timeout_ms = UInt32(clamping: Int32(clamping: timeoutMilliseconds))
    options.platform = network.platform
    var handle: OpaquePointer?
    sps_ip_create(&options, &handle)
    self.handle = handle
  }

  deinit {
    sps_ip_destroy(handle)
  }

  // MARK: Look-ups that wait

  /// Looks a host up, and waits for it. Godot: `resolve_hostname`. (`sps_ip_resolve_hostname`)
  ///
  /// - Parameters:
  ///   - host: an address, or a name.
  ///   - ipType: the first address of this kind is given.
  /// - Returns: the address as text; empty when there is no such name, when it has no address of the
  ///   kind, when `host` is none, or when the time is over.
  public func resolveHostname(_ host: String, ipType: IPType = .any) -> String {
    textFromC(SPS_HOST_TEXT_BYTES) { buffer, bytes, length in
      withCText(host) {
        sps_ip_resolve_hostname(handle, $0, ipType.rawValue, buffer, bytes, length)
      }
    }.text
  }

  /// The same, and gives all addresses of the kind, in the OS's order of preference (RFC 6724).
  /// Godot: `resolve_hostname_addresses`. (`sps_ip_resolve_hostname_addresses`)
  public func resolveHostnameAddresses(_ host: String, ipType: IPType = .any) -> [String] {
    addresses { buffer, capacity, count in
      withCText(host) {
        sps_ip_resolve_hostname_addresses(handle, $0, ipType.rawValue, buffer, capacity, count)
      }
    }
  }

  // MARK: Look-ups that do not

  /// Begins to look a host up, and never waits. Godot: `resolve_hostname_queue_item`.
  /// (`sps_ip_queue_resolve_item`)
  ///
  /// - Parameters:
  ///   - host: an address, or a name.
  ///   - ipType: which addresses are wanted.
  /// - Returns: the item, until ``eraseResolveItem(_:)``; ``resolverInvalidID`` when `host` is none,
  ///   or when ``resolverMaxQueries`` items are there already.
  public func resolveHostnameQueueItem(_ host: String, ipType: IPType = .any) -> Int {
    var id = Int32(SPS_RESOLVER_INVALID_ID)
    _ = withCText(host) { sps_ip_queue_resolve_item(handle, $0, ipType.rawValue, &id) }
    return Int(id)
  }

  /// What became of an item, without a syscall. Godot: `get_resolve_item_status`.
  /// (`sps_ip_get_resolve_item_status`)
  public func getResolveItemStatus(_ id: Int) -> ResolverStatus {
    var status: Int32 = 0
    sps_ip_get_resolve_item_status(handle, Int32(clamping: id), &status)
    return ResolverStatus(rawValue: status) ?? .error
  }

  /// The first address of an item as text; empty unless it is ``ResolverStatus/done``.
  /// Godot: `get_resolve_item_address`. (`sps_ip_get_resolve_item_address`)
  public func getResolveItemAddress(_ id: Int) -> String {
    textFromC(SPS_HOST_TEXT_BYTES) {
      sps_ip_get_resolve_item_address(handle, Int32(clamping: id), $0, $1, $2)
    }.text
  }

  /// All addresses of an item as text; none unless it is ``ResolverStatus/done``.
  /// Godot: `get_resolve_item_addresses`. (`sps_ip_get_resolve_item_addresses`)
  public func getResolveItemAddresses(_ id: Int) -> [String] {
    addresses { sps_ip_get_resolve_item_addresses(handle, Int32(clamping: id), $0, $1, $2) }
  }

  /// Drops an item, and gives up its look-up unless others want it. Its number is used again.
  /// Godot: `erase_resolve_item`. (`sps_ip_erase_resolve_item`)
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errDoesNotExist`` when there is no such item.
  @discardableResult
  public func eraseResolveItem(_ id: Int) -> GodotError {
    GodotError(code: sps_ip_erase_resolve_item(handle, Int32(clamping: id)))
  }

  // MARK: What was found

  /// Forgets what was found for a host, or for all when `hostname` is empty. Items keep theirs.
  /// Godot: `clear_cache`. (`sps_ip_clear_cache`)
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errInvalidParameter`` for a text that is no host, and
  ///   nothing is forgotten.
  @discardableResult
  public func clearCache(_ hostname: String = "") -> GodotError {
    let code = withCText(hostname) { host in
      // NULL, which a text with a NUL inside becomes, would clear all.
      host.map { sps_ip_clear_cache(handle, $0) } ?? GodotError.errInvalidParameter.rawValue
    }
    return GodotError(code: code)
  }

  // MARK: This machine

  /// The addresses of this machine as text. Godot: `get_local_addresses`.
  /// (`sps_ip_get_local_addresses`)
  public func getLocalAddresses() -> [String] {
    localAddresses().map { textOfC($0.host) }
  }

  /// The network interfaces of this machine that have an address, with all that they have.
  /// Godot: `get_local_interfaces`. (`sps_ip_get_local_addresses`)
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

  /// Ends the threads on which names are looked up, of every `IP` and of connecting, waits until
  /// they are gone, and forgets what was found: for a plug-in before it is unloaded, and for leak
  /// checkers. Not in Godot. (`sps_shutdown`)
  ///
  /// - Parameter timeoutMilliseconds: how long to wait; 0: as long as it takes.
  /// - Returns: ``GodotError/ok``; ``GodotError/errTimeout`` when some still run;
  ///   ``GodotError/errInvalidParameter`` for a time that is none.
  public static func shutdown(timeoutMilliseconds: Int = 0) -> GodotError {
    let code = withCNumber(timeoutMilliseconds) { sps_shutdown($0) }
    return GodotError(rawValue: code) ?? .failed
  }

  // Asks again when there are more than it had room for.
  private func localAddresses() -> [sps_local_address] {
    var count = 16
    while true {
      let capacity = count
      let addresses = [sps_local_address](unsafeUninitializedCapacity: capacity) {
        (buffer, written) in
        buffer.baseAddress!.pointee.struct_size = UInt32(MemoryLayout<sps_local_address>.stride)
        let code = sps_ip_get_local_addresses(handle, buffer.baseAddress, capacity, &count)
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

// The texts that the C library writes into an array, and counts.
private func addresses(
  _ getter: (UnsafeMutablePointer<sps_host_text>?, Int, UnsafeMutablePointer<Int>?) -> Int32
) -> [String] {
  let most = Int(SPS_IP_MAX_ADDRESSES)
  return withUnsafeTemporaryAllocation(of: sps_host_text.self, capacity: most) { buffer in
    var count = 0
    buffer.baseAddress!.pointee.struct_size = UInt32(MemoryLayout<sps_host_text>.stride)
    guard getter(buffer.baseAddress, buffer.count, &count) == GodotError.ok.rawValue else {
      return []
    }
    return buffer.prefix(count).map { textOfC($0.text) }
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

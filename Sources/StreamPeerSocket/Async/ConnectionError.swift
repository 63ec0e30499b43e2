// SPDX-License-Identifier: MIT

/// Why a call on a ``Connection`` or a ``Listener`` has failed.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
public struct ConnectionError: Error, Sendable {
  /// The failure, in Godot's codes.
  ///
  /// - ``GodotError/errTimeout``: the call's own deadline is over.
  /// - ``GodotError/errFileEof``: the peer finished inside a message.
  /// - ``GodotError/errInvalidData``: the bytes are not a message, or the message is too large.
  /// - ``GodotError/errInvalidParameter``: an argument is invalid, or a ``MessageCoder`` refused
  ///   the message.
  /// - ``GodotError/errParameterRangeError``: an argument exceeds a limit of the stream.
  /// - ``GodotError/errCantResolve``, ``GodotError/errConnectionError``: connecting failed.
  /// - ``GodotError/errAlreadyInUse``, ``GodotError/errUnauthorized``,
  ///   ``GodotError/errCantCreate``: the OS refuses to listen.
  /// - ``GodotError/errUnavailable``: the loop was shut down.
  /// - ``GodotError/errBusy``: the descriptor cannot be released now.
  /// - ``GodotError/errCantAcquireResource``, ``GodotError/errOutOfMemory``: the OS has no
  ///   descriptor or no memory.
  /// - ``GodotError/failed``: the connection is closed. See ``reason``.
  public var code: GodotError

  /// Why the connection closed; ``StreamPeerSocket/CloseReason/none`` while it is open.
  public var reason: StreamPeerSocket.CloseReason

  /// The OS's own code (`errno` on Unix), or 0. For logs: its values differ between systems.
  public var osError: Int32

  /// The address that the call was for, such as `example.org:80`.
  public var address: String

  /// The result of each address of a name, if connecting failed.
  public var attempts: [ConnectAttempt]

  /// The error that a ``MessageCoder`` has thrown, such as a `DecodingError`.
  public var underlyingError: (any Error)?

  init(
    _ code: GodotError, reason: StreamPeerSocket.CloseReason = .none, osError: Int32 = 0,
    address: String = "", attempts: [ConnectAttempt] = [], underlyingError: (any Error)? = nil
  ) {
    self.code = code
    self.reason = reason
    self.osError = osError
    self.address = address
    self.attempts = attempts
    self.underlyingError = underlyingError
  }
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension ConnectionError: CustomStringConvertible {
  /// A sentence for a person, such as
  /// `example.org:80: nobody listens there (os error 111; 2 addresses tried)`.
  public var description: String {
    var details: [String] = []
    if osError != 0 { details.append("os error \(osError)") }
    if let underlyingError { details.append("\(underlyingError)") }
    if attempts.count > 1 { details.append("\(attempts.count) addresses tried") }
    let place = address.isEmpty ? "" : "\(address): "
    return place + sentence + (details.isEmpty ? "" : " (\(details.joined(separator: "; ")))")
  }

  private var sentence: String {
    switch (code, reason) {
    case (.errTimeout, .none): "the time for the call is over"
    case (.errFileEof, _): "the peer finished inside a message"
    case (.errInvalidData, .limit): "the peer's message is larger than the limit"
    case (_, .none): code.message
    case (_, .local): "this side has closed the connection"
    case (_, .peerFinished): "the peer has closed the connection"
    case (_, .reset): "the peer has reset the connection"
    case (_, .refused): "nobody listens there"
    case (_, .unreachable): "there is no way to the peer"
    case (_, .connectTimedOut): "connecting took too long"
    case (_, .nameNotFound): "the name has no address"
    case (_, .lookupFailed): "no name server answered"
    case (_, .notAcknowledged): "the peer no longer acknowledges what is sent"
    case (_, .noResources): "the OS has no descriptor or no memory"
    case (_, .keepalive): "the peer no longer answers the OS"
    case (_, .idle): "the peer was silent for too long"
    case (_, .putTimedOut): "the peer no longer reads"
    case (_, .graceTimedOut): "the peer did not finish in time"
    case (_, .limit): "the peer's message is larger than the limit"
    case (_, .truncated): "the connection ended inside the encrypted or compressed stream"
    case (_, .protocolBroken): "the peer broke the protocol"
    case (_, .untrusted): "the peer or this side is not trusted"
    case (_, .failed): "the connection failed"
    }
  }
}

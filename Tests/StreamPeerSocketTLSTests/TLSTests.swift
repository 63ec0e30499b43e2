// SPDX-License-Identifier: MIT
import StreamPeerSocket
import StreamPeerSocketTLS
import SwiftTestSupport
import Testing

@Suite("TLS", .watchdog)
struct TLSTests {
  /// The two ends of a connection over the loopback.
  private struct Ends {
    let client = StreamPeerTCP()
    let server: StreamPeerTCP

    init() throws {
      let listener = TCPServer()
      #expect(listener.listen(0, "127.0.0.1") == .ok)
      #expect(client.connectToHost("127.0.0.1", port: listener.getLocalPort()) == .ok)
      var accepted: StreamPeerTCP?
      while accepted == nil || client.getStatus() == .connecting {
        client.poll()
        accepted = accepted ?? listener.takeConnection()
      }
      server = try #require(accepted)
    }
  }

  private func shakeHands(_ client: StreamPeerTLS, _ server: StreamPeerTLS) {
    while client.getStatus() == .handshaking || server.getStatus() == .handshaking {
      client.poll()
      server.poll()
    }
  }

  @Test func aClientAndAServerTalk() throws {
    let ends = try Ends()
    let (client, server) = (StreamPeerTLS(), StreamPeerTLS())
    #expect(server.acceptStream(ends.server, serverOptions: Identities.server) == .ok)
    #expect(
      client.connectToStream(
        ends.client, commonName: "game.test", clientOptions: Identities.client) == .ok)
    shakeHands(client, server)
    #expect(client.getStatus() == .connected)
    #expect(client.putVar(["key": [1, 2]]) == .ok)
    #expect(server.getVar() == ["key": [1, 2]])
    #expect(client.info?.serverName == "game.test")
    #expect(try #require(client.info).version >= .tls12)
    #expect(client.getPeerCertificate()?.info()?.names.contains("game.test") == true)
    #expect(client.getStream() === ends.client)
    client.disconnectFromStream()
    while server.getStatus() == .connected { server.poll() }
    #expect(server.getStatus() == .disconnected)
    #expect(server.alert == 0)
    #expect(ends.server.getStatus() == StreamPeerSocket.Status.connected)
  }

  @Test func aWrongNameHasAStatusAndASentence() throws {
    let ends = try Ends()
    let (client, server) = (StreamPeerTLS(), StreamPeerTLS())
    server.acceptStream(ends.server, serverOptions: Identities.server)
    client.connectToStream(
      ends.client, commonName: "wrong.test", clientOptions: Identities.client)
    shakeHands(client, server)
    #expect(client.getStatus() == .errorHostnameMismatch)
    #expect(client.failure == .wrongName)
    #expect(client.message.contains("wrong.test"))
    #expect(client.message.contains("game.test"))
  }

  @Test func anUnknownIssuerIsNotTrusted() throws {
    let ends = try Ends()
    let (client, server) = (StreamPeerTLS(), StreamPeerTLS())
    server.acceptStream(ends.server, serverOptions: Identities.server)
    client.connectToStream(ends.client, commonName: "game.test", clientOptions: Identities.stranger)
    shakeHands(client, server)
    #expect(client.getStatus() == .error)
    #expect(client.failure != .none)
    #expect(client.closeReason == .untrusted)
  }

  /// Options that could not be made are no default: the default would verify something else.
  @Test func invalidOptionsDoNotConnect() throws {
    let ends = try Ends()
    let tls = StreamPeerTLS()
    let none = TLSOptions.server(key: CryptoKey(), certificate: X509Certificate())
    #expect(none.lastError == .errUnconfigured)
    #expect(tls.acceptStream(ends.server, serverOptions: none) == .errInvalidParameter)
    #expect(
      tls.connectToStream(ends.client, commonName: "game.test", clientOptions: none)
        == .errInvalidParameter)
    let unsafe = TLSOptions.clientUnsafe()
    #expect(
      tls.connectToStream(ends.client, commonName: "a\0b", clientOptions: unsafe)
        == .errInvalidParameter)
    #expect(TLSOptions.client(commonNameOverride: "a\0b").lastError == .errInvalidParameter)
    var settings = TLSSettings()
    settings.protocols = ["h2", ""]
    #expect(TLSOptions.clientUnsafe(settings: settings).lastError == .errInvalidParameter)
    settings.protocols = ["h2"]
    settings.revocationLists = "no list"
    #expect(TLSOptions.client(settings: settings).lastError == .errInvalidParameter)
    #expect(
      TLSOptions.client(trustedChain: Identities.authority, settings: settings).lastError
        == .errInvalidData)
    settings = TLSSettings()
    settings.minVersion = .tls13
    settings.maxVersion = .tls12
    #expect(TLSOptions.clientUnsafe(settings: settings).lastError == .errInvalidParameter)
  }

  @Test func optionsAnswerAsInGodot() throws {
    #expect(Identities.server.isServer)
    #expect(!Identities.client.isServer)
    #expect(TLSOptions.clientUnsafe().isUnsafeClient)
    let named = TLSOptions.client(
      trustedChain: Identities.authority, commonNameOverride: "game.test")
    #expect(named.commonNameOverride == "game.test")
    #expect(!Identities.key.isPublicOnly())
    let copy = CryptoKey()
    #expect(copy.loadFromString(Identities.key.saveToString()) == .ok)
    #expect(copy.loadFromString("no key") == .errInvalidData)
    #expect(copy.saveToString() == Identities.key.saveToString())
  }

  @Test func protocolsAreNegotiated() throws {
    let ends = try Ends()
    var settings = TLSSettings()
    settings.protocols = ["chat/2", "chat/1"]
    settings.maxVersion = .tls12
    let (client, server) = (StreamPeerTLS(), StreamPeerTLS())
    server.acceptStream(
      ends.server,
      serverOptions: .server(
        key: Identities.key, certificate: Identities.certificate, settings: settings))
    settings.protocols = ["chat/1"]
    client.connectToStream(
      ends.client, commonName: "game.test",
      clientOptions: .client(trustedChain: Identities.authority, settings: settings))
    shakeHands(client, server)
    #expect(client.info?.negotiatedProtocol == "chat/1")
    #expect(client.info?.version == .tls12)
  }

  /// A poller serves the sockets below. A dropped stream takes the one below along.
  @Test func streamsTalkInAPoller() throws {
    let poller = SocketPoller()
    weak var below: StreamPeerTCP?
    do {
      let ends = try Ends()
      below = ends.server
      let (client, server) = (StreamPeerTLS(), StreamPeerTLS())
      server.acceptStream(ends.server, serverOptions: Identities.server)
      client.connectToStream(
        ends.client, commonName: "game.test", clientOptions: Identities.client)
      #expect(poller.add(client) == .ok)
      #expect(poller.add(server) == .ok)
      var received: UInt32?
      while received == nil {
        poller.wait(timeoutMilliseconds: 10_000)
        while let event = poller.nextEvent() {
          if event.peer === client && event.kinds.contains(.connected) {
            #expect(client.putU32(7) == .ok)
          }
          if event.peer === server { received = received ?? server.tryGetU32() }
        }
      }
      #expect(received == 7)
    }
    #expect(below != nil)
    poller.wait(timeoutMilliseconds: 0)
    #expect(below == nil)
  }

  /// The end of a dropped poller ends what dropped filters have kept. That may need the poller.
  @Test func aDroppedPollerEndsWhatFiltersHaveKept() throws {
    var poller: SocketPoller? = SocketPoller()
    let other = StreamPeerTCP()
    #expect(poller?.add(other) == .ok)
    do {
      let ends = try Ends()
      let tls = StreamPeerTLS()
      tls.connectToStream(
        ends.client, commonName: "game.test", clientOptions: Identities.client)
      #expect(poller?.add(tls) == .ok)
      tls.disconnectFromHost()
      #expect(poller?.add(ends.client) == .ok)
    }
    poller = nil
    let next = SocketPoller()
    #expect(next.add(other) == .ok)
  }
}

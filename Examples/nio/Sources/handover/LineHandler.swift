// SPDX-License-Identifier: MIT
import NIOCore
import NIOPosix

/// Answers the lines of a channel. After the line `back` it gives the connection away.
final class LineHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let result: EventLoopPromise<Handover?>  // nil: the peer has left
  private var received: ByteBuffer
  private var isLeaving = false

  init(unread: [UInt8], result: EventLoopPromise<Handover?>) {
    received = ByteBuffer(bytes: unread)
    self.result = result
  }

  func channelActive(context: ChannelHandlerContext) { answer(context) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    received.writeBuffer(&bytes)
    answer(context)
  }

  // allowRemoteHalfClosure keeps the channel open when the peer has finished sending.
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed? = event as? ChannelEvent, !isLeaving {
      context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    if !isLeaving { result.succeed(nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    isLeaving = true
    result.fail(error)
    context.close(promise: nil)
  }

  private func answer(_ context: ChannelHandlerContext) {
    while !isLeaving, let line = nextLine() {
      isLeaving = line == "back"
      let answer = ByteBuffer(string: "NIO: \(line)\n")
      if isLeaving {
        leave(context, after: answer)
      } else {
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
      }
    }
  }

  private func nextLine() -> String? {
    guard let count = received.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else {
      return nil
    }
    let line = received.readString(length: count - received.readerIndex)
    received.moveReaderIndex(forwardBy: 1)
    return line
  }

  // The channel stops reading at once, writes all that is pending, and then leaves. A loop of reads
  // may still be under way. `received` has its bytes before the last write is done.
  private func leave(_ context: ChannelHandlerContext, after answer: ByteBuffer) {
    let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    do {
      try context.channel.syncOptions?.setOption(.autoRead, value: false)
    } catch {
      return errorCaught(context: context, error: error)
    }
    context.writeAndFlush(wrapOutboundOut(answer)).whenComplete { written in
      let (handler, context) = handler.value
      handler.handOver(context, written)
    }
  }

  private func handOver(_ context: ChannelHandlerContext, _ written: Result<Void, any Error>) {
    let handover = Result {
      try written.get()
      // NIO has no way to release a descriptor. It lends it, and closes it with the channel.
      return try context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
        of: NIOBSDSocket.Handle.self
      ) { descriptor in
        try Handover(duplicating: descriptor, unread: Array(received.readableBytesView))
      }
    }
    // close(2) of one of two descriptors sends nothing to the peer.
    context.close(promise: nil)
    result.completeWith(handover)
  }
}

// SPDX-License-Identifier: MIT
import Harness
import NIOCore

/// Takes values out of the received bytes. A partial value waits for the next buffer.
final class ValueReader: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var meter: Meter
  private let done: EventLoopPromise<Void>
  private var left = ByteBuffer()

  init(_ work: Work, done: EventLoopPromise<Void>) {
    meter = Meter(work)
    self.done = done
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    if left.readableBytes > 0 {
      left.writeBuffer(&buffer)
      swap(&buffer, &left)
    }
    let before = buffer.readableBytes
    var sum: UInt32 = 0
    while let value = buffer.readInteger(endianness: .little, as: UInt32.self) {
      sum &+= value
    }
    keep(sum)
    left = buffer.readableBytes > 0 ? buffer : ByteBuffer()
    if !meter.add((before - buffer.readableBytes) / 4) {
      done.succeed()
    }
  }
}

/// Takes values out of the buffer's memory in place.
final class SpanReader: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var meter: Meter
  private let done: EventLoopPromise<Void>
  private var left = ByteBuffer()

  init(_ work: Work, done: EventLoopPromise<Void>) {
    meter = Meter(work)
    self.done = done
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    if left.readableBytes > 0 {
      left.writeBuffer(&buffer)
      swap(&buffer, &left)
    }
    let (sum, values) = buffer.withUnsafeReadableBytes(sumOfValues)
    keep(sum)
    buffer.moveReaderIndex(forwardBy: values * 4)
    left = buffer.readableBytes > 0 ? buffer : ByteBuffer()
    if !meter.add(values) {
      done.succeed()
    }
  }
}

/// Writes piece after piece while the channel is writable.
final class PieceWriter: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var meter: Meter
  private let done: EventLoopPromise<Void>
  private let items: Int  // of a piece
  private let fill: (inout ByteBuffer) -> Void
  private var piece = ByteBufferAllocator().buffer(capacity: pieceBytes)
  private var isDone = false

  /// Fills each piece again. After the OS has taken the last one, its memory is reused.
  init(
    _ work: Work, done: EventLoopPromise<Void>, items: Int,
    fill: @escaping (inout ByteBuffer) -> Void
  ) {
    meter = Meter(work)
    self.done = done
    self.items = items
    self.fill = fill
  }

  func channelActive(context: ChannelHandlerContext) { write(context) }

  func channelWritabilityChanged(context: ChannelHandlerContext) { write(context) }

  private func write(_ context: ChannelHandlerContext) {
    while context.channel.isWritable && !isDone {
      fill(&piece)
      context.writeAndFlush(wrapOutboundOut(piece), promise: nil)
      isDone = !meter.add(items)
    }
    if isDone { done.succeed() }
  }
}

/// Counts the bytes of pieces as they arrive.
final class PieceReader: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var meter: Meter
  private let done: EventLoopPromise<Void>
  private var bytes = 0

  init(_ work: Work, done: EventLoopPromise<Void>) {
    meter = Meter(work)
    self.done = done
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    bytes += unwrapInboundIn(data).readableBytes
    let pieces = bytes / pieceBytes
    bytes %= pieceBytes
    if pieces > 0 && !meter.add(pieces) {
      done.succeed()
    }
  }
}

/// Sends a message, and the next one after the echo has come back.
final class Pinger: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var samples: Samples
  private let done: EventLoopPromise<Void>
  private let message = ByteBuffer(repeating: 0, count: messageBytes)
  private var missing = 0

  init(_ work: Work, done: EventLoopPromise<Void>) {
    samples = Samples(work)
    self.done = done
  }

  func channelActive(context: ChannelHandlerContext) { send(context) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    missing -= unwrapInboundIn(data).readableBytes
    guard missing == 0 else { return }
    if samples.end() {
      send(context)
    } else {
      done.succeed()
    }
  }

  private func send(_ context: ChannelHandlerContext) {
    missing = messageBytes
    samples.begin()
    context.writeAndFlush(wrapOutboundOut(message), promise: nil)
  }
}

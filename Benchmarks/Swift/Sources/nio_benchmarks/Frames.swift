// SPDX-License-Identifier: MIT
import Harness
import NIOCore

/// The frames of many peers. NIO's loop runs on a separate thread, and no program calls it once a
/// frame. So a frame is the next turn of the loop. The loop waits until all messages have arrived,
/// and the frame ends when the last one has been read.
final class Crowd {
  private var samples: Samples
  private let done: EventLoopPromise<Void>
  private var missing = 0

  init(_ work: Work, done: EventLoopPromise<Void>) {
    samples = Samples(work)
    self.done = done
  }

  func beginFrame() {
    missing = activePeers * messageBytes
    activatePeers()
    samples.begin()
  }

  func arrived(_ bytes: Int) {
    missing -= bytes
    guard missing == 0 else { return }
    if samples.end() {
      let next = NIOLoopBound(self, eventLoop: loop)
      loop.execute { next.value.beginFrame() }
    } else {
      done.succeed()
    }
  }
}

final class Member: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let crowd: Crowd

  init(_ crowd: Crowd) { self.crowd = crowd }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    crowd.arrived(unwrapInboundIn(data).readableBytes)
  }
}

func frames(_ work: Work) {
  tell("its loop sleeps in a thread of its own when idle: there is no frame to call")
  let promise = loop.makePromise(of: Void.self)
  do {
    let crowd = try loop.submit { NIOLoopBound(Crowd(work, done: promise), eventLoop: loop) }.wait()
    let reads = AdaptiveRecvByteBufferAllocator()  // soon as small as the messages
    for index in 0..<work.peers {
      let fd = firstFD + Int32(index)
      _ = try openChannel(fd, reads: reads) { Member(crowd.value) }.wait()
    }
    loop.execute { crowd.value.beginFrame() }
    try promise.futureResult.wait()
    printMemory(work)
  } catch {
    fail("\(error)")
  }
}

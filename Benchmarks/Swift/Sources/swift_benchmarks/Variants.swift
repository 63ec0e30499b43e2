// SPDX-License-Identifier: MIT
//
// Variants in memory: the values of Benchmarks/core_variants.cpp.
import Harness
import StreamPeerSocket

private let atOnce = 100  // between two looks at the meter

let dictionary: Variant = [
  "id": 123456,
  "name": "player",
  "at": .vector3(Vector3(1.5, -2.25, 100)),
  "samples": .array(VariantArray((0..<16).map { .float(Double($0) / 2) }, of: .any)),
  "alive": true,
]

let packed = Variant.packedFloat32Array((0..<1024 * 1024 / 4).map { Float($0) / 2 })

func encode(_ value: Variant, _ work: Work) {
  var meter = Meter(work)
  repeat {
    var bytes = 0
    for _ in 0..<atOnce {
      guard let encoded = try? value.encoded() else { fail("encoding") }
      bytes += encoded.count
    }
    keep(UInt32(truncatingIfNeeded: bytes))
  } while meter.add(atOnce)
}

func decode(_ value: Variant, _ work: Work) {
  guard let bytes = try? value.encoded() else { fail("encoding") }
  var meter = Meter(work)
  repeat {
    var containers: UInt32 = 0
    for _ in 0..<atOnce {
      guard let decoded = try? Variant(decoding: bytes) else { fail("decoding") }
      if case .dictionary = decoded { containers += 1 }
    }
    keep(containers)
  } while meter.add(atOnce)
}

// swift-tools-version: 6.2
// A package of its own, so that users of the library never download SwiftNIO.
import PackageDescription

let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v13)],
  dependencies: [
    .package(name: "StreamPeerSocket", path: "../.."),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: [
    .target(name: "CHeap"),
    .target(name: "Harness", dependencies: ["CHeap"]),
    .executableTarget(
      name: "swift_benchmarks",
      dependencies: [
        "Harness",
        .product(name: "StreamPeerSocket", package: "StreamPeerSocket"),
      ]
    ),
    .executableTarget(
      name: "nio_benchmarks",
      dependencies: [
        "Harness",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]
    ),
  ],
  swiftLanguageModes: [.v6]
)

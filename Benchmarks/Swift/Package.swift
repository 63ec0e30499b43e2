// swift-tools-version: 6.2
// A package of its own, so that users of the library never download SwiftNIO.
import PackageDescription

let library = Target.Dependency.product(name: "StreamPeerSocket", package: "StreamPeerSocket")
let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]

let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "StreamPeerSocket", path: "../.."),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
  ],
  targets: [
    .target(name: "CCounts"),
    .target(name: "Harness", dependencies: ["CCounts"]),
    .executableTarget(name: "swift_benchmarks", dependencies: ["Harness", library]),
    .executableTarget(name: "await_benchmarks", dependencies: ["CCounts", "Harness", library]),
    .executableTarget(
      name: "nio_benchmarks",
      dependencies: ["Harness", .product(name: "NIOSSL", package: "swift-nio-ssl")] + nio),
    // NIO's tasks on Swift's threads, and on NIO's own.
    .target(name: "NIOAwaiting", dependencies: ["CCounts", "Harness"] + nio),
    .executableTarget(name: "nio_await_benchmarks", dependencies: ["Harness", "NIOAwaiting"]),
    .executableTarget(name: "nio_hook_benchmarks", dependencies: ["Harness", "NIOAwaiting"]),
  ],
  swiftLanguageModes: [.v6]
)

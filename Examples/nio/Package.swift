// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT
import PackageDescription

// A package of its own, so that the other examples build without SwiftNIO.
let package = Package(
  name: "NIOExample",
  platforms: [.macOS(.v13)],
  dependencies: [
    .package(name: "StreamPeerSocket", path: "../.."),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: [
    .executableTarget(
      name: "handover",
      dependencies: [
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "StreamPeerSocket", package: "StreamPeerSocket"),
      ]
    )
  ],
  swiftLanguageModes: [.v6]
)

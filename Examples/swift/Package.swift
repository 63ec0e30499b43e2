// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT
import PackageDescription

// The Swift examples, as a package of a user would be. For your own package, replace the path with
// that of your clone.
let package = Package(
  name: "Examples",
  platforms: [.macOS(.v13)],
  dependencies: [.package(name: "StreamPeerSocket", path: "../..")],
  targets: [
    .executableTarget(
      name: "client",
      dependencies: [.product(name: "StreamPeerSocket", package: "StreamPeerSocket")]
    ),
    .executableTarget(
      name: "lobby",
      dependencies: [.product(name: "StreamPeerSocket", package: "StreamPeerSocket")]
    ),
  ],
  swiftLanguageModes: [.v6]
)

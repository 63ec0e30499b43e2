// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT
import PackageDescription

// The Swift examples, as a package of a user would be. For your own package, replace the path with
// that of your clone.
let library = Target.Dependency.product(name: "StreamPeerSocket", package: "StreamPeerSocket")

let package = Package(
  name: "Examples",
  platforms: [.macOS(.v15)],  // with async; without it .v13
  dependencies: [.package(name: "StreamPeerSocket", path: "../..")],
  targets: [
    .target(name: "Signals"),
    .executableTarget(name: "chat", dependencies: [library, "Signals"]),
    .executableTarget(name: "client", dependencies: [library]),
    .executableTarget(name: "lobby", dependencies: [library]),
    .executableTarget(name: "redis", dependencies: [library]),
    .executableTarget(name: "service", dependencies: [library, "Signals"]),
  ],
  swiftLanguageModes: [.v6]
)

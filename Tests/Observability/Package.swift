// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT
import PackageDescription

// The tests of the trait Observability. In a package of its own they build without the other tests,
// which would all be built once more with the trait.
let package = Package(
  name: "Observability",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "StreamPeerSocket", path: "../..", traits: ["Observability"]),
    .package(url: "https://github.com/apple/swift-log", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
  ],
  targets: [
    .testTarget(
      name: "ObservabilityTests",
      dependencies: [
        .product(name: "StreamPeerSocketObservability", package: "StreamPeerSocket"),
        .product(name: "StreamPeerSocket", package: "StreamPeerSocket"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "MetricsTestKit", package: "swift-metrics"),
      ],
      path: "Tests"
    )
  ],
  swiftLanguageModes: [.v6]
)

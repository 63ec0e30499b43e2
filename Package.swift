// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "StreamPeerSocket",
  platforms: [.macOS(.v13)],
  products: [
    .library(name: "StreamPeerSocket", targets: ["StreamPeerSocket"]),
    .library(name: "StreamPeerSocketFoundation", targets: ["StreamPeerSocketFoundation"]),
    .library(name: "StreamPeerSocketTesting", targets: ["StreamPeerSocketTesting"]),
    .executable(name: "streampeer", targets: ["streampeer"]),
  ],
  dependencies: [
    // Only the tool uses it; the library depends on nothing but libc.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    // The C core. Its public headers are the ABI in include/, shared with CMake.
    .target(
      name: "CSocketCore",
      path: ".",
      exclude: [
        "Sources/CSocketCore/streampeersocket.map",
        "Sources/CSocketCore/base/README.md",
        "Sources/CSocketCore/platform/README.md",
        "Sources/CSocketCore/poller/README.md",
        "Sources/CSocketCore/socket/README.md",
        "Sources/CSocketCore/stream/README.md",
        "Sources/CSocketCore/variant/README.md",
        "Sources/CSocketCore/platform/windows/README.md",
      ],
      sources: ["Sources/CSocketCore"],
      publicHeadersPath: "include",
      cSettings: [
        .headerSearchPath("Sources/CSocketCore"), .define("SPS_STATIC"),
        .define("NDEBUG", .when(configuration: .release)),
      ]
    ),
    .target(
      name: "StreamPeerSocket",
      dependencies: ["CSocketCore"]
    ),
    // Conformances that need Foundation, which the library does not import.
    .target(
      name: "StreamPeerSocketFoundation",
      dependencies: ["StreamPeerSocket"]
    ),
    // The simulated network: a second platform for the core, whose private header it shares.
    .target(
      name: "CSocketSimulation",
      dependencies: ["CSocketCore"],
      cSettings: [
        .headerSearchPath("../CSocketCore"), .define("SPS_STATIC"),
        .define("NDEBUG", .when(configuration: .release)),
      ]
    ),
    .target(
      name: "StreamPeerSocketTesting",
      dependencies: ["StreamPeerSocket", "CSocketSimulation"]
    ),
    .executableTarget(
      name: "streampeer",
      dependencies: [
        "CSocketCore",
        "StreamPeerSocket",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]
    ),
    // A program for the system tests. It is not a product of the package.
    .executableTarget(
      name: "variant_peer",
      dependencies: ["StreamPeerSocket"],
      path: "Tests/SystemTests/variant_peer"
    ),
    .executableTarget(
      name: "swift_growth",
      dependencies: ["StreamPeerSocket"],
      path: "Tests/SystemTests/swift_growth"
    ),
    .target(
      name: "CMemoryCounter",
      path: "Tests/CMemoryCounter"
    ),
    .testTarget(
      name: "StreamPeerSocketTests",
      dependencies: ["StreamPeerSocket", "StreamPeerSocketFoundation", "CMemoryCounter"],
      resources: [.copy("Fixtures")]
    ),
    .testTarget(
      name: "StreamPeerSocketTestingTests",
      dependencies: ["StreamPeerSocket", "StreamPeerSocketTesting"]
    ),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c99
)

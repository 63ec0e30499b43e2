// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "StreamPeerSocket",
  // The first versions with Duration and ContinuousClock.
  platforms: [.macOS(.v13), .iOS(.v16), .tvOS(.v16), .watchOS(.v9), .visionOS(.v1)],
  products: [
    .library(name: "StreamPeerSocket", targets: ["StreamPeerSocket"]),
    .library(name: "StreamPeerSocketFoundation", targets: ["StreamPeerSocketFoundation"]),
    .library(name: "StreamPeerSocketTesting", targets: ["StreamPeerSocketTesting"]),
    .library(
      name: "StreamPeerSocketObservability", targets: ["StreamPeerSocketObservability"]),
    .library(
      name: "StreamPeerSocketTestingTraits", targets: ["StreamPeerSocketTestingTraits"]),
    .library(name: "StreamPeerSocketTLS", targets: ["StreamPeerSocketTLS"]),
    .library(name: "StreamPeerSocketGZIP", targets: ["StreamPeerSocketGZIP"]),
    // The C API, for targets in C and for what Swift's API does not cover.
    .library(name: "CSocketCore", targets: ["CSocketCore"]),
  ],
  // Users download this repository and nothing else, unless they enable a trait. Programs that need
  // other packages are packages of their own: Tools, Examples/nio and Benchmarks/Swift.
  traits: [
    .trait(
      name: "Observability",
      description: "Observers of connections for swift-log and swift-metrics."),
    .trait(
      name: "Zstandard",
      description: "The codec zstd in StreamPeerSocketGZIP. It needs libzstd."),
  ],
  dependencies: [
    // Only the trait Observability needs them. Without it SwiftPM downloads nothing.
    .package(url: "https://github.com/apple/swift-log", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
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
      ],
      linkerSettings: [
        .linkedLibrary("ws2_32", .when(platforms: [.windows])),
        .linkedLibrary("iphlpapi", .when(platforms: [.windows])),
        .linkedLibrary("advapi32", .when(platforms: [.windows])),
        .linkedLibrary("ntdll", .when(platforms: [.windows])),
      ]
    ),
    .target(
      name: "StreamPeerSocket",
      dependencies: ["CSocketCore"],
      // Every use of C and of plain memory says `unsafe`. The tests build without a warning.
      swiftSettings: [.strictMemorySafety()]
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
    // Needs Swift Testing, which the simulated network does not.
    .target(
      name: "StreamPeerSocketTestingTraits",
      dependencies: ["StreamPeerSocketTesting"]
    ),
    // Empty without the trait Observability.
    .target(
      name: "StreamPeerSocketObservability",
      dependencies: [
        "StreamPeerSocket",
        .product(
          name: "Logging", package: "swift-log", condition: .when(traits: ["Observability"])),
        .product(
          name: "Metrics", package: "swift-metrics", condition: .when(traits: ["Observability"])),
      ]
    ),
    // TLS. It needs OpenSSL 3 (Debian: libssl-dev). Users of the other products do not.
    .systemLibrary(
      name: "COpenSSL", path: "Sources/SocketTLS/swiftpm/openssl", pkgConfig: "openssl",
      providers: [.apt(["libssl-dev"]), .yum(["openssl-devel"]), .brew(["openssl@3"])]),
    .target(
      name: "CSocketTLS",
      dependencies: ["CSocketCore", "COpenSSL"],
      path: "Sources/SocketTLS",
      exclude: [
        "CMakeLists.txt", "README.md", "streampeersocket-tls.map", "swiftpm/openssl",
      ],
      publicHeadersPath: "swiftpm/include",
      cSettings: [
        .headerSearchPath("."), .define("SPS_STATIC"), .define("SPS_TLS_STATIC"),
        .define("_GNU_SOURCE"),
        .define("NDEBUG", .when(configuration: .release)),
      ]
    ),
    .target(
      name: "StreamPeerSocketTLS",
      dependencies: ["StreamPeerSocket", "CSocketTLS"],
      swiftSettings: [.strictMemorySafety()]
    ),
    // Compression. It needs zlib (Debian: zlib1g-dev), which Swift's own packages need too. The
    // trait Zstandard adds zstd, and needs libzstd (Debian: libzstd-dev).
    .target(
      name: "CSocketGZIP",
      dependencies: ["CSocketCore"],
      path: "Sources/SocketGZIP",
      exclude: ["CMakeLists.txt", "streampeersocket-gzip.map"],
      publicHeadersPath: "swiftpm/include",
      cSettings: [
        .define("SPS_STATIC"), .define("SPS_GZIP_STATIC"),
        .define("NDEBUG", .when(configuration: .release)),
        .define("SPSI_GZIP_HAS_ZSTD", .when(traits: ["Zstandard"])),
      ],
      linkerSettings: [
        .linkedLibrary("z"), .linkedLibrary("zstd", .when(traits: ["Zstandard"])),
      ]
    ),
    .target(
      name: "StreamPeerSocketGZIP",
      dependencies: ["StreamPeerSocket", "CSocketGZIP"],
      swiftSettings: [.strictMemorySafety()]
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
    // A trait of all Swift tests: it counts descriptors, and ends a run that hangs.
    .target(
      name: "SwiftTestSupport",
      path: "Tests/SwiftTestSupport"
    ),
    .testTarget(
      name: "StreamPeerSocketTests",
      dependencies: [
        "StreamPeerSocket", "StreamPeerSocketFoundation", "CMemoryCounter", "SwiftTestSupport",
      ],
      resources: [.copy("Fixtures")]
    ),
    .testTarget(
      name: "StreamPeerSocketAsyncTests",
      dependencies: ["StreamPeerSocket", "CMemoryCounter", "SwiftTestSupport"]
    ),
    .testTarget(
      name: "StreamPeerSocketTLSTests",
      dependencies: ["StreamPeerSocketTLS", "StreamPeerSocketTesting", "SwiftTestSupport"]
    ),
    .testTarget(
      name: "StreamPeerSocketGZIPTests",
      dependencies: ["StreamPeerSocketGZIP", "SwiftTestSupport"]
    ),
    .testTarget(
      name: "StreamPeerSocketTestingTests",
      dependencies: ["StreamPeerSocket", "StreamPeerSocketTestingTraits", "SwiftTestSupport"]
    ),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c99
)

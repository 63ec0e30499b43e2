// swift-tools-version: 6.2
// A package of its own, so that users of the library never download swift-argument-parser.
import PackageDescription

let package = Package(
  name: "Tools",
  platforms: [.macOS(.v13)],
  products: [.executable(name: "streampeer", targets: ["streampeer"])],
  dependencies: [
    .package(name: "StreamPeerSocket", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
  ],
  targets: [
    .executableTarget(
      name: "streampeer",
      dependencies: [
        // `inspect` reads Variants with the C API, which keeps how each was encoded.
        .product(name: "CSocketCore", package: "StreamPeerSocket"),
        .product(name: "StreamPeerSocket", package: "StreamPeerSocket"),
        .product(name: "StreamPeerSocketTLS", package: "StreamPeerSocket"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]
    )
  ],
  swiftLanguageModes: [.v6]
)

// SPDX-License-Identifier: MIT

// What is a Variant by itself, and needs no taking apart.
protocol VariantConvertible {
  var variant: Variant { get }
  // nil when it is of another type.
  init?(_ variant: Variant)
}

extension Variant: VariantConvertible {
  var variant: Variant { self }
  init?(_ variant: Variant) { self = variant }
}

extension Variant: Codable {
  /// Reads it from any decoder: of the bytes that ``encode(to:)`` writes.
  public init(from decoder: any Decoder) throws {
    try self.init(decoding: [UInt8](from: decoder), allowObjects: true)
  }

  /// Writes it with any encoder as its bytes; in a Variant, and on a stream, it is itself.
  public func encode(to encoder: any Encoder) throws {
    try encoded().encode(to: encoder)
  }
}

extension Vector2: VariantConvertible {
  var variant: Variant { .vector2(self) }
  init?(_ variant: Variant) {
    guard let value = variant.vector2Value else { return nil }
    self = value
  }
}

extension Vector2i: VariantConvertible {
  var variant: Variant { .vector2i(self) }
  init?(_ variant: Variant) {
    guard let value = variant.vector2iValue else { return nil }
    self = value
  }
}

extension Rect2: VariantConvertible {
  var variant: Variant { .rect2(self) }
  init?(_ variant: Variant) {
    guard let value = variant.rect2Value else { return nil }
    self = value
  }
}

extension Rect2i: VariantConvertible {
  var variant: Variant { .rect2i(self) }
  init?(_ variant: Variant) {
    guard let value = variant.rect2iValue else { return nil }
    self = value
  }
}

extension Vector3: VariantConvertible {
  var variant: Variant { .vector3(self) }
  init?(_ variant: Variant) {
    guard let value = variant.vector3Value else { return nil }
    self = value
  }
}

extension Vector3i: VariantConvertible {
  var variant: Variant { .vector3i(self) }
  init?(_ variant: Variant) {
    guard let value = variant.vector3iValue else { return nil }
    self = value
  }
}

extension Transform2D: VariantConvertible {
  var variant: Variant { .transform2D(self) }
  init?(_ variant: Variant) {
    guard let value = variant.transform2DValue else { return nil }
    self = value
  }
}

extension Vector4: VariantConvertible {
  var variant: Variant { .vector4(self) }
  init?(_ variant: Variant) {
    guard let value = variant.vector4Value else { return nil }
    self = value
  }
}

extension Vector4i: VariantConvertible {
  var variant: Variant { .vector4i(self) }
  init?(_ variant: Variant) {
    guard let value = variant.vector4iValue else { return nil }
    self = value
  }
}

extension Plane: VariantConvertible {
  var variant: Variant { .plane(self) }
  init?(_ variant: Variant) {
    guard let value = variant.planeValue else { return nil }
    self = value
  }
}

extension Quaternion: VariantConvertible {
  var variant: Variant { .quaternion(self) }
  init?(_ variant: Variant) {
    guard let value = variant.quaternionValue else { return nil }
    self = value
  }
}

extension AABB: VariantConvertible {
  var variant: Variant { .aabb(self) }
  init?(_ variant: Variant) {
    guard let value = variant.aabbValue else { return nil }
    self = value
  }
}

extension Basis: VariantConvertible {
  var variant: Variant { .basis(self) }
  init?(_ variant: Variant) {
    guard let value = variant.basisValue else { return nil }
    self = value
  }
}

extension Transform3D: VariantConvertible {
  var variant: Variant { .transform3D(self) }
  init?(_ variant: Variant) {
    guard let value = variant.transform3DValue else { return nil }
    self = value
  }
}

extension Projection: VariantConvertible {
  var variant: Variant { .projection(self) }
  init?(_ variant: Variant) {
    guard let value = variant.projectionValue else { return nil }
    self = value
  }
}

extension Color: VariantConvertible {
  var variant: Variant { .color(self) }
  init?(_ variant: Variant) {
    guard let value = variant.colorValue else { return nil }
    self = value
  }
}

extension NodePath: Codable, VariantConvertible {
  /// Reads it from any decoder as a text, which ``encode(to:)`` writes.
  public init(from decoder: any Decoder) throws {
    try self.init(String(from: decoder))
  }

  /// Writes it with any encoder as a text; in a Variant it is itself.
  public func encode(to encoder: any Encoder) throws {
    try description.encode(to: encoder)
  }

  var variant: Variant { .nodePath(self) }
  init?(_ variant: Variant) {
    guard let value = variant.nodePathValue else { return nil }
    self = value
  }
}

extension RID: VariantConvertible {
  var variant: Variant { .rid(self) }
  init?(_ variant: Variant) {
    guard let value = variant.ridValue else { return nil }
    self = value
  }
}

extension Signal: VariantConvertible {
  var variant: Variant { .signal(self) }
  init?(_ variant: Variant) {
    guard let value = variant.signalValue else { return nil }
    self = value
  }
}

extension VariantObject: Codable, VariantConvertible {
  /// Reads it from any decoder, as ``Variant/init(from:)``.
  public init(from decoder: any Decoder) throws {
    let variant = try Variant(from: decoder)
    self = try check(variant.objectValue, variant, Self.self, decoder.codingPath)
  }

  /// Writes it with any encoder, as ``Variant/encode(to:)``.
  public func encode(to encoder: any Encoder) throws {
    try variant.encode(to: encoder)
  }

  var variant: Variant { .object(self) }
  init?(_ variant: Variant) {
    guard let value = variant.objectValue else { return nil }
    self = value
  }
}

extension VariantArray: Codable, VariantConvertible {
  /// Reads it from any decoder, as ``Variant/init(from:)``.
  public init(from decoder: any Decoder) throws {
    let variant = try Variant(from: decoder)
    self = try check(variant.arrayValue, variant, Self.self, decoder.codingPath)
  }

  /// Writes it with any encoder, as ``Variant/encode(to:)``.
  public func encode(to encoder: any Encoder) throws {
    try variant.encode(to: encoder)
  }

  var variant: Variant { .array(self) }
  init?(_ variant: Variant) {
    guard let value = variant.arrayValue else { return nil }
    self = value
  }
}

extension VariantDictionary: Codable, VariantConvertible {
  /// Reads it from any decoder, as ``Variant/init(from:)``.
  public init(from decoder: any Decoder) throws {
    let variant = try Variant(from: decoder)
    self = try check(variant.dictionaryValue, variant, Self.self, decoder.codingPath)
  }

  /// Writes it with any encoder, as ``Variant/encode(to:)``.
  public func encode(to encoder: any Encoder) throws {
    try variant.encode(to: encoder)
  }

  var variant: Variant { .dictionary(self) }
  init?(_ variant: Variant) {
    guard let value = variant.dictionaryValue else { return nil }
    self = value
  }
}

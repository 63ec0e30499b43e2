// SPDX-License-Identifier: MIT

// A type that is a Variant itself. The encoder does not take it apart.
protocol VariantConvertible {
  var variant: Variant { get }
  // nil if it has another type.
  init?(_ variant: Variant)
}

extension Variant: VariantConvertible {
  var variant: Variant { self }
  init?(_ variant: Variant) { self = variant }
}

extension Variant: Codable {
  /// Decodes the bytes that ``encode(to:)`` writes, with any decoder.
  public init(from decoder: any Decoder) throws {
    try self.init(decoding: [UInt8](from: decoder), allowObjects: true)
  }

  /// Encodes the value as its bytes, with any encoder. In a Variant and on a stream it is itself.
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
  /// Decodes the text that ``encode(to:)`` writes, with any decoder.
  public init(from decoder: any Decoder) throws {
    try self.init(String(from: decoder))
  }

  /// Encodes the path as text, with any encoder. In a Variant it is itself.
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
  /// Decodes with any decoder, like ``Variant/init(from:)``.
  public init(from decoder: any Decoder) throws {
    let variant = try Variant(from: decoder)
    self = try check(variant.objectValue, variant, Self.self, decoder.codingPath)
  }

  /// Encodes with any encoder, like ``Variant/encode(to:)``.
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
  /// Decodes with any decoder, like ``Variant/init(from:)``.
  public init(from decoder: any Decoder) throws {
    let variant = try Variant(from: decoder)
    self = try check(variant.arrayValue, variant, Self.self, decoder.codingPath)
  }

  /// Encodes with any encoder, like ``Variant/encode(to:)``.
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
  /// Decodes with any decoder, like ``Variant/init(from:)``.
  public init(from decoder: any Decoder) throws {
    let variant = try Variant(from: decoder)
    self = try check(variant.dictionaryValue, variant, Self.self, decoder.codingPath)
  }

  /// Encodes with any encoder, like ``Variant/encode(to:)``.
  public func encode(to encoder: any Encoder) throws {
    try variant.encode(to: encoder)
  }

  var variant: Variant { .dictionary(self) }
  init?(_ variant: Variant) {
    guard let value = variant.dictionaryValue else { return nil }
    self = value
  }
}

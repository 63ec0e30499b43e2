// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import StreamPeerSocket

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show the Variants in bytes as text or JSON, or make bytes from JSON.",
    usage: """
      streampeer inspect [--framed] [--offsets] [FILE]
      streampeer inspect [--hex | --base64] [--json] [TEXT]
      streampeer inspect --encode [--framed] [--hex | --base64] [JSON]
      """,
    discussion: """
      Reads one value after another, as Godot's var_to_bytes makes them; with --framed each has its \
      length before it, as put_var puts it on a stream. Where the bytes are no value, what came \
      before is printed, and stderr tells the offset and the reason.

      --json prints a line for each value, from which --encode makes the same bytes again. Plain \
      JSON is null, bool, int (5), float (5.0), String, Array and Dictionary; all else is an object \
      with "$type":
        {"$type":"Vector2","value":[1.5,-2]}
        {"$type":"Array","of":"int","value":[1,2]}
        {"$type":"Dictionary","value":[[1,"a"],[2,"b"]]}
      "wide" is true where numbers have 64 bits though 32 are usual, and "raw" is an item's bytes \
      in hex where they are not those that Godot writes. docs/inspect.md has every type.

      Exit status: 0 when all of it was sound, 1 when something was not, 64 for a wrong argument.
      """)

  @Argument(
    help: ArgumentHelp(
      """
      A file, or - for stdin, which is also the default. With --hex, --base64 or --encode it may be \
      the text itself, unless a file has that name.
      """, valueName: "input"))
  var input: [String] = []

  @Flag(help: "Each value has its length before it, as u32.")
  var framed = false

  @Flag(help: "Those lengths are big-endian.")
  var bigEndian = false

  @Flag(help: "The bytes are hex digits: what is read, or with --encode what is printed.")
  var hex = false

  @Flag(help: "The bytes are base64: what is read, or with --encode what is printed.")
  var base64 = false

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Make bytes from such JSON.")
  var encode = false

  @Flag(help: "Show where each line's bytes begin, in hex, and each value's size.")
  var offsets = false

  @Flag(help: "With --framed: go on with the next value after one that is malformed.")
  var keepGoing = false

  @Flag(
    inversion: .prefixedNo,
    help: "Show objects with properties, as data. Nothing is ever made of them.")
  var allowObjects = true

  @Option(help: ArgumentHelp("Refuse more levels of containers, 1 to 1024.", valueName: "levels"))
  var maxDepth = 1024

  private var coding: TextCoding? { hex ? .hex : base64 ? .base64 : nil }

  func validate() throws {
    let rules: [(Bool, String)] = [
      (hex && base64, "--hex and --base64 exclude each other"),
      (encode && json, "--encode reads JSON and --json prints it: one of them"),
      (offsets && (json || encode), "--offsets is for text"),
      (bigEndian && !framed, "--big-endian is for --framed"),
      (keepGoing && (!framed || encode), "--keep-going is for reading --framed values"),
      (input.count > 1 && coding == nil && !encode, "more than one file"),
      (!(1...1024).contains(maxDepth), "the depth is no number from 1 to 1024"),
    ]
    if let broken = rules.first(where: { $0.0 }) { throw ValidationError(broken.1) }
  }

  func run() throws {
    let limits = VariantLimits(maxDepth: maxDepth, allowObjects: allowObjects)
    let framing = framed ? Framing(bigEndian: bigEndian) : nil
    let output = Output()
    do {
      if encode {
        let encoder = ValueEncoder(try source(), output, limits, framing, coding)
        try encoder.run()
      } else {
        let format: ValueInspector.Format = json ? .json : .text(offsets: offsets)
        let inspector = ValueInspector(
          try decodedSource(), output, limits, framing, format, keepGoing: keepGoing)
        try inspector.run()
      }
    } catch {
      try output.flush()  // everything before the failure
      throw error
    }
    try output.flush()
  }

  // MARK: Input

  // The text of the command line, if it is allowed and no file has that name.
  private var textArgument: [UInt8]? {
    guard encode || coding != nil, let first = input.first, input != ["-"] else { return nil }
    if input.count == 1 && FileManager.default.fileExists(atPath: first) { return nil }
    return Array(input.joined(separator: " ").utf8)
  }

  private func source() throws -> ByteSource {
    try textArgument.map(ByteSource.init) ?? ByteSource(path: input.first ?? "-")
  }

  private func decodedSource() throws -> ByteSource {
    guard let coding else { return try source() }
    do {
      return ByteSource(try coding.decode(try source().readAll()))
    } catch let fault as TextCoding.Fault {
      let isText = textArgument != nil
      throw ToolError(isText ? "no file has that name, and \(fault.reason)" : fault.reason)
    }
  }
}

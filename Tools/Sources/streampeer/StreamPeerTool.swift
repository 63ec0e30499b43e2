// SPDX-License-Identifier: MIT
import ArgumentParser
import CSocketCore
import Foundation

/// The command-line tool. It shows the library at work, and serves scripts.
@main
struct StreamPeerTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "streampeer",
    abstract: "Stream sockets for programs that run a loop.",
    version: String(cString: sps_version_string()),
    subcommands: [
      DemoCommand.self, EchoCommand.self, ConnectCommand.self, InspectCommand.self,
    ])

  /// Every failure is one line on stderr and a nonzero exit status. Help and version are not
  /// failures.
  static func main() {
    do {
      try checkArguments()
      var command = try parseAsRoot()
      try command.run()
    } catch {
      if exitCode(for: error) == .success || error is ExitCode {
        exit(withError: error)
      }
      let text = message(for: error).split(separator: "\n").first ?? "failed"
      Console.warn("streampeer: \(text)")
      exit(withError: exitCode(for: error))
    }
  }
}

extension StreamPeerTool {
  // Swift replaces bytes that are not UTF-8 in an argument. The text would then name another file.
  private static func checkArguments() throws {
    let arguments = UnsafeBufferPointer(
      start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
    for (index, argument) in arguments.enumerated().dropFirst() {
      guard let argument, String(validatingCString: argument) == nil else { continue }
      throw ValidationError("argument \(index) is not UTF-8; a file can be given as stdin")
    }
  }
}

/// A failure with its error text.
struct ToolError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

// SPDX-License-Identifier: MIT

/// Rows of text in aligned columns.
struct Table {
  private var rows: [[String]]

  init(columns: [String]) {
    rows = [columns]
  }

  mutating func addRow(_ title: String, _ cells: [String]) {
    rows.append([title] + cells)
  }

  func show() {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for (index, row) in rows.enumerated() {
      Console.say(line(row, widths))
      if index == 0 {
        Console.say(widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "))
      }
    }
  }

  private func line(_ row: [String], _ widths: [Int]) -> String {
    let cells = zip(row, widths).dropLast().map {
      $0 + String(repeating: " ", count: $1 - $0.count)
    }
    return (cells + row.suffix(1)).joined(separator: "  ")
  }
}

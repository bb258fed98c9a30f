/// What a walk through folders leaves out, counted by kind: files that are no photos, folders that systems make, and
/// what the user excludes.
///
/// Hidden files are not counted. Memory: some dozens of kinds at most.
package struct PassedOver: Sendable, Equatable {
    /// Kinds that are kept apart.
    private static let mostKinds = 64
    /// Kinds that are named in the text.
    private static let mostNamed = 8

    /// Files that are no photos, by the ending of their names, such as `.txt`.
    package private(set) var files: [String: Int] = [:]
    /// Folders that were not entered, by name.
    package private(set) var systemFolders: [String: Int] = [:]
    /// Files and folders that patterns of the user's exclude.
    package private(set) var excluded = 0

    /// Nothing so far.
    package init() {}

    /// What one line for people says of it; nil if there is nothing to say.
    package var text: String? {
        var parts: [String] = []
        if !files.isEmpty {
            let (count, list) = Self.list(files)
            parts.append("\(count) \(count == 1 ? "file is not a photo" : "files are not photos"): \(list)")
        }
        if !systemFolders.isEmpty {
            let (count, list) = Self.list(systemFolders)
            parts.append("\(count) \(count == 1 ? "system folder" : "system folders") skipped: \(list)")
        }
        if excluded > 0 { parts.append("\(excluded) skipped by `exclude`") }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    mutating func addFile(_ kind: String) { Self.add(kind, to: &files) }

    mutating func addSystemFolder(_ name: String) { Self.add(name, to: &systemFolders) }

    mutating func addExcluded() { excluded += 1 }

    private static func add(_ kind: String, to counts: inout [String: Int]) {
        let isKept = counts[kind] != nil || counts.count < mostKinds
        counts[isKept ? kind : "of other kinds", default: 0] += 1
    }

    private static func list(_ counts: [String: Int]) -> (count: Int, text: String) {
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let named = sorted.prefix(mostNamed).map { "\($0.value) \($0.key)" }
        let rest = sorted.dropFirst(mostNamed).reduce(0) { $0 + $1.value }
        return (
            counts.values.reduce(0, +),
            (named + (rest > 0 ? ["\(rest) of other kinds"] : [])).joined(separator: ", ")
        )
    }
}

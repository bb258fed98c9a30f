/// The group of each subject, from a CSV file with the columns `subject` and `group`.
package enum SubjectGroups {
    private static let mostGroups = 1_000

    /// Reads the whole file; rows with an empty group are left out.
    ///
    /// - Throws: `ManifestError`, with the line of a row that cannot be read, or that gives a subject a second group.
    package static func read(_ path: String) throws(ManifestError) -> [String: String] {
        let stream = try ByteStream(path, shouldStop: { false })
        try stream.skipByteOrderMark()
        var records = CSVRecords(stream)
        let expected = "begin it with subject,group"
        guard let (_, head) = try records.next(), case .fields(let names) = head else {
            throw .badHeader(manifest: path, reason: "the list of groups is empty; \(expected)")
        }
        let columns = names.map { String(decoding: $0, as: UTF8.self) }
        guard let subject = columns.firstIndex(of: "subject"), let group = columns.firstIndex(of: "group")
        else {
            throw .badHeader(
                manifest: path, reason: "has no column 'subject' or no column 'group'; \(expected)")
        }
        var groups: [String: String] = [:]
        while let (line, record) = try records.next() {
            guard case .fields(let fields) = record, fields.count == columns.count,
                let name = String(validating: fields[subject], as: UTF8.self),
                let value = String(validating: fields[group], as: UTF8.self), !name.isEmpty
            else {
                throw .broken(
                    manifest: path, line: line, reason: "a subject and a group in UTF-8 are expected")
            }
            guard !value.isEmpty else { continue }
            if let before = groups.updateValue(value, forKey: name), before != value {
                throw .broken(
                    manifest: path, line: line, reason: "'\(name)' is already in the group '\(before)'")
            }
        }
        // Groups are numbered with 16 bits, and a table of more is read by nobody.
        guard Set(groups.values).count <= mostGroups else {
            throw .broken(manifest: path, line: 1, reason: "there are more than \(mostGroups) groups")
        }
        return groups
    }
}

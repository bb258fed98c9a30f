internal import GalleryModel

/// The value of a record, as far as it was read.
struct RecordValue {
    /// Bytes of the value.
    let size: Int
    let page: Page
    /// Where in the page's bytes it begins.
    let offset: Int

    /// Bytes of it that are there to be looked at.
    var available: Int { min(size, page.bytes.count - offset) }

    func number16(_ at: Int) -> Int { page.number16(offset + at) }
    func number64(_ at: Int) -> UInt64 { page.number64(offset + at) }
    func double(_ at: Int) -> Double { Double(bitPattern: number64(at)) }
    func float(_ at: Int) -> Float {
        Float(bitPattern: UInt32(number16(at)) | UInt32(number16(at + 2)) << 16)
    }
    func bytes(_ range: Range<Int>) -> ArraySlice<UInt8> {
        page.bytes[offset + range.lowerBound..<offset + range.upperBound]
    }
}

/// What single records of a gallery must be for any code to use them: sizes, texts and numbers.
///
/// Checksums and relations are checked by readers of a record and by `TemplateStore.verify`.
struct RecordCheck {
    /// Bytes of the longest value that is looked at: a template of 2,048 numbers, or the longest record of a reference.
    static let longestValue = max(
        StoreSettings.dimensions.upperBound * 4,
        ReferenceRecord.fixedSize + NewReference.digestSize + ReferenceRecord.qualitySize
            + ReferenceRecord.stampSize
            + 4
            + NewReference.longestMetadata + NewReference.longestSource)

    /// Known once they were met: `meta` comes before `vectors` in the order of names.
    private(set) var settings: StoreSettings?

    /// What is wrong with a named database of a gallery; nil for any other.
    func problem(ofDatabase name: String, _ record: TreeRecord) -> String? {
        guard let database = Database(named: name) else { return nil }
        return record.flags == Int(database.flags) ? nil : "'\(name)' has flags \(record.flags)"
    }

    /// What is wrong with a record; nil for a sound one.
    mutating func problem(
        in database: Database, _ page: Page, _ key: Range<Int>, _ value: RecordValue
    ) -> String? {
        if let size = database.keySize, key.count != size {
            return "\(database.name): a key has \(key.count) bytes instead of \(size)"
        }
        switch database {
        case .meta: return problem(ofMeta: page.text(key), value)
        case .subjects:
            let isSize = 5...4 + SubjectName.longest ~= value.size
            return isSize && isName(value.bytes(4..<value.size)) ? nil : "a subject's record is not a name"
        case .names:
            return value.size == 8 && isName(page.bytes[key])
                ? nil : "a name is not UTF-8, or has no subject number"
        case .members, .digests:
            return value.size == 0 ? nil : "\(database.name): a value has \(value.size) bytes"
        case .removals: return value.size == 8 ? nil : "\(database.name): a value has \(value.size) bytes"
        case .references: return problem(ofReference: page.number64(key.lowerBound), value)
        case .vectors: return problem(ofTemplate: page.number64(key.lowerBound), value)
        case .chips: return problem(ofChip: page.number64(key.lowerBound), value)
        }
    }

    private mutating func problem(ofMeta key: String, _ value: RecordValue) -> String? {
        guard key == Format.settingsKey else { return nil }
        let decoded = unsafe Array(value.bytes(0..<value.available)).withUnsafeBytes { bytes in
            unsafe StoredSettings.decode(bytes, path: "")
        }
        guard case .success(let (settings, _)) = decoded else { return "the settings record is damaged" }
        self.settings = settings
        return nil
    }

    /// Galleries of earlier versions hold names that no subject gets any more: those are shown escaped, and found.
    private func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard 1...SubjectName.longest ~= bytes.count else { return false }
        return bytes.allSatisfy({ $0 < 0x80 }) || String(validating: bytes, as: UTF8.self) != nil
    }

    private func problem(ofReference id: UInt64, _ value: RecordValue) -> String? {
        guard 1...UInt64(Format.highestNumber) ~= id else { return "a reference has the number \(id)" }
        guard let size = ReferenceRecord.size(of: value), size == value.size else {
            return "the record of reference \(id) does not have the size that it states"
        }
        return ReferenceRecord.hasSoundNumbers(value)
            ? nil : "the record of reference \(id) contains numbers out of range"
    }

    private func problem(ofChip id: UInt64, _ value: RecordValue) -> String? {
        guard 1...UInt64(Format.highestNumber) ~= id else { return "a chip has the number \(id)" }
        return ReferenceChip.isSound(value) ? nil : "the chip of reference \(id) is invalid"
    }

    private func problem(ofTemplate id: UInt64, _ value: RecordValue) -> String? {
        guard 1...UInt64(Format.highestNumber) ~= id else { return "a template has the number \(id)" }
        guard let dimension = settings?.dimension else { return "the settings record is missing" }
        guard value.size == dimension * 4, value.available == value.size else {
            return "the template of reference \(id) has \(value.size) bytes instead of \(dimension * 4)"
        }
        var sum = 0.0
        for place in 0..<dimension {
            let number = Double(value.float(4 * place))
            sum += number * number
        }
        let length = sum.squareRoot()
        guard abs(length - 1) <= UnitVector.tolerance else {
            return "the template of reference \(id) has the length \(length)"
        }
        return nil
    }
}

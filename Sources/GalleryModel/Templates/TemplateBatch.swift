/// Given templates with their subjects, for bulk jobs: stored without an allocation for each.
///
/// Every row in it can be stored: names are checked and templates scaled to length 1 when they are added. A value, to be
/// used by one thread at a time.
public struct TemplateBatch: Sendable {
    /// How many numbers a template has.
    public let dimension: Int
    /// Where the templates come from, at most 65,000 bytes of UTF-8; the source of a reference is `origin:row`.
    public let origin: String
    /// Row-major, unit length.
    private var templates: [Float] = []
    /// The subjects' names, end to end.
    private var names: [UInt8] = []
    private var nameEnds: [Int] = []
    /// The row that each template has in the file it comes from.
    private var rows: [Int] = []

    /// An empty batch with room for some references.
    ///
    /// - Throws: `misuse` for a dimension no gallery has, `invalidReference` for an origin that is too long.
    public init(dimension: Int, origin: String, capacity: Int) throws(StoreError) {
        guard StoreSettings.dimensions.contains(dimension) else {
            throw .misuse(reason: "templates must have \(StoreSettings.dimensions) numbers, not \(dimension)")
        }
        guard origin.utf8.count <= NewReference.longestSource - 24 else {
            throw .invalidReference(item: 0, reason: "the name of its file is longer than 65,000 bytes")
        }
        self.dimension = dimension
        self.origin = origin
        templates.reserveCapacity(capacity * dimension)
        nameEnds.reserveCapacity(capacity)
        rows.reserveCapacity(capacity)
    }

    /// References in the batch.
    public var count: Int { rows.count }

    /// Adds one reference; its template is scaled to length 1.
    ///
    /// - Parameters:
    ///   - template: `dimension` numbers.
    ///   - subject: the name, UTF-8.
    ///   - row: its number in the file.
    /// - Throws: `badVector`, `invalidName`; the batch is then unchanged.
    /// - Complexity: O(dimension).
    public mutating func append(
        template: UnsafeBufferPointer<Float>, subject: UnsafeRawBufferPointer, row: Int
    ) throws(StoreError) {
        try unsafe Self.check(subject)
        guard template.count == dimension else {
            throw .badVector(item: count, reason: .dimension(expected: dimension, found: template.count))
        }
        let scale: Double
        do throws(VectorProblem) { scale = try UnitVector.scale(unsafe template.span) } catch {
            throw .badVector(item: count, reason: error)
        }
        for place in 0..<dimension { templates.append(Float(Double(unsafe template[place]) * scale)) }
        unsafe names.append(contentsOf: subject)
        nameEnds.append(names.count)
        rows.append(row)
    }

    /// The same, from an array and a string.
    public mutating func append(template: [Float], subject: String, row: Int) throws(StoreError) {
        var failure: StoreError?
        var name = subject
        unsafe template.withUnsafeBufferPointer { numbers in
            name.withUTF8 { bytes in
                do throws(StoreError) {
                    try unsafe append(template: numbers, subject: UnsafeRawBufferPointer(bytes), row: row)
                } catch { failure = error }
            }
        }
        if let failure { throw failure }
    }

    /// As `SubjectName.canonical`, of bytes.
    private static func check(_ name: UnsafeRawBufferPointer) throws(StoreError) {
        // ASCII names, nearly all, need no string.
        if unsafe SubjectName.isPlain(name) { return }
        guard let text = unsafe String(validating: name, as: UTF8.self) else {
            throw .invalidName(
                name: unsafe String(decoding: name, as: UTF8.self), reason: "it is not UTF-8 text")
        }
        _ = try SubjectName.canonical(text)
    }

    /// Where the name of a reference stands among `names`.
    private func nameRange(_ item: Int) -> Range<Int> { (item == 0 ? 0 : nameEnds[item - 1])..<nameEnds[item] }

    /// Calls `body` with each template, its subject's name as it was given and its row, in order; both are lent for the call.
    package func forEach(
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, Int) throws(StoreError) -> Void
    ) throws(StoreError) {
        var failure: StoreError?
        let size = dimension * MemoryLayout<Float>.size
        unsafe templates.withUnsafeBytes { templates in
            unsafe names.withUnsafeBytes { names in
                do throws(StoreError) {
                    for item in 0..<count {
                        let range = nameRange(item)
                        try unsafe body(
                            UnsafeRawBufferPointer(rebasing: templates[item * size..<(item + 1) * size]),
                            UnsafeRawBufferPointer(rebasing: names[range]), rows[item])
                    }
                } catch { failure = error }
            }
        }
        if let failure { throw failure }
    }
    /// Refuses a batch whose dimension is not the gallery's.
    ///
    /// - Throws: `misuse`.
    public func requireDimension(_ needed: Int) throws(StoreError) {
        guard dimension == needed else {
            throw .misuse(reason: "the templates have \(dimension) numbers, but the gallery's have \(needed)")
        }
    }

    /// The reference at a place, 0..<count, in the form of single ones: with the source `origin:row`.
    ///
    /// O(dimension).
    public subscript(item: Int) -> NewReference {
        let name = String(decoding: names[nameRange(item)], as: UTF8.self)
        return NewReference(
            subject: name, source: "\(origin):\(rows[item])",
            template: Array(templates[item * dimension..<(item + 1) * dimension]))
    }
}

internal import GalleryModel
internal import Network
package import ReferenceFiles
package import VectorFiles

/// The layout of references in HDF5: `train` as ann-benchmarks has it, and a column for all else.
private enum Layout {
    static let train = "train"
    static let subjects = "subjects"
    static let references = "references"
    static let sources = "sources"
    static let enrolled = "enrolled"
    /// 1 = has a digest, 2 = has a quality.
    static let flags = "flags"
    static let digests = "digests"
    static let quality = "quality"
    /// One object of JSON a row, or nothing.
    static let metadata = "metadata"
    static let digestSize = 32
    static let qualitySize = 5
    /// Rows that are written or read at once, at most.
    static let block = 4096
    /// Bytes of texts that are written or read at once, of one column.
    ///
    /// Rows with long ones come in smaller blocks. The longest text of one row, a source or metadata, has 65,535.
    static let mostText = 16 << 20
}

/// Writes references as an HDF5 file.
///
/// Memory: a block of rows. One thread at a time.
package final class HDF5ReferenceWriter: ReferenceWriter {
    private let file: HDF5Writer
    private let path: String
    private let header: ReferenceFileHeader
    private var pending: [FileReference] = []
    private var pendingText = 0
    private var written = 0

    /// Begins to write as many references as the header says into an empty file.
    ///
    /// - Parameters:
    ///   - descriptor: of a file that is open for reading and writing; the caller closes it.
    ///   - path: what errors call it.
    package init(descriptor: Int32, path: String, header: ReferenceFileHeader) throws(VectorFileError) {
        (self.path, self.header) = (path, header)
        file = try HDF5Writer(descriptor: descriptor, path: path)
        // What ann-benchmarks says of a set.
        try file.set("type", "dense")
        try file.set("distance", "angular")
        try file.set("point_type", "float")
        try file.set("dimension", Int64(header.dimension))
        try file.set("format", header.format)
        try file.set("version", Int64(header.version))
        try file.set("export", header.export)
        try file.set("network", header.network)
        try file.set("fingerprint", header.fingerprint)
        if let facts = header.networkFacts { try file.set("networkFacts", facts) }
        let rows = header.references
        try file.add(Layout.train, .float32, rows: rows, columns: header.dimension)
        try file.add(Layout.subjects, .text, rows: rows)
        try file.add(Layout.references, .int64, rows: rows)
        try file.add(Layout.sources, .text, rows: rows)
        try file.add(Layout.enrolled, .float64, rows: rows)
        try file.add(Layout.flags, .byte, rows: rows)
        try file.add(Layout.digests, .byte, rows: rows, columns: Layout.digestSize)
        try file.add(Layout.quality, .float64, rows: rows, columns: Layout.qualitySize)
        try file.add(Layout.metadata, .text, rows: rows)
    }

    package func append(_ reference: FileReference) throws(VectorFileError) {
        try reference.requireNumbers(header, path: path)
        pending.append(reference)
        pendingText += reference.textBytes
        if pending.count == Layout.block || pendingText >= Layout.mostText { try flush() }
    }

    /// Completes the file, but for the seal of its bytes.
    package func finish() throws(VectorFileError) {
        try flush()
        precondition(written == header.references, "as many references as the header says are needed")
        try file.finish()
    }

    private func flush() throws(VectorFileError) {
        guard !pending.isEmpty else { return }
        let first = written
        try file.write(
            Layout.train, first: first, width: header.dimension, pending.flatMap(\.template))
        try file.write(Layout.subjects, first: first, pending.map(\.subject))
        try file.write(Layout.references, first: first, pending.map(\.id))
        try file.write(Layout.sources, first: first, pending.map(\.source))
        try file.write(Layout.enrolled, first: first, pending.map(\.enrolled))
        try file.write(
            Layout.flags, first: first,
            pending.map { UInt8(($0.sourceDigest == nil ? 0 : 1) + ($0.quality == nil ? 0 : 2)) })
        let none = [UInt8](repeating: 0, count: Layout.digestSize)
        try file.write(
            Layout.digests, first: first, width: Layout.digestSize,
            pending.flatMap { $0.sourceDigest ?? none })
        try file.write(
            Layout.quality, first: first, width: Layout.qualitySize,
            pending.flatMap { reference -> [Double] in
                guard let quality = reference.quality else { return [0, 0, 0, 0, 0] }
                return [
                    Double(quality.faceSize), quality.sharpness, quality.yaw, quality.roll, quality.score,
                ]
            })
        try file.write(Layout.metadata, first: first, pending.map(\.metadataText))
        written += pending.count
        pending.removeAll(keepingCapacity: true)
        pendingText = 0
    }
}

extension FileReference {
    /// Bytes of its texts, about.
    fileprivate var textBytes: Int {
        metadata.reduce(subject.utf8.count + source.utf8.count) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    }
}

/// Reads references that were written as an HDF5 file.
///
/// Memory: a block of rows. One thread at a time.
package final class HDF5ReferenceReader: ReferenceReader {
    package let header: ReferenceFileHeader
    private let file: HDF5File
    private let path: String
    private var block: Block?
    /// The next one.
    private var row = 0

    /// Looks at an open file, and compares the shapes of its columns.
    ///
    /// libhdf5 trusts what it reads: a file whose seal has not been
    /// checked, or is somebody else's, can end the process.
    ///
    /// - Throws: `.malformed` where it is no export of this version.
    package init(sealed file: HDF5File) throws(VectorFileError) {
        self.file = file
        path = file.path
        guard try file.text("format") == ReferenceFileHeader.format else {
            throw .malformed(path: path, reason: "is not an export of references; enroll reads other data sets")
        }
        let train = try file.column(Layout.train, .float32)
        var header = ReferenceFileHeader(
            export: try file.text("export") ?? "", dimension: train.columns,
            network: try file.text("network") ?? "", fingerprint: try file.text("fingerprint") ?? "",
            references: train.rows)
        header.networkFacts = try file.text("networkFacts", most: NetworkIdentity.longestText)
        header.version = Int(clamping: try file.integer("version"))
        if let fault = header.fault { throw .malformed(path: path, reason: fault) }
        let columns: [(String, HDF5Kind, Int)] = [
            (Layout.subjects, .text, 0), (Layout.references, .int64, 0), (Layout.sources, .text, 0),
            (Layout.enrolled, .float64, 0), (Layout.flags, .byte, 0),
            (Layout.digests, .byte, Layout.digestSize), (Layout.quality, .float64, Layout.qualitySize),
            (Layout.metadata, .text, 0),
        ]
        for (name, kind, width) in columns {
            let shape = try file.column(name, kind)
            guard shape == (train.rows, width) else {
                throw .malformed(
                    path: path,
                    reason: "'\(name)' is \(shape.rows) × \(shape.columns) beside \(train.rows) templates")
            }
        }
        self.header = header
    }

    /// Whether the next reference can be had without asking libhdf5.
    package var hasMoreAtOnce: Bool { block?.rows.contains(row) ?? false }

    package func next() throws(VectorFileError) -> FileReference? {
        if !hasMoreAtOnce {
            guard row < header.references else { return nil }
            block = try nextBlock()
        }
        guard let block else { return nil }
        defer { row += 1 }
        let reference: FileReference
        do throws(RowFault) { reference = try block.reference(row) } catch {
            throw .malformed(path: path, reason: "row \(row) \(error.text)")
        }
        if let fault = reference.fault(header) {
            throw .malformed(path: path, reason: "row \(row): \(fault)")
        }
        return reference
    }

    /// As many rows as their texts allow.
    private func nextBlock() throws(VectorFileError) -> Block {
        // Behind long texts come more of them.
        var count = min(header.references - row, 2 * (block?.rows.count ?? Layout.block), Layout.block)
        while true {
            if let block = try Block(of: file, rows: row..<row + count, header) { return block }
            guard count > 1 else {
                throw .malformed(path: path, reason: "row \(row) has a text of over \(Layout.mostText) bytes")
            }
            count /= 2
        }
    }

    /// What a row has that no reference has.
    private struct RowFault: Error { let text: String }

    /// Some rows of every column.
    private struct Block {
        let rows: Range<Int>
        private let dimension: Int
        private let templates: [Float]
        private let subjects, sources, metadata: [String]
        private let ids: [Int64]
        private let enrolled, quality: [Double]
        private let flags, digests: [UInt8]

        /// Nil where the texts of these rows are too long to be read at once.
        init?(of file: HDF5File, rows: Range<Int>, _ header: ReferenceFileHeader) throws(VectorFileError) {
            guard let subjects = try file.texts(Layout.subjects, rows: rows, most: Layout.mostText),
                let sources = try file.texts(Layout.sources, rows: rows, most: Layout.mostText),
                let metadata = try file.texts(Layout.metadata, rows: rows, most: Layout.mostText)
            else { return nil }
            guard subjects.count == rows.count, sources.count == rows.count, metadata.count == rows.count else {
                throw .malformed(path: file.path, reason: "has fewer texts than templates")
            }
            (self.rows, dimension) = (rows, header.dimension)
            (self.subjects, self.sources, self.metadata) = (subjects, sources, metadata)
            templates = try file.numbers(Layout.train, rows: rows, width: dimension, as: Float.self)
            ids = try file.numbers(Layout.references, rows: rows, width: 1, as: Int64.self)
            enrolled = try file.numbers(Layout.enrolled, rows: rows, width: 1, as: Double.self)
            flags = try file.numbers(Layout.flags, rows: rows, width: 1, as: UInt8.self)
            digests = try file.numbers(Layout.digests, rows: rows, width: Layout.digestSize, as: UInt8.self)
            quality = try file.numbers(Layout.quality, rows: rows, width: Layout.qualitySize, as: Double.self)
        }

        func reference(_ row: Int) throws(RowFault) -> FileReference {
            let place = row - rows.lowerBound
            guard flags[place] < 4 else { throw RowFault(text: "has unknown flags") }
            guard let metadata = FileReference.metadata(in: metadata[place]) else {
                throw RowFault(text: "has metadata that is not an object of texts")
            }
            return FileReference(
                subject: subjects[place], id: ids[place], source: sources[place], enrolled: enrolled[place],
                quality: flags[place] & 2 == 0 ? nil : try quality(place),
                sourceDigest: flags[place] & 1 == 0
                    ? nil : Array(digests[place * Layout.digestSize..<(place + 1) * Layout.digestSize]),
                metadata: metadata, template: Array(templates[place * dimension..<(place + 1) * dimension]))
        }

        private func quality(_ place: Int) throws(RowFault) -> ReferenceQuality {
            let first = place * Layout.qualitySize
            guard let size = Int(exactly: quality[first]) else {
                throw RowFault(text: "has a face size that is not a whole number")
            }
            return ReferenceQuality(
                faceSize: size, sharpness: quality[first + 1], yaw: quality[first + 2],
                roll: quality[first + 3], score: quality[first + 4])
        }
    }
}

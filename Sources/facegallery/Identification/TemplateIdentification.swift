import Enrollment
import FaceImage
import Gallery
import GalleryModel
import VectorFiles
import Wire

/// Searches given templates, block by block: the rows of a file of vectors, or JSON Lines on standard input, which may
/// name photos, too.
struct TemplateIdentification {
    private static let batchSize = 1024

    let gallery: FaceGallery
    let search: FaceGallery.Search
    /// Makes the templates of photos; nil where only templates can be searched.
    let encoder: PhotoEncoder?
    let console: Console
    /// Whether every probe so far was a match.
    private(set) var hasOnlyMatches = true
    private var exitCode = ExitCode.done

    init(gallery: FaceGallery, search: FaceGallery.Search, encoder: PhotoEncoder?, console: Console) {
        (self.gallery, self.search, self.encoder, self.console) = (gallery, search, encoder, console)
    }

    /// Probes that are searched together, each with what the answer calls it.
    private struct Block {
        var names: [(probe: String, id: String?)] = []
        var templates: [Float] = []
    }

    /// Answers every row; one that is zero, not finite or no row at all is named and skipped.
    ///
    /// - Parameter path: a file, told by its ending as for enrolment, or `-`.
    mutating func run(_ path: String) throws -> ExitCode {
        if path == "-" { return try runLines(takesPhotos: false) }
        return try run(matrix: matrixRows(of: path))
    }

    /// Answers the lines of standard input, as they come.
    mutating func runProbes() throws -> ExitCode { try runLines(takesPhotos: true) }

    private mutating func run(matrix: any MatrixRows) throws -> ExitCode {
        let (columns, dimension) = (matrix.columns, gallery.settings.dimension)
        guard columns == dimension || matrix.rows == 0 else {
            throw CommandFailure(
                "\(matrix.path): rows have \(columns) numbers, but the gallery's templates have \(dimension)",
                .badData)
        }
        var rows = [Float](repeating: 0, count: Self.batchSize * columns)
        let answers = try AnswerPrinter(console: console, gallery: gallery, search: search)
        while matrix.position < matrix.rows {
            let first = matrix.position
            let count = try unsafe rows.withUnsafeMutableBufferPointer { try unsafe matrix.next(into: $0) }
            guard count > 0 else { break }
            var block = Block()
            for row in 0..<count {
                try take(
                    Array(rows[row * columns..<(row + 1) * columns]), matrix.path, first + row, nil,
                    into: &block)
            }
            try answer(block, answers)
        }
        return exitCode
    }

    private mutating func runLines(takesPhotos: Bool) throws -> ExitCode {
        let input = try ProbeLines(dimension: gallery.settings.dimension, takesPhotos: takesPhotos)
        let answers = try AnswerPrinter(console: console, gallery: gallery, search: search)
        while let rows = try input.next(atMost: Self.batchSize) {
            var block = Block()
            for row in rows {
                switch row.content {
                case .success(.template(let template)):
                    try take(template, input.origin, row.line, row.id, into: &block)
                case .success(.photo(let path)):
                    // Answers come in the order of the lines.
                    try answer(block, answers)
                    block = Block()
                    try answer(photo: path, row.id, answers)
                case .failure(let fault): try refuse(fault.text, input.origin, row.line, row.id)
                }
            }
            try answer(block, answers)
        }
        return exitCode
    }

    private mutating func take(
        _ template: [Float], _ origin: String, _ row: Int, _ id: String?, into block: inout Block
    ) throws {
        var template = template
        do throws(VectorProblem) { try UnitVector.normalise(&template) } catch {
            return try refuse("\(error)", origin, row, id)
        }
        block.names.append((String(row), id))
        block.templates += template
    }

    private mutating func refuse(_ fault: String, _ origin: String, _ row: Int, _ id: String?) throws {
        console.note("error: \(printable(origin)): row \(row): \(fault)")
        exitCode = .badData
        hasOnlyMatches = false
        if console.json {
            try console.print(json: AnswerFailureRecord(fault: fault, probe: String(row), id: id))
        }
    }

    private mutating func answer(_ block: Block, _ answers: AnswerPrinter) throws {
        if block.names.isEmpty { return }
        try gallery.identify(probes: block.templates, search) { place, answer, metadata in
            if answer.decision != .match { hasOnlyMatches = false }
            try answers.print(answer, metadata, probe: block.names[place].probe, id: block.names[place].id)
        }
    }

    private mutating func answer(photo path: String, _ id: String?, _ answers: AnswerPrinter) throws {
        let (found, faces): (PhotoFaces, [EncodedFace])
        do throws(GalleryError) { (found, faces) = try self.faces(of: path) } catch {
            console.note("error: \(printable(Advice.line(error)))")
            exitCode = .badData
            hasOnlyMatches = false
            if console.json { try console.print(json: AnswerFailureRecord(error, probe: path, id: id)) }
            return
        }
        try gallery.identify(probes: faces.flatMap(\.template), search) { place, answer, metadata in
            if answer.decision != .match { hasOnlyMatches = false }
            let warnings = encoder.flatMap { WarningRecord.tell(faces[place].face, of: path, $0, console) }
            try answers.print(
                answer, metadata, probe: path, id: id, face: faces[place].face,
                size: (found.width, found.height), warnings: warnings)
        }
    }

    private func faces(of path: String) throws(GalleryError) -> (PhotoFaces, [EncodedFace]) {
        guard let encoder else {
            throw .badArgument("\(path): the gallery's network is not there, so no photo can be searched")
        }
        let found = try encoder.photoFaces(
            in: encoder.read(PhotoItem(path: path, subject: nil, isNamed: true)))
        return (found, try encoder.encode(found.faces))
    }
}

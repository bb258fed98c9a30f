import Gallery
import Network
import TemplateStore
import VectorFiles

/// Enrols the rows of a matrix, a name a row, in large transactions.
struct TemplateEnrollment {
    private static let batchSize = 16_384
    private static let refusalsShown = 20

    let gallery: FaceGallery
    let console: Console

    /// Works through all rows; returns the exit code.
    ///
    /// The two files are compared before anything is written. A row that is zero or not finite is refused and the
    /// rest enrolled.
    func run(embeddings: String, names: String) throws -> ExitCode {
        let matrix = try NpyMatrixReader(path: embeddings)
        guard matrix.columns == gallery.settings.dimension else {
            throw CommandFailure(
                "\(embeddings): rows have \(matrix.columns) numbers, the gallery's templates have "
                    + "\(gallery.settings.dimension)", .badData)
        }
        let nameCount = try Self.countNames(names)
        guard nameCount == matrix.rows else {
            throw CommandFailure(
                "\(names) holds \(nameCount) names for the \(matrix.rows) rows of \(embeddings); "
                    + "a name a row is needed, and nothing was enrolled", .badData)
        }
        return try enroll(matrix, embeddings, NamesReader(path: names))
    }

    private func enroll(_ matrix: NpyMatrixReader, _ embeddings: String, _ names: NamesReader) throws
        -> ExitCode
    {
        var summary = EnrollmentSummary(enrolled: 0, present: 0, refused: 0)
        var progress = Progress(total: matrix.rows, noun: "templates")
        let dimension = matrix.columns
        while matrix.position < matrix.rows {
            let first = matrix.position
            let rows = try matrix.nextRows(Self.batchSize)
            var batch: [NewReference] = []
            for row in 0..<rows.count / dimension {
                guard let name = try names.next() else { break }
                var template = Array(rows[row * dimension..<(row + 1) * dimension])
                do {
                    try StoreWriter.checkName(name)
                    try UnitVector.normalise(&template)
                } catch {
                    summary.refused += 1
                    if summary.refused <= Self.refusalsShown {
                        console.note(printable("refused: \(embeddings): row \(first + row): \(error)"))
                    }
                    continue
                }
                batch.append(
                    NewReference(
                        subject: name, source: "\(embeddings):\(first + row)",
                        sourceDigest: Self.digest(of: template), template: template))
            }
            for addition in try gallery.enroll(batch) {
                if case .added = addition { summary.enrolled += 1 } else { summary.present += 1 }
            }
            progress.advance(by: rows.count / dimension)
        }
        progress.clear()
        if summary.refused > Self.refusalsShown {
            console.note("refused: \(summary.refused - Self.refusalsShown) further rows")
        }
        try summary.print(on: console, noun: "template")
        try gallery.settle(telling: console)
        return summary.refused > 0 ? .badData : .done
    }

    private static func countNames(_ path: String) throws(VectorFileError) -> Int {
        let reader = try NamesReader(path: path)
        while try reader.next() != nil {}
        return reader.line
    }

    /// What tells a given template from another, so that a job can be run again.
    private static func digest(of template: [Float]) -> [UInt8] {
        SHA256.digest(of: unsafe template.withUnsafeBytes { unsafe [UInt8]($0) })
    }
}

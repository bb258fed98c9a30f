import Gallery
import GalleryModel
import VectorFiles
import Wire

/// Searches given templates, block by block: the rows of a file of vectors, or JSON Lines on standard input.
struct TemplateIdentification {
    private static let batchSize = 1024

    let gallery: FaceGallery
    let search: FaceGallery.Search
    let console: Console

    /// Probes that are searched together, each with the row or line it stands in.
    private struct Block {
        var places: [Int] = []
        var templates: [Float] = []
        /// Rows that were read and cannot be searched.
        var refused = 0
    }

    /// Answers every row; one that is zero, not finite or no row at all is named and skipped.
    ///
    /// - Parameter path: a file, told by its ending as for enrolment, or `-`.
    func run(_ path: String) throws -> ExitCode {
        path == "-" ? try runLines() : try run(matrix: matrixRows(of: path))
    }

    private func run(matrix: any MatrixRows) throws -> ExitCode {
        let (columns, dimension) = (matrix.columns, gallery.settings.dimension)
        guard columns == dimension || matrix.rows == 0 else {
            throw CommandFailure(
                "\(matrix.path): rows have \(columns) numbers, but the gallery's templates have \(dimension)",
                .badData)
        }
        var rows = [Float](repeating: 0, count: Self.batchSize * columns)
        var exitCode = ExitCode.done
        let answers = AnswerPrinter(console: console, gallery: gallery, search: search)
        while matrix.position < matrix.rows {
            let first = matrix.position
            let count = try unsafe rows.withUnsafeMutableBufferPointer { try unsafe matrix.next(into: $0) }
            guard count > 0 else { break }
            var block = Block()
            for row in 0..<count {
                take(Array(rows[row * columns..<(row + 1) * columns]), matrix.path, first + row, into: &block)
            }
            try answer(block, answers, &exitCode)
        }
        return exitCode
    }

    private func runLines() throws -> ExitCode {
        let input = try ProbeLines(dimension: gallery.settings.dimension)
        var exitCode = ExitCode.done
        let answers = AnswerPrinter(console: console, gallery: gallery, search: search)
        while let rows = try input.next(atMost: Self.batchSize) {
            var block = Block()
            for row in rows {
                switch row.content {
                case .success(let template): take(template, input.origin, row.line, into: &block)
                case .failure(let fault): refuse("\(fault.text)", input.origin, row.line, &block)
                }
            }
            try answer(block, answers, &exitCode)
        }
        return exitCode
    }

    private func take(_ template: [Float], _ origin: String, _ row: Int, into block: inout Block) {
        var template = template
        do {
            try UnitVector.normalise(&template)
            block.places.append(row)
            block.templates += template
        } catch { refuse("\(error)", origin, row, &block) }
    }

    private func refuse(_ fault: String, _ origin: String, _ row: Int, _ block: inout Block) {
        console.note("error: \(printable(origin)): row \(row): \(fault)")
        block.refused += 1
    }

    private func answer(_ block: Block, _ answers: AnswerPrinter, _ exitCode: inout ExitCode) throws {
        if block.refused > 0 { exitCode = .badData }
        if block.places.isEmpty { return }
        try gallery.identify(probes: block.templates, search) { place, answer, metadata in
            try answers.print(answer, metadata, probe: String(block.places[place]))
        }
    }
}

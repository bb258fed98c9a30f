import Gallery
import TemplateStore
import VectorFiles

/// Searches the rows of a matrix, block by block.
struct TemplateIdentification {
    private static let batchSize = 1024

    let gallery: FaceGallery
    let search: FaceGallery.Search
    let console: Console

    /// Answers every row; a row that is zero or not finite is named and passed over.
    func run(_ path: String) throws -> ExitCode {
        let matrix = try NpyMatrixReader(path: path)
        let dimension = gallery.settings.dimension
        guard matrix.columns == dimension else {
            throw CommandFailure(
                "\(path): rows have \(matrix.columns) numbers, the gallery's templates have \(dimension)",
                .badData)
        }
        let answers = AnswerPrinter(console: console, gallery: gallery, search: search)
        var exitCode = ExitCode.done
        while matrix.position < matrix.rows {
            let first = matrix.position
            let rows = try matrix.nextRows(Self.batchSize)
            var usable: [Int] = []
            var probes: [Float] = []
            for row in 0..<rows.count / dimension {
                var template = Array(rows[row * dimension..<(row + 1) * dimension])
                do {
                    try UnitVector.normalise(&template)
                    usable.append(first + row)
                    probes += template
                } catch {
                    console.note("error: \(printable(path)): row \(first + row): \(error)")
                    exitCode = .badData
                }
            }
            if usable.isEmpty { continue }
            try gallery.identify(probes: probes, search) { place, answer, metadata in
                try answers.print(answer, metadata, probe: String(usable[place]))
            }
        }
        return exitCode
    }
}

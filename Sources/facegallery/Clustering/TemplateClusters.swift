import ArgumentParsing
import Clustering
import Gallery
import GalleryModel
import Network
import VectorFiles
import Wire

/// Groups given templates.
struct TemplateClusters {
    private static let batch = 1024
    private let arguments: ParsedArguments
    private let console: Console
    private let gallery: FaceGallery?

    init(_ arguments: ParsedArguments, _ console: Console) throws {
        (self.arguments, self.console) = (arguments, console)
        gallery = try arguments.value("--gallery").map { try FaceGallery(at: $0, readOnly: true) }
        try gallery?.requireCard()
    }

    /// - Parameter path: a file of vectors.
    func run(_ path: String) throws -> ExitCode {
        if let gallery { try MatrixNetwork.require(of: path, gallery, console) }
        let threads = try arguments.jobs()
        let similarity = try similarity(of: path)
        let matrix = try matrixRows(of: path)
        if let gallery, matrix.columns != gallery.settings.dimension, matrix.rows > 0 {
            throw CommandFailure(
                "\(path): rows have \(matrix.columns) numbers, but the gallery's templates have "
                    + "\(gallery.settings.dimension)", .badData)
        }
        StopRequest.watch(outlivesReaders: false)
        var graph = try FaceGraph(dimension: max(1, matrix.columns), minSimilarity: similarity)
        let (rows, refused) = try read(matrix, into: &graph)
        let unknown =
            try arguments.flag("--unknown")
            ? gallery.map { try UnknownFaces(gallery: $0, threads: threads).unknown(graph.templates) } : nil
        let progress = ShareProgress(total: graph.rows, noun: "templates compared")
        try graph.compare(threads: threads, progress: progress.advance) { !StopRequest.isAsked }
        progress.clear()
        let faces = rows.filter { unknown?[$0.node] ?? true }
        let clusters = try graph.clusters(of: faces.map(\.node), threads: threads) { !StopRequest.isAsked }
        let lines = zip(faces, clusters).map { ClusteredFaceRecord(cluster: $1, row: $0.row) }
            .sorted { ($0.cluster ?? .max, $0.row ?? 0) < ($1.cluster ?? .max, $1.row ?? 0) }
        try ClusterPrinter(console: console).print(lines)
        console.note(ClusterPrinter.summary(lines, noun: "template", similarity))
        if refused > 0 { console.note("\(refused) of \(matrix.rows) rows cannot be used") }
        return refused > 0 ? .badData : .done
    }

    /// The similarity that the user gives, or that belongs to the network which made the templates.
    private func similarity(of path: String) throws -> Double {
        if let given = try arguments.leastClusterSimilarity() { return given }
        if let threshold = try gallery?.identificationThreshold() { return threshold }
        if let network = try arguments.value("--network") ?? MatrixNetwork.name(of: path) {
            return try ModelCache.standard.card(ofNetwork: network).identificationSimilarity
        }
        throw UsageError(
            "no file beside \(printable(path)) says which network made it; use --network or --min-similarity",
            command: "cluster")
    }

    /// Rows with the node of each; one that is zero or not finite is named and skipped.
    private func read(
        _ matrix: any MatrixRows, into graph: inout FaceGraph
    ) throws -> (rows: [(row: Int, node: Int)], refused: Int) {
        var (rows, refused) = ([(row: Int, node: Int)](), 0)
        let columns = matrix.columns
        var buffer = [Float](repeating: 0, count: Self.batch * columns)
        while matrix.position < matrix.rows {
            let first = matrix.position
            let count = try unsafe buffer.withUnsafeMutableBufferPointer {
                try unsafe matrix.next(into: $0)
            }
            guard count > 0 else { break }
            for row in 0..<count {
                var template = Array(buffer[row * columns..<(row + 1) * columns])
                do {
                    try UnitVector.normalise(&template)
                    rows.append((first + row, try graph.add(template)[0]))
                } catch let problem as VectorProblem {
                    console.note("error: \(printable(matrix.path)): row \(first + row): \(problem)")
                    refused += 1
                }
            }
        }
        return (rows, refused)
    }
}

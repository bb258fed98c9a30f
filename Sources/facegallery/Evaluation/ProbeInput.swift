import ArgumentParsing
import Concurrency
import Enrollment
import FaceImage
import Gallery
import GalleryEvaluation
import GalleryModel
import Synchronization
import VectorFiles

/// Reads the probes of an evaluation: photos of a folder or a list, or given templates with names.
struct ProbeInput {
    /// How a list of names says that a row shows a stranger.
    static let stranger = "-"

    let arguments: ParsedArguments
    let console: Console

    /// What was read.
    struct Result {
        var probes: ProbeSet
        /// Whether a row or photo was unusable in a way that the exit code tells.
        var isFaulty = false
        /// Whether the user stopped the reading; the probes are then a random part.
        var isPart = false
    }

    /// Everything that is read, for the check of outputs.
    var inputs: [String] {
        ["--photos", "--manifest", "--embeddings", "--subjects", "--groups", "--pairs"].compactMap {
            arguments.value($0)
        }
    }

    /// The probes that the options name.
    func read(for gallery: FaceGallery) throws -> Result {
        let sources = ["--photos", "--manifest", "--embeddings"].filter { arguments.value($0) != nil }
        guard sources.count == 1 else {
            throw UsageError(
                sources.isEmpty
                    ? "probes are needed: use --photos DIR, --manifest X.csv, or --embeddings X.npy with --subjects names.txt"
                    : "use one of \(sources.joined(separator: ", "))", command: "evaluate")
        }
        guard arguments.value("--subjects") == nil || sources == ["--embeddings"] else {
            throw UsageError("--subjects needs --embeddings", command: "evaluate")
        }
        if let path = arguments.value("--embeddings") {
            return try templates(path, names: arguments.required("--subjects"), gallery)
        }
        if let path = arguments.value("--manifest") {
            return try photos(ManifestPhotos.all(of: path), gallery)
        }
        let folder = try arguments.required("--photos")
        let (items, passedOver) = try PhotoWalk.photos(at: [folder], excluding: arguments.patterns())
        if let text = passedOver.text { console.note(Advice.withOptions(text)) }
        return try photos(items, gallery)
    }

    /// Strangers for a calibration: photos, or the rows of a matrix.
    func strangers(at path: String, _ gallery: FaceGallery) throws -> ProbeSet {
        let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
        var probes = ProbeSet(dimension: gallery.settings.dimension)
        guard !PhotoWalk.isFolder(path), ["npy", "fvecs", "bvecs", "hdf5", "h5"].contains(ending) else {
            let (items, passedOver) = try PhotoWalk.photos(at: [path], excluding: arguments.patterns())
            if let text = passedOver.text { console.note(Advice.withOptions(text)) }
            let encoder = try PhotoEncoder(
                of: gallery, limits: arguments.limits(), finding: arguments.finding())
            try PhotoTemplates.make(of: items, encoder, jobs: arguments.jobs()) { item, found in
                switch found {
                case .success(let template): try probes.add(item.path, person: nil, template: template)
                case .failure(let error):
                    console.note("no template: \(printable(Advice.line(error)))")
                    // What is no photo is no search; a photo without a face is one that names nobody.
                    if case .noFace = error { try probes.add(item.path, person: nil, template: nil) }
                }
            }
            return probes
        }
        try MatrixNetwork.require(of: path, gallery, console)
        try forEachRow(of: path, gallery) { row, template in
            do throws(VectorProblem) {
                try probes.add("row \(row)", person: nil, template: template)
            } catch {
                throw CommandFailure("\(path): row \(row): \(error)", .badData)
            }
        }
        return probes
    }

    /// Reads the rows of a matrix that has the gallery's dimension.
    private func forEachRow(
        of path: String, _ gallery: FaceGallery, _ body: (Int, [Float]) throws -> Void
    ) throws {
        let matrix = try matrixRows(of: path)
        let dimension = gallery.settings.dimension
        guard matrix.columns == dimension || matrix.rows == 0 else {
            throw CommandFailure(
                "\(path): rows have \(matrix.columns) numbers, but the gallery's templates have \(dimension)",
                .badData)
        }
        var rows = [Float](repeating: 0, count: 1_024 * dimension)
        while matrix.position < matrix.rows {
            let first = matrix.position
            let count = try unsafe rows.withUnsafeMutableBufferPointer { try unsafe matrix.next(into: $0) }
            guard count > 0 else { return }
            for row in 0..<count {
                try body(first + row, Array(rows[row * dimension..<(row + 1) * dimension]))
            }
        }
    }

    private func templates(_ path: String, names: String, _ gallery: FaceGallery) throws -> Result {
        try MatrixNetwork.require(of: path, gallery, console)
        let rows = try matrixRows(of: path).rows
        let count = try NamesReader.count(path: names)
        guard count == rows else {
            throw CommandFailure(
                "\(names) has \(count) lines and \(path) has \(rows) rows; every row needs a line with the "
                    + "subject, or \(Self.stranger) for a stranger", .badData)
        }
        var result = Result(probes: ProbeSet(dimension: gallery.settings.dimension))
        let list = try NamesReader(path: names)
        try forEachRow(of: path, gallery) { row, template in
            let name = try list.next() ?? Self.stranger
            do throws(VectorProblem) {
                try result.probes.add(
                    "row \(row)", person: name == Self.stranger ? nil : name, template: template)
            } catch {
                console.note("error: \(printable(path)): row \(row): \(error); it counts as not acquired")
                result.isFaulty = true
            }
        }
        return result
    }

    /// Makes the templates of photos, in random order, so that those that are there after an early end are a random part.
    private func photos(_ items: [PhotoItem], _ gallery: FaceGallery) throws -> Result {
        let encoder = try PhotoEncoder(of: gallery, limits: arguments.limits(), finding: arguments.finding())
        var result = Result(probes: ProbeSet(dimension: gallery.settings.dimension))
        let named = items.filter { !$0.subject.isEmpty }
        if named.count < items.count {
            console.note(
                "\(items.count - named.count) photos name nobody and are left out; a folder per person names them, "
                    + "or a list with - for a stranger")
        }
        guard !named.isEmpty else {
            throw CommandFailure("there is no photo whose person is known: nothing to search", .noInput)
        }
        var random = SeededOrder(seed: UInt64(try arguments.integer("--seed", in: 0...Int.max) ?? 1))
        try PhotoTemplates.make(of: named.shuffled(using: &random), encoder, jobs: arguments.jobs()) {
            item, found in
            let person = item.subject == Self.stranger ? nil : item.subject
            switch found {
            case .success(let template): try result.probes.add(item.path, person: person, template: template)
            case .failure(let error):
                console.note("no template: \(printable(Advice.line(error)))")
                try result.probes.add(item.path, person: person, template: nil)
            }
        }
        result.isPart = StopRequest.isAsked
        return result
    }
}

/// Makes the templates of photos on several threads, the largest face of each.
enum PhotoTemplates {
    /// Hands over one result per photo, in their order, until the user asks to stop.
    static func make(
        of items: [PhotoItem], _ encoder: PhotoEncoder, jobs: Int,
        deliver: (PhotoItem, Swift.Result<[Float], GalleryError>) throws -> Void
    ) throws {
        var progress = Progress(noun: "photos")
        var (done, refused) = (0, 0)
        try inOrder(items, width: jobs) { item -> Swift.Result<[Float], GalleryError>? in
            guard !StopRequest.isAsked else { return nil }
            return Swift.Result { () throws(GalleryError) in
                try encoder.face(in: encoder.read(item), largest: true).template
            }
        } deliver: { item, found in
            guard let found else { return }
            done += 1
            if case .failure = found {
                refused += 1
                progress.clear()
            }
            try deliver(item, found)
            progress.show(done, of: items.count, refused: refused)
        }
        progress.clear()
    }
}

/// Random order that is the same for the same seed: xorshift64* (Vigna 2016).
struct SeededOrder: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

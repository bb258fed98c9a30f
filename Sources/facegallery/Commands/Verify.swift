import ArgumentParsing
import Enrollment
import FaceImage
import Gallery
import Network
import VectorFiles
import Wire

let verify = Verb(
    specification: CommandSpecification(
        "verify", abstract: "Compare two photos, or a photo with a subject; or given templates.",
        discussion: """
            With --embeddings and --subject each row is compared with the subject; without --subject, row 0 with row 1
            and so on.
            """,
        positionals: [
            PositionalSpecification("photo", .zeroOrMore, help: "Two photos, or one with --subject.")
        ],
        options: [
            Shared.gallery,
            OptionSpecification("--subject", value: "NAME", help: "The subject to compare the photo with."),
            OptionSpecification(
                "--embeddings", value: "FILE", help: "Templates to compare: X.npy, X.fvecs, X.bvecs or X.hdf5."),
            OptionSpecification("--fail-non-match", help: "Exit with code 1 if a comparison is no match."),
            Shared.minSimilarity, Shared.fusion, Shared.network, Shared.largestFace, Shared.detector,
            Shared.anyRotation, Shared.maxBytes, Shared.maxPixels, Shared.maxSeconds, Shared.cache, Shared.json,
        ],
        example: """
            facegallery verify a.jpg b.jpg
            facegallery verify -g faces --subject "Ada Lovelace" a.jpg
            facegallery verify -g faces --subject "Ada Lovelace" --embeddings probes.npy
            """),
    run: { arguments, console in
        let subject = arguments.value("--subject")
        if let file = arguments.value("--embeddings") {
            return try verifyTemplates(of: file, arguments, console)
        }
        guard arguments.positionals.count == (subject == nil ? 2 : 1) else {
            throw UsageError(
                subject == nil
                    ? "two photos are needed, or one with --subject" : "one photo is needed with --subject",
                command: "verify")
        }
        guard subject == nil || arguments.value("--network") == nil else {
            throw UsageError("a gallery has its own network: leave out --network", command: "verify")
        }
        let largest = arguments.flag("--largest-face")
        let fusion = try arguments.choice("--fusion", as: Fusion.self) ?? .max
        let minSimilarity = try arguments.minSimilarity()
        let result: Verification
        var doubts: [VerificationRecord.PhotoWarnings] = []
        func usableFace(of path: String, _ encoder: PhotoEncoder) throws(GalleryError) -> DetectedFace {
            let chosen = try encoder.chosenFace(in: encoder.read(path), largest: largest)
            let reasons = joined(
                WarningRecord.tellDoubtful(chosen.doubtful, in: path, console),
                WarningRecord.tell(chosen.detected.face, of: path, encoder, console))
            if let reasons { doubts.append(VerificationRecord.PhotoWarnings(photo: path, reasons: reasons)) }
            return chosen.detected
        }
        if let subject {
            let gallery = try FaceGallery(at: arguments.galleryPath(), readOnly: true)
            let encoder = try PhotoEncoder(
                of: gallery, limits: arguments.limits(), finding: arguments.finding())
            let face = try usableFace(of: arguments.positionals[0], encoder)
            result = try gallery.verify(
                encoder.encode([face])[0].template, subject: subject, fusion: fusion,
                minSimilarity: minSimilarity)
        } else {
            let encoder = try PhotoEncoder(
                network: arguments.value("--network") ?? ModelCache.defaultNetwork, limits: arguments.limits(),
                finding: arguments.finding())
            let first = try usableFace(of: arguments.positionals[0], encoder)
            let second = try usableFace(of: arguments.positionals[1], encoder)
            result = try encoder.verify(first, second, minSimilarity: minSimilarity)
        }
        let other = subject ?? arguments.positionals[1]
        if console.json {
            try console.print(
                json: VerificationRecord(
                    result, of: arguments.positionals[0], with: other, isSubject: subject != nil,
                    warnings: doubts))
        } else {
            let threshold = result.threshold.map { "  (threshold \(short($0)))" } ?? ""
            try console.print(
                "\(result.isMatch ? "match" : "non-match")  \(fixed(result.similarity))  \(printable(arguments.positionals[0]))  \(printable(other))"
                    + threshold)
        }
        return result.isMatch || !arguments.flag("--fail-non-match") ? .done : .failed
    })

private func verifyTemplates(
    of file: String, _ arguments: ParsedArguments, _ console: Console
) throws -> ExitCode {
    guard arguments.positionals.isEmpty else {
        throw UsageError("use --embeddings or photos, not both", command: "verify")
    }
    let gallery = try FaceGallery(at: arguments.galleryPath(), readOnly: true)
    let (subject, dimension) = (arguments.value("--subject"), gallery.settings.dimension)
    try MatrixNetwork.require(of: file, gallery, console)
    let matrix = try matrixRows(of: file)
    guard matrix.columns == dimension else {
        throw CommandFailure(
            "\(printable(file)): rows have \(matrix.columns) numbers, but the gallery's templates have \(dimension)",
            .badData)
    }
    guard matrix.rows > 0, subject != nil || matrix.rows.isMultiple(of: 2) else {
        throw CommandFailure(
            "\(printable(file)): \(matrix.rows) rows are no pairs; give --subject, or an even number of rows",
            .badData)
    }
    let fusion = try arguments.choice("--fusion", as: Fusion.self) ?? .max
    let minSimilarity = try arguments.minSimilarity()
    var haveAllMatched = true
    func tell(_ result: Verification, _ first: String, _ other: String) throws {
        if !result.isMatch { haveAllMatched = false }
        if console.json {
            return try console.print(
                json: VerificationRecord(
                    result, of: first, with: other, isSubject: subject != nil, warnings: []))
        }
        let threshold = result.threshold.map { "  (threshold \(short($0)))" } ?? ""
        try console.print(
            "\(result.isMatch ? "match" : "non-match")  \(fixed(result.similarity))  \(first)  \(printable(other))\(threshold)"
        )
    }
    // Two rows at once, or one: a row is no more than 2,048 numbers.
    let atOnce = subject == nil ? 2 : 1
    var rows = [Float](repeating: 0, count: atOnce * dimension)
    while matrix.position < matrix.rows {
        let first = matrix.position
        guard try unsafe rows.withUnsafeMutableBufferPointer({ try unsafe matrix.next(into: $0) }) == atOnce
        else {
            break
        }
        if let subject {
            let result = try gallery.verify(
                rows, subject: subject, fusion: fusion, minSimilarity: minSimilarity)
            try tell(result, "\(first)", subject)
        } else {
            let pair = (Array(rows[..<dimension]), Array(rows[dimension...]))
            let result = try gallery.compare(pair.0, pair.1, minSimilarity: minSimilarity)
            try tell(result, "\(first)", "\(first + 1)")
        }
    }
    return haveAllMatched || !arguments.flag("--fail-non-match") ? .done : .failed
}

extension PhotoEncoder {
    fileprivate func read(_ path: String) throws(GalleryError) -> PhotoFile {
        try read(PhotoItem(path: path, subject: "", isNamed: true))
    }
}

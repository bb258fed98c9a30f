import ArgumentParsing
import Enrollment
import FaceImage
import Gallery
import Network
import Wire

let verify = Verb(
    specification: CommandSpecification(
        "verify", abstract: "Compare two photos, or a photo with a subject.",
        positionals: [PositionalSpecification("photo", .oneOrMore, help: "Two photos, or one with --subject.")],
        options: [
            Shared.gallery,
            OptionSpecification("--subject", value: "NAME", help: "The subject to compare the photo with."),
            Shared.minSimilarity, Shared.fusion, Shared.network, Shared.largestFace, Shared.detector,
            Shared.anyRotation, Shared.maxBytes, Shared.maxPixels, Shared.maxSeconds, Shared.cache, Shared.json,
        ],
        example: """
            facegallery verify a.jpg b.jpg
            facegallery verify -g faces --subject "Ada Lovelace" a.jpg
            """),
    run: { arguments, console in
        let subject = arguments.value("--subject")
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
        return .done
    })

extension PhotoEncoder {
    fileprivate func read(_ path: String) throws(GalleryError) -> PhotoFile {
        try read(PhotoItem(path: path, subject: "", isNamed: true))
    }
}

import FaceImage
import Gallery
import GalleryModel
import Wire

/// Prints answers, for people or as JSON Lines.
struct AnswerPrinter {
    let console: Console
    let gallery: FaceGallery
    private let withMetadata: Bool

    init(console: Console, gallery: FaceGallery, search: FaceGallery.Search) {
        self.console = console
        self.gallery = gallery
        withMetadata = search.withMetadata
        if search.minSimilarity == nil, gallery.identificationThreshold == nil {
            console.note(
                "no threshold is known for \(printable(gallery.settings.networkName)), so every decision is unknown; "
                    + "give --min-similarity")
        }
    }

    func print(
        _ answer: Answer, _ metadata: CandidateMetadata, probe: String, face: Face? = nil,
        warnings: [WarningRecord]? = nil
    ) throws {
        if console.json {
            let face = face.map { FaceRecord($0, warnings: warnings) }
            guard withMetadata else {
                return try console.print(json: AnswerRecord(answer, probe: probe, face: face))
            }
            return try AnswerRecord.writeLine(
                answer, probe: probe, face: face, metadata: { try metadata.of($0) },
                to: { try console.write($0) })
        }
        var heading = printable(probe)
        if let box = face?.box { heading += "  face \(box.width)×\(box.height) at \(box.x),\(box.y)" }
        heading += "  \(answer.decision.rawValue)"
        if answer.decision == .match, let first = answer.candidates.first {
            heading += ": \(printable(first.subject))"
        }
        if let threshold = answer.threshold { heading += "  (threshold \(short(threshold)))" }
        try console.print(heading)
        for candidate in answer.candidates {
            let found = withMetadata ? try metadata.of(candidate) : [:]
            let more = found.isEmpty ? "" : "  (\(shown(found)))"
            try console.print(
                "  \(candidate.rank)  \(fixed(candidate.similarity))  \(printable(candidate.subject))\(more)")
        }
    }
}

/// A number without its decimals; what is out of any range, as it is.
func whole(_ value: Double) -> String { abs(value) < 1e15 ? "\(Int(value))" : "\(value)" }

import Album
import FaceImage
import Gallery
import GalleryModel
import Wire

/// Prints answers, for people or as JSON Lines.
struct AnswerPrinter {
    let console: Console
    private let withMetadata: Bool
    /// Whether people get all candidates of an answer, a line each, and not only the answer's own line.
    private let isDetailed: Bool

    init(console: Console, gallery: FaceGallery, search: FaceGallery.Search, isDetailed: Bool = true) throws {
        self.console = console
        (withMetadata, self.isDetailed) = (search.withMetadata, isDetailed)
        if try gallery.size().references == 0 {
            console.note("the gallery is empty, so every face is unknown: enrol people first, with 'enroll'")
        } else if search.minSimilarity == nil, try gallery.identificationThreshold() == nil {
            console.note(
                "no threshold is known for \(printable(gallery.settings.networkName)), so every decision is unknown; "
                    + "give --min-similarity, or set one with 'set'")
        }
    }

    /// - Parameter probe: what the answer is about; `face` is its face, and `size` that of the photo.
    func print(
        _ answer: Answer, _ metadata: CandidateMetadata, probe: String, id: String? = nil, face: Face? = nil,
        size: (width: Int, height: Int)? = nil, warnings: [WarningRecord]? = nil
    ) throws {
        if console.json {
            let face = face.map { FaceRecord($0, photo: size, warnings: warnings) }
            guard withMetadata else {
                return try console.print(json: AnswerRecord(answer, probe: probe, id: id, face: face))
            }
            return try AnswerRecord.writeLine(
                answer, probe: probe, id: id, face: face, metadata: { try metadata.of($0) },
                to: { try console.write($0) })
        }
        try console.print(heading(answer, probe, face, size))
        guard isDetailed else { return }
        for candidate in answer.candidates {
            let found = withMetadata ? try metadata.of(candidate) : [:]
            let more = found.isEmpty ? "" : "  (\(shown(found)))"
            try console.print(
                "  \(candidate.rank)  \(fixed(candidate.similarity))  \(printable(candidate.subject))\(more)")
        }
    }

    private func heading(
        _ answer: Answer, _ probe: String, _ face: Face?, _ size: (width: Int, height: Int)?
    ) -> String {
        var heading = printable(probe)
        if var box = face?.box {
            if let size { box = box.clipped(width: size.width, height: size.height) }
            heading += "  face \(box.width)×\(box.height) at \(box.x),\(box.y)"
        }
        heading += "  \(answer.decision.rawValue)"
        if let name = answer.nameInWords { heading += ": \(printable(name))" }
        if !isDetailed, let first = answer.candidates.first { heading += "  \(fixed(first.similarity))" }
        if let probability = answer.calibrated?.probability, !answer.candidates.isEmpty {
            heading += "  probability \(short((probability * 1_000).rounded() / 1_000))"
        }
        if let threshold = answer.threshold {
            let target = answer.calibrated?.targetFPIR.map { ", FPIR \(short($0 * 100)) %" }
            heading += "  (threshold \(short(threshold))\(target ?? ""))"
        }
        return heading
    }
}

extension Answer {
    /// Who it is, as it stands behind the decision; nil for a stranger.
    fileprivate var nameInWords: String? {
        guard let first = candidates.first else { return nil }
        return switch (decision, certainty) {
        case (.unknown, .perhaps): "perhaps \(first.subject)"
        case (.unknown, _): nil
        default: words
        }
    }
}

/// A number without its decimals; what is out of any range, as it is.
func whole(_ value: Double) -> String { abs(value) < 1e15 ? "\(Int(value))" : "\(value)" }

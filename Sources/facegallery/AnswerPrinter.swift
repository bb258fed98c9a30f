import FaceImage
import Gallery
import GalleryModel

/// Prints answers, for people or as JSON Lines, a candidate at a time: one may have 64 kB of metadata.
struct AnswerPrinter {
    private struct Line: Encodable {
        struct FaceLine: Encodable {
            var box: [Int]
            var score: Double
            /// Left out where enrolment would take the face.
            var warnings: [FaceWarning]?
        }
        struct CandidateLine: Encodable {
            var rank: Int
            var subject: String
            var similarity: Float
            var reference: Int64
            /// Left out where it was not asked for.
            var metadata: [String: String]?
        }
        var probe: String
        var face: FaceLine?
        var decision: String
        /// `null`, not left out, where none is known.
        var threshold: JSONNullable<Double>
        /// Empty: they are put in one by one.
        let candidates: [CandidateLine] = []
    }

    let console: Console
    let gallery: FaceGallery
    private let withMetadata: Bool
    /// Bytes that are written at once, and above which a line is written in parts.
    private static let bytesAtOnce = 1 << 20

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
        warnings: [FaceWarning]? = nil
    ) throws {
        if console.json {
            try printLine(answer, metadata, probe, face, warnings)
            return
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

    private func printLine(
        _ answer: Answer, _ metadata: CandidateMetadata, _ probe: String, _ face: Face?,
        _ warnings: [FaceWarning]?
    ) throws {
        let whole = try bytes(
            Line(
                probe: probe,
                face: face.map { face in
                    Line.FaceLine(
                        box: [face.box.x, face.box.y, face.box.width, face.box.height], score: face.score,
                        warnings: warnings)
                },
                decision: answer.decision.rawValue, threshold: JSONNullable(answer.threshold)))
        // Keys are in order, so candidates come first.
        let lead = Array("{\"candidates\":[".utf8)
        guard whole.starts(with: lead) else {
            throw CommandFailure("an answer holds what JSON cannot", .failed)
        }
        var line = lead
        for candidate in answer.candidates {
            if candidate.rank > 1 { line.append(UInt8(ascii: ",")) }
            line += try bytes(
                Line.CandidateLine(
                    rank: candidate.rank, subject: candidate.subject, similarity: candidate.similarity,
                    reference: candidate.reference,
                    metadata: withMetadata ? try metadata.of(candidate) : nil)
            ).dropLast()
            guard line.count >= Self.bytesAtOnce else { continue }
            try console.write(line)
            line.removeAll(keepingCapacity: true)
        }
        try console.write(line + whole.dropFirst(lead.count))
    }

    /// A line of JSON.
    private func bytes(_ value: some Encodable) throws(CommandFailure) -> [UInt8] {
        guard let line = jsonLine(value) else {
            throw CommandFailure("an answer holds what JSON cannot", .failed)
        }
        return line
    }
}

/// A number without its decimals; what is out of any range, as it is.
func whole(_ value: Double) -> String { abs(value) < 1e15 ? "\(Int(value))" : "\(value)" }

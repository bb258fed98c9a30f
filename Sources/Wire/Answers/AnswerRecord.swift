package import Gallery
internal import GalleryModel

/// The answer to one probe: a line of `identify`.
public struct AnswerRecord: Codable, Hashable, Sendable {
    /// The photo's path, or the row or line of a given template.
    public var probe: String
    /// The name that a line of `--probes` gave itself; nil if it gave none.
    public var id: String?
    /// The face of the photo; nil for a given template.
    public var face: FaceRecord?
    /// `match`, `ambiguous`, `review` or `unknown`; a later version may have further words.
    public var decision: String
    /// How far the first candidate is from the threshold: `clear` and `close` above it, `perhaps` close below it; nil
    /// far below it, or where that cannot be said.
    public var certainty: String?
    /// Cosine at or above which a candidate matches; nil where none is known.
    @NullIfMissing public var threshold: Double?
    /// Share of searches for strangers that reach the threshold; nil unless it is a calibration's.
    public var targetFPIR: Double?
    /// Probability that the first candidate is the right person, 0…1; nil unless the gallery is calibrated with subjects
    /// of several references.
    public var probability: Double?
    /// Share of probes that `probability` assumes to show enrolled people; nil without `probability`.
    public var prior: Double?
    /// At most k subjects, most similar first.
    public var candidates: [CandidateRecord]

    /// An answer with its candidates.
    package init(_ answer: Answer, probe: String, id: String? = nil, face: FaceRecord? = nil) {
        self.init(
            answer, probe: probe, id: id, face: face, candidates: answer.candidates.map(CandidateRecord.init))
    }

    fileprivate init(
        _ answer: Answer, probe: String, id: String?, face: FaceRecord?, candidates: [CandidateRecord]
    ) {
        (self.probe, self.id, self.face, self.candidates) = (probe, id, face, candidates)
        (decision, threshold) = (answer.decision.rawValue, answer.threshold)
        certainty = answer.certainty?.rawValue
        targetFPIR = answer.calibrated?.targetFPIR
        (probability, prior) = (answer.calibrated?.probability, answer.calibrated?.prior)
    }
}

/// A subject in an answer.
public struct CandidateRecord: Codable, Hashable, Sendable {
    /// Place in the answer, from 1.
    public var rank: Int
    /// The subject's name.
    public var subject: String
    /// Cosine, −1…1.
    public var similarity: Float
    /// The subject's reference that is most similar to the probe.
    public var reference: Int64
    /// The metadata of that reference; nil where it was not asked for.
    public var metadata: [String: String]?

    /// A candidate as the engine has it.
    package init(_ candidate: Candidate) {
        (rank, subject, similarity) = (candidate.rank, candidate.subject, candidate.similarity)
        (reference, metadata) = (candidate.reference, candidate.metadata)
    }
}

extension AnswerRecord {
    /// Bytes that are handed over at once, and above which a line is handed over in parts.
    private static let bytesAtOnce = 1 << 20

    /// Writes an answer as a line whose candidates get their metadata one by one.
    ///
    /// A candidate may have 64 kB of metadata. Memory: about 1 MB, however many candidates there are.
    /// - Parameters:
    ///   - metadata: reads a candidate's metadata.
    ///   - put: takes the line, whole or in parts.
    /// - Throws: `WireError`; what the two closures throw.
    package static func writeLine(
        _ answer: Answer, probe: String, id: String? = nil, face: FaceRecord?,
        metadata: (Candidate) throws -> [String: String], to put: ([UInt8]) throws -> Void
    ) throws {
        let whole = try WireFormat.line(AnswerRecord(answer, probe: probe, id: id, face: face, candidates: []))
        // Keys are in ascending order, so candidates come first.
        var line = Array("{\"candidates\":[".utf8)
        let rest = whole.dropFirst(line.count)
        guard whole.starts(with: line) else { throw WireError.noJSON }
        for candidate in answer.candidates {
            if candidate.rank > 1 { line.append(UInt8(ascii: ",")) }
            var record = CandidateRecord(candidate)
            record.metadata = try metadata(candidate)
            line += try WireFormat.line(record).dropLast()
            guard line.count >= bytesAtOnce else { continue }
            try put(line)
            line.removeAll(keepingCapacity: true)
        }
        try put(line + rest)
    }
}

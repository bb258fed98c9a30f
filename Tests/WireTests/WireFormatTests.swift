import FaceImage
import TestSupport
import Testing
import Wire

@testable import Gallery

@Suite("A line of JSON")
struct WireFormatTests {
    private let answer = Answer(
        decision: .match, threshold: nil,
        candidates: [
            Candidate(rank: 1, subject: "A/\u{1B}é\u{9B}", similarity: 0.1, reference: 7),
            Candidate(rank: 2, subject: "B", similarity: .nan, reference: .max),
        ])

    @Test("is one line, steers no terminal, and reads back as it was")
    func roundTrip() throws {
        let record = AnswerRecord(answer, probe: "0")
        let line = try WireFormat.line(record)
        #expect(line.last == 0x0A && line.dropLast().allSatisfy { $0 >= 0x20 })
        let text = String(decoding: line, as: UTF8.self)
        #expect(text.contains(#""A/\u001bé\u009b""#) && text.contains(#""similarity":"NaN""#), "\(text)")
        #expect(text.contains(#""similarity":0.1,"#) && text.contains(#""threshold":null"#), "\(text)")
        let again = try WireFormat.decode(AnswerRecord.self, from: line)
        #expect(again.candidates[0] == record.candidates[0] && again.candidates[1].similarity.isNaN)
        #expect(try WireFormat.line(again) == line)
    }

    @Test("with metadata is written in parts that are the line, and never holds more than a megabyte or so")
    func parts() throws {
        let text = String(repeating: "\u{7F}x", count: 20_000)
        let many = Answer(
            decision: .unknown, threshold: 0.5,
            candidates: (1...100).map {
                Candidate(rank: $0, subject: "s\($0)", similarity: 0.25, reference: Int64($0))
            })
        var record = AnswerRecord(many, probe: "p")
        for place in record.candidates.indices { record.candidates[place].metadata = ["t": text] }
        var written: [UInt8] = []
        var largest = 0
        try AnswerRecord.writeLine(many, probe: "p", face: nil, metadata: { _ in ["t": text] }) { part in
            written += part
            largest = max(largest, part.count)
        }
        let whole = try WireFormat.line(record)
        #expect(written == whole)
        #expect(largest < 2 << 20 && written.count > 10_000_000 / 4)
    }

    @Test("of an answer without candidates is whole, too")
    func noCandidates() throws {
        let none = Answer(decision: .unknown, threshold: 0.5, candidates: [])
        var written: [UInt8] = []
        try AnswerRecord.writeLine(none, probe: "p", face: nil, metadata: { _ in [:] }) { written += $0 }
        let whole = try WireFormat.line(AnswerRecord(none, probe: "p"))
        #expect(written == whole)
    }

    @Test("of a face has landmarks and quality where details are asked for")
    func details() throws {
        let face = Face(
            box: FaceBox(x: -1, y: 2, width: 30, height: 40), score: 0.9, landmarks: [Landmark(x: 1, y: 2.5)],
            quality: FaceQuality(size: 30, sharpness: 12, yaw: -3, roll: 4))
        let short = try WireFormat.line(FaceRecord(face))
        #expect(String(decoding: short, as: UTF8.self) == "{\"box\":[-1,2,30,40],\"score\":0.9}\n")
        let detailed = FaceRecord(face, isDetailed: true)
        #expect(detailed.landmarks == [[1, 2.5]] && detailed.quality?.faceSize == 30)
        #expect(try WireFormat.decode(FaceRecord.self, from: WireFormat.line(detailed)) == detailed)
    }

    @Test("that is cut off or lacks a key is an error")
    func damaged() throws {
        let line = try WireFormat.line(AnswerRecord(answer, probe: "0"))
        for bytes in [Array(line.dropLast(2)), Array("{\"probe\":\"0\"}".utf8), [], [0xFF]] {
            #expect(throws: DecodingError.self) { try WireFormat.decode(AnswerRecord.self, from: bytes) }
        }
    }

    @Test("with an event of a later version is told apart from those that are known")
    func laterEvents() throws {
        let line = Array(#"{"event":"tea","cups":2}"#.utf8)
        #expect(try WireFormat.decode(EnrollmentLine.self, from: line) == .other(event: "tea"))
        #expect(try WireFormat.decode(MigrationLine.self, from: line) == .other(event: "tea"))
    }

    @Test("of a failure has a code for each kind of error, and the remedy if there is one")
    func failures() throws {
        let failure = FailureRecord(GalleryError.badArgument("k is 0"), remedy: "give 1 or more")
        #expect(failure.code == "usage" && failure.message.contains("k is 0"))
        #expect(failure.remedy == "give 1 or more")
        #expect(try WireFormat.decode(FailureRecord.self, from: WireFormat.line(failure)) == failure)
        #expect(FailureRecord(GalleryError.noFace(photo: "p", leastFace: 16)).code == "bad_data")
    }
}

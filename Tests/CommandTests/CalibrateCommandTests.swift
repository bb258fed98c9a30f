import Foundation
import Gallery
import TestSupport
import Testing
import Wire

@Suite("calibrate")
struct CalibrateCommandTests {
    private func calibrated(_ test: MadePeople, _ options: [String]) throws -> CalibrationRecord {
        let result = try test.facegallery.run(["calibrate", "-g", "g", "--json"] + options)
        guard result.exitCode == 0 else { throw CocoaError(.fileReadUnknown, userInfo: ["err": result.err]) }
        return try WireFormat.decode(CalibrationRecord.self, from: Data(result.out.utf8))
    }

    private func answers(_ test: MadePeople, _ options: String...) throws -> [AnswerRecord] {
        let result = try test.facegallery.run(
            ["identify", "-g", "g", "--embeddings", "p.npy", "--json"] + options)
        guard result.exitCode == 0 else { throw CocoaError(.fileReadUnknown, userInfo: ["err": result.err]) }
        return try result.lines.map { try WireFormat.decode(AnswerRecord.self, from: $0.utf8) }
    }

    /// 2,000 strangers that no other file has.
    private func writeStrangers(_ test: MadePeople, _ count: Int, to name: String, from first: Int) throws {
        try test.write((0..<count).map { (first + $0, 0) }, to: name)
    }

    @Test("strangers that were never seen reach the threshold about as often as was asked")
    func realisedRate() throws {
        let test = try MadePeople(people: 300)
        try writeStrangers(test, 2_000, to: "given", from: 10_000)
        try writeStrangers(test, 2_000, to: "p", from: 20_000)
        for source in [["--non-mated", "given.npy"], []] {
            let record = try calibrated(test, ["--target-fpir", "0.05"] + source)
            #expect(record.targetFPIR == 0.05 && record.source == (source.isEmpty ? "gallery" : "given"))
            #expect(record.thresholdLow < record.threshold && record.threshold < record.thresholdHigh)
            #expect(record.matedScores == nil)
            let answers = try answers(test)
            let named = answers.count { $0.decision == "match" || $0.decision == "ambiguous" }
            let rate = Double(named) / Double(answers.count)
            #expect(rate > 0.05 / 2 && rate < 0.05 * 2, "\(rate) with \(source)")
            #expect(answers.allSatisfy { $0.targetFPIR == 0.05 && $0.threshold == record.threshold })
            // Nobody has two references, so nobody knows how alike two photos of one person are.
            #expect(answers.allSatisfy { $0.probability == nil && $0.prior == nil })
        }
    }

    @Test("the threshold rises with the gallery, without another calibration")
    func follows() throws {
        let test = try MadePeople(people: 200)
        let before = try calibrated(test, ["--target-fpir", "0.05"])
        try test.write((1_000..<1_500).map { ($0, 0) }, to: "more")
        #expect(
            try test.facegallery("enroll", "-g", "g", "--embeddings", "more.npy", "--subjects", "more.txt")
                .exitCode
                == 0)
        try test.write([(5_000, 0)], to: "p")
        let answer = try #require(answers(test).first)
        let threshold = try #require(answer.threshold)
        #expect(threshold > before.threshold)
        let stats = try test.facegallery("stats", "-g", "g", "--json")
        let record = try WireFormat.decode(StatisticsRecord.self, from: Data(stats.out.utf8))
        #expect(record.calibration?.threshold == threshold && record.calibration?.outdated == nil)
        #expect(record.identificationThreshold == threshold)
        #expect(abs(try #require(record.expectedFalsePositiveRate) - 0.05) < 1e-6)
        try test.write((10_000..<11_400).map { ($0, 0) }, to: "many")
        #expect(
            try test.facegallery("enroll", "-g", "g", "--embeddings", "many.npy", "--subjects", "many.txt")
                .exitCode
                == 0)
        let text = try test.facegallery("stats", "-g", "g").out
        #expect(text.contains("outdated: the gallery has grown from 200 to 2100 references"), "\(text)")
    }

    @Test("an option precedes what was set, which precedes the calibration; --forget removes it")
    func precedence() throws {
        let test = try MadePeople(people: 200, photos: 2)
        let record = try calibrated(test, ["--target-fpir", "0.05", "--review-fpir", "0.3"])
        let review = try #require(record.review)
        #expect(review < record.threshold)
        try test.write([(0, 5), (9_000, 0)], to: "p")
        let first = try answers(test)
        #expect(first.allSatisfy { $0.threshold == record.threshold && $0.prior == 0.5 })
        #expect(try #require(first[0].probability) > 0.9 && #require(first[1].probability) < 0.9)
        let stricter = try answers(test, "--target-fpir", "0.01")
        #expect(stricter.allSatisfy { $0.targetFPIR == 0.01 && ($0.threshold ?? 0) > record.threshold })
        #expect(try test.facegallery("set", "-g", "g", "threshold", "0.3").exitCode == 0)
        #expect(try answers(test).allSatisfy { $0.threshold == 0.3 && $0.targetFPIR == nil })
        #expect(try answers(test, "--min-similarity", "0.2").allSatisfy { $0.threshold == 0.2 })
        #expect(try answers(test, "--target-fpir", "0.05").allSatisfy { $0.threshold == record.threshold })
        #expect(try test.facegallery("set", "-g", "g", "threshold", "default").exitCode == 0)
        #expect(try answers(test).allSatisfy { $0.threshold == record.threshold })
        #expect(try test.facegallery("calibrate", "-g", "g", "--forget").exitCode == 0)
        #expect(try answers(test).allSatisfy { $0.threshold == nil && $0.probability == nil })
        let refused = try test.facegallery(
            "identify", "-g", "g", "--embeddings", "p.npy", "--target-fpir", "0.05")
        #expect(refused.exitCode == 64 && refused.err.contains("calibrate"), "\(refused.err)")
    }

    @Test("a target that the scores cannot tell is refused with the smallest that they can")
    func smallestTarget() throws {
        let test = try MadePeople(people: 150)
        let result = try test.facegallery("calibrate", "-g", "g", "--target-fpir", "0.0001")
        #expect(result.exitCode == 65, "\(result.err)")
        #expect(
            result.err.contains(
                "150 trials cannot tell a rate of 0.0001: the smallest that they can is 0.00666"))
        _ = try calibrated(test, ["--target-fpir", "0.05"])
        try test.write([(0, 5)], to: "p")
        let search = try test.facegallery(
            "identify", "-g", "g", "--embeddings", "p.npy", "--target-fpir", "0.0001")
        #expect(search.exitCode == 64 && search.err.contains("the smallest"), "\(search.err)")
    }

    @Test("too few references, one person, wrong rates and NaN are errors that say so")
    func hostileInput() throws {
        let few = try MadePeople(people: 50)
        let result = try few.facegallery("calibrate", "-g", "g")
        #expect(result.exitCode == 65 && result.err.contains("100 are needed"), "\(result.err)")
        let one = try MadePeople(people: 1, photos: 120)
        #expect(try one.facegallery("calibrate", "-g", "g").exitCode == 65)
        for words in [
            ["--target-fpir", "0"], ["--target-fpir", "1"], ["--target-fpir", "nan"], ["--prior", "2"],
            ["--target-fpir", "0.1", "--review-fpir", "0.05"],
        ] {
            #expect(try few.facegallery.run(["calibrate", "-g", "g"] + words).exitCode == 64, "\(words)")
        }
        var rows = (0..<120).map { MadePeople.template($0 + 900, 0) }
        rows[5][0] = .nan
        try few.folder.write(npy(rows), to: "s.npy")
        let faulty = try few.facegallery("calibrate", "-g", "g", "--non-mated", "s.npy")
        #expect(faulty.exitCode == 65 && faulty.err.contains("row 5"), "\(faulty.err)")
        #expect(try few.facegallery("calibrate", "-g", "g", "--non-mated", "none.npy").exitCode == 66)
        #expect(try few.facegallery("stats", "-g", "g").out.contains("calibrated") == false)
    }

    @Test("the index keeps what it promises, and check --recall says so")
    func recall() throws {
        let test = try MadePeople(people: 400)
        let result = try test.facegallery("check", "-g", "g", "--recall", "120", "--json")
        #expect(result.exitCode == 0, "\(result.err)")
        let record = try #require(WireFormat.decode(CheckRecord.self, from: Data(result.out.utf8)).recall)
        #expect((record.probes, record.missed, record.refuted) == (120, 0, false))
        #expect(record.searchLossHigh > 0.01)
        let text = try test.facegallery("check", "-g", "g", "--recall").out
        #expect(text.contains("0 of 400 searches missed"), "\(text)")
    }
}

import Foundation
import TestSupport
import Testing

@Suite("What a gallery remembers of how it decides")
struct DecisionSettingTests {
    private let test: PatternGallery
    private var run: Facegallery { test.facegallery }

    init() throws {
        test = try PatternGallery()
        try test.drawPeople(photos: 6)
        try test.draw(0, copy: 1, as: "same.ppm")
        try test.draw(40, as: "other.ppm")
        #expect(try test.facegallery("enroll", "-g", "g", "people").exitCode == 0)
    }

    private func decision(_ photo: String, _ words: String...) throws -> [String: Any] {
        try run.run(["identify", "-g", "g", "--json", photo] + words).objects().first ?? [:]
    }

    @Test("its threshold and review limit count for searches, until they are forgotten")
    func thresholds() throws {
        #expect(try decision("same.ppm")["decision"] as? String == "match")
        #expect(try decision("other.ppm")["decision"] as? String == "unknown")
        #expect(try run("set", "-g", "g", "threshold", "-1").exitCode == 0)
        #expect(try run("set", "-g", "g", "margin", "0").exitCode == 0)
        #expect(try decision("other.ppm")["decision"] as? String == "match")
        #expect(try decision("other.ppm")["threshold"] as? Double == -1)
        // An option says otherwise.
        #expect(try decision("other.ppm", "--min-similarity", "0.9999")["decision"] as? String == "unknown")
        #expect(try run("set", "-g", "g", "margin", "2").exitCode == 0)
        #expect(try decision("other.ppm")["decision"] as? String == "ambiguous")
        #expect(try run("set", "-g", "g", "threshold", "default").exitCode == 0)
        #expect(try run("set", "-g", "g", "review", "-1").exitCode == 0)
        #expect(try decision("other.ppm")["decision"] as? String == "review")
        let stats = try run("stats", "-g", "g", "--json").objects().first
        #expect(stats?["set"] as? [String: Double] == ["margin": 2, "review": -1])
        let text = try run("stats", "-g", "g").out
        #expect(text.contains("as it was set") && !text.contains("0.99990000"))
        #expect(text.split(separator: "\n").allSatisfy { !$0.contains("000000") }, "\(text)")
        #expect(try run("check", "-g", "g").exitCode == 0)
    }

    @Test(
        "refuses what is no number in range, or cannot be set",
        arguments: [
            ["threshold", "1.1"], ["threshold", "nan"], ["threshold", "inf"], ["margin", "-0.1"],
            ["review", "high"],
            ["colour", "1"], ["threshold", ""],
        ])
    func refused(words: [String]) throws {
        let result = try run.run(["set", "-g", "g"] + words)
        #expect(result.exitCode == 64, "\(result.err)")
        #expect(try run("stats", "-g", "g", "--json").objects().first?["set"] as? [String: Double] == [:])
    }

    @Test("goes into a snapshot, and is forgotten with the network")
    func copies() throws {
        #expect(try run("set", "-g", "g", "threshold", "0.25").exitCode == 0)
        #expect(try run("snapshot", "-g", "g", "snap").exitCode == 0)
        #expect(try run("restore", "snap", "-g", "back").exitCode == 0)
        #expect(
            try run("stats", "-g", "back", "--json").objects().first?["set"] as? [String: Double]
                == ["threshold": 0.25])
        #expect(try run("compact", "-g", "back").exitCode == 0)
        #expect(
            try run("stats", "-g", "back", "--json").objects().first?["identificationThreshold"] as? Double
                == 0.25)
        try test.writeNetwork("other", to: "other", side: 48, dimension: 64, threshold: 0.9876, seed: 2)
        #expect(try run("migrate", "-g", "g", "--network", "other/").exitCode == 0)
        #expect(try run("stats", "-g", "g", "--json").objects().first?["set"] as? [String: Double] == [:])
    }

    @Test("stats say how large it is as du does, and when it was changed")
    func size() throws {
        let stats = try #require(try run("stats", "-g", "g", "--json").objects().first)
        let du = Process()
        let out = Pipe()
        du.executableURL = URL(fileURLWithPath: "/usr/bin/du")
        du.arguments = ["-s", "-B1", test.folder.file("g")]
        du.standardOutput = out
        try du.run()
        let text = String(decoding: try out.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        du.waitUntilExit()
        #expect(stats["bytes"] as? Int == Int(text.split(separator: "\t")[0]))
        let changed = try #require(stats["changed"] as? Double)
        #expect(abs(changed - Date().timeIntervalSince1970) < 600)
        #expect(stats["format"] as? Int == 1)
    }
}

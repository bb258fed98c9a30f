import Foundation
import GalleryEvaluation
import TestSupport
import Testing
import Wire

/// People whose templates a test makes: each is a direction, each photo a step away from it.
struct MadePeople {
    let folder: TemporaryFolder
    let facegallery: Facegallery
    static let dimension = 32

    /// Makes the gallery `g` of given templates, with `photos` references of each of `people`.
    init(people: Int, photos: Int = 1) throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        #expect(try facegallery("create", "-g", "g", "--dimension", "\(Self.dimension)").exitCode == 0)
        try write((0..<people).flatMap { person in (0..<photos).map { (person, $0) } }, to: "g")
        let result = try facegallery("enroll", "-g", "g", "--embeddings", "g.npy", "--subjects", "g.txt")
        #expect(result.exitCode == 0, "\(result.err)")
    }

    /// A photo of a person: the same in every test.
    static func template(_ person: Int, _ photo: Int, spread: Float = 0.75) -> [Float] {
        var ofPerson = SeededGenerator(seed: UInt64(person) &+ 1_000)
        var ofPhoto = SeededGenerator(seed: UInt64(person) &* 7_919 &+ UInt64(photo) &+ 5_000_000)
        let (centre, step) = (ofPerson.unitVector(dimension), ofPhoto.unitVector(dimension))
        let sum = zip(centre, step).map { $0 + spread * $1 }
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return sum.map { $0 / length }
    }

    static func name(_ person: Int) -> String { "Person \(person)" }

    /// Writes templates and their names to `NAME.npy` and `NAME.txt`.
    func write(_ photos: [(person: Int, photo: Int)], to name: String, names: [String]? = nil) throws {
        try folder.write(npy(photos.map { Self.template($0.person, $0.photo) }), to: "\(name).npy")
        let lines = names ?? photos.map { Self.name($0.person) }
        try folder.write(Array(lines.map { $0 + "\n" }.joined().utf8), to: "\(name).txt")
    }

    /// Runs `evaluate identification` on what `write` wrote.
    func evaluate(_ name: String, _ options: String...) throws -> Facegallery.Result {
        try facegallery.run(
            [
                "evaluate", "identification", "-g", "g", "--embeddings", "\(name).npy", "--subjects",
                "\(name).txt",
            ]
                + options)
    }
}

@Suite("evaluate")
struct EvaluateCommandTests {
    /// What the rates are by brute force.
    private func bruteForce(enrolled: Int, probes: [(person: Int, photo: Int)]) -> (
        rank1: Double, tops: [Float]
    ) {
        let gallery = (0..<enrolled).map { MadePeople.template($0, 0) }
        var (right, mated, tops) = (0, 0, [Float]())
        for probe in probes {
            let template = MadePeople.template(probe.person, probe.photo)
            let all = gallery.map { zip($0, template).reduce(Float(0)) { $0 + $1.0 * $1.1 } }
            let best = all.indices.max { all[$0] < all[$1] } ?? 0
            if probe.person < enrolled {
                mated += 1
                if best == probe.person { right += 1 }
            } else {
                tops.append(all[best])
            }
        }
        return (Double(right) / Double(max(1, mated)), tops.sorted(by: >))
    }

    @Test("its rates are those of brute force, and - is a stranger")
    func identification() throws {
        let test = try MadePeople(people: 60)
        let probes = (0..<200).map { (person: $0 % 160, photo: 1 + $0 / 160) }
        let expected = bruteForce(enrolled: 60, probes: probes)
        var names = probes.map { MadePeople.name($0.person) }
        for place in names.indices where probes[place].person >= 120 { names[place] = "-" }
        try test.write(probes, to: "p", names: names)
        let result = try test.evaluate("p", "--json", "--worst", "3")
        #expect(result.exitCode == 0, "\(result.err)")
        let record = try WireFormat.decode(EvaluationRecord.self, from: Data(result.out.utf8))
        #expect((record.subjects, record.mated, record.nonMated) == (60, 100, 100))
        #expect(record.notAcquired == 0 && record.complete && record.searchLoss == 0)
        let exact = try #require(record.exact)
        #expect(exact.rank1 == expected.rank1)
        #expect(exact.operatingPoints.map(\.fpir) == [0.1, 0.03, 0.01])
        let point = try #require(exact.operatingPoints.first)
        #expect(abs(point.threshold - Double(expected.tops[10])) < 1e-5)
        #expect(point.measuredFpir == 0.1)
        #expect(record.index?.operatingPoints == exact.operatingPoints)
        #expect(record.falseMatches?.count == 3)
        #expect(abs(Double(record.falseMatches?.first?.similarity ?? 0) - Double(expected.tops[0])) < 1e-5)
        // Random halves have strangers of their own.
        #expect(record.details?.halves?.draws == 20)
    }

    @Test("people read a table, and nothing is invented where nothing can be said")
    func tables() throws {
        let test = try MadePeople(people: 20)
        try test.write((0..<20).map { ($0, 1) }, to: "mates")
        let mates = try test.evaluate("mates")
        #expect(mates.exitCode == 0)
        #expect(mates.out.contains("Right person among the first candidates"))
        #expect(mates.out.contains("FPIR cannot be stated"))
        try test.write((100..<130).map { ($0, 1) }, to: "strangers")
        let strangers = try test.evaluate("strangers")
        #expect(strangers.exitCode == 0)
        #expect(strangers.out.contains("FNIR cannot be stated"))
        try test.write([(0, 1), (100, 0)], to: "two")
        let two = try test.evaluate("two")
        #expect(two.out.contains("1 searches for strangers cannot tell an FPIR below 100 %"), "\(two.out)")
        let page = test.folder.file("report")
        #expect(try test.evaluate("two", "--report", page).exitCode == 0)
        let html = try String(contentsOfFile: page + "/index.html", encoding: .utf8)
        #expect(html.contains("<!doctype html>") && !html.contains("http://") || html.contains("www.w3.org"))
        #expect(!html.contains("<script"))
        #expect(try test.evaluate("two", "--report", page).exitCode == 64)
    }

    @Test("references search themselves where there are no probes")
    func selfEvaluation() throws {
        let test = try MadePeople(people: 40, photos: 3)
        let result = try test.facegallery("evaluate", "self", "-g", "g", "--json")
        #expect(result.exitCode == 0, "\(result.err)")
        let record = try WireFormat.decode(EvaluationRecord.self, from: Data(result.out.utf8))
        #expect((record.probes, record.mated, record.nonMated) == ("gallery", 120, 120))
        // Brute force.
        var right = 0
        let all = (0..<40).flatMap { person in (0..<3).map { (person, MadePeople.template(person, $0)) } }
        for (place, probe) in all.enumerated() {
            let others = all.indices.filter { $0 != place }
            func similarity(_ other: Int) -> Float {
                zip(all[other].1, probe.1).reduce(Float(0)) { $0 + $1.0 * $1.1 }
            }
            if let best = others.max(by: { similarity($0) < similarity($1) }), all[best].0 == probe.0 {
                right += 1
            }
        }
        #expect(record.exact?.rank1 == Double(right) / 120)
        let one = try MadePeople(people: 1, photos: 3)
        let refused = try one.facegallery("evaluate", "self", "-g", "g")
        #expect(refused.exitCode == 65 && refused.err.contains("two are needed"), "\(refused.err)")
    }

    @Test("groups are told apart, and those that name nobody are marked")
    func groups() throws {
        let test = try MadePeople(people: 10)
        let probes = (0..<400).map { (person: 10 + $0, photo: 0) } + (0..<40).map { ($0 % 10, $0) }
        try test.write(probes, to: "p")
        let lines = (0..<410).map { "Person \($0),\($0 % 2 == 0 ? "even" : "odd")" } + ["Nobody,none"]
        try test.folder.write(Array(("subject,group\n" + lines.joined(separator: "\n")).utf8), to: "groups.csv")
        let result = try test.evaluate("p", "--groups", "groups.csv", "--json")
        #expect(result.exitCode == 0, "\(result.err)")
        let groups = try #require(WireFormat.decode(EvaluationRecord.self, from: Data(result.out.utf8)).groups)
        #expect(groups.groups.map(\.group) == ["even", "none", "odd"])
        #expect(groups.groups.map(\.nonMated) == [200, 0, 200])
        #expect(groups.groups[1].fpir == nil && groups.groups[1].people == 0)
        #expect(groups.crossGroupFalsePositives.joined().reduce(0, +) == 4)
        try test.folder.write(Array("subject,group\nAda,a\nAda,b\n".utf8), to: "twice.csv")
        let twice = try test.evaluate("p", "--groups", "twice.csv")
        #expect(twice.exitCode == 65 && twice.err.contains("line 3"), "\(twice.err)")
        try test.folder.write(Array("path,subject\n".utf8), to: "other.csv")
        #expect(try test.evaluate("p", "--groups", "other.csv").exitCode == 65)
        #expect(try test.evaluate("p", "--groups", "none.csv").exitCode == 66)
    }

    @Test("NaN, lists of another length, no probe and no gallery are errors that say so")
    func hostileInput() throws {
        let test = try MadePeople(people: 5)
        var rows = (0..<4).map { MadePeople.template($0, 1) }
        rows[2][7] = .nan
        rows[3] = Array(repeating: 0, count: MadePeople.dimension)
        try test.folder.write(npy(rows), to: "p.npy")
        let names = "Person 0\r\nPerson 0\r\nPerson 2\r\n-\r\n"
        try test.folder.write(Array(names.utf8), to: "p.txt")
        let faulty = try test.evaluate("p", "--json")
        #expect(faulty.exitCode == 65)
        #expect(faulty.err.contains("row 2") && faulty.err.contains("row 3"), "\(faulty.err)")
        let record = try WireFormat.decode(EvaluationRecord.self, from: Data(faulty.out.utf8))
        #expect((record.mated, record.nonMated, record.notAcquired, record.matedNotAcquired) == (3, 1, 2, 1))
        try test.folder.write(Array("Person 0\n".utf8), to: "p.txt")
        let short = try test.evaluate("p")
        #expect(short.exitCode == 65 && short.err.contains("has 1 lines and p.npy has 4 rows"), "\(short.err)")
        try test.folder.write(npy([]), to: "none.npy")
        try test.folder.write([], to: "none.txt")
        #expect(try test.evaluate("none").exitCode == 65)
        #expect(try test.facegallery("create", "-g", "empty", "--dimension", "32").exitCode == 0)
        try test.write([(0, 0)], to: "one")
        let empty = try test.facegallery(
            "evaluate", "identification", "-g", "empty", "--embeddings", "one.npy", "--subjects", "one.txt")
        #expect(empty.exitCode == 65 && empty.err.contains("two are needed"), "\(empty.err)")
        for words in [
            ["evaluate"], ["evaluate", "all"], ["evaluate", "identification", "-g", "g"],
            ["evaluate", "self", "-g", "g", "--photos", "x"], ["evaluate", "self", "-g", "g", "--thumbnails"],
            ["evaluate", "pairs", "-g", "g"], ["evaluate", "self", "-g", "g", "--fusion", "mean"],
        ] {
            let result = try test.facegallery.run(words)
            #expect(result.exitCode == 64, "\(words): \(result.err)")
        }
    }

    @Test("pairs are judged by folds; photos that are missing count as wrong and are told")
    func pairs() throws {
        let test = try PatternGallery()
        for person in 0..<4 {
            for photo in 1...2 {
                try test.draw(person, copy: photo, as: "lfw/P\(person)/P\(person)_000\(photo).ppm")
            }
        }
        // The list names JPEG files; a photo is what its bytes say.
        for person in 0..<4 {
            for photo in 1...2 {
                try FileManager.default.moveItem(
                    atPath: test.folder.file("lfw/P\(person)/P\(person)_000\(photo).ppm"),
                    toPath: test.folder.file("lfw/P\(person)/P\(person)_000\(photo).jpg"))
            }
        }
        let list =
            "2\t2\r\nP0\t1\t2\r\nP1\t1\t2\r\nP0\t1\tP1\t1\r\nP1\t2\tP0\t2\r\n"
            + "P2\t1\t2\r\nP3\t1\t2\r\nP2\t1\tP3\t1\r\nP3\t2\tP2\t2\r\n"
        try test.folder.write(Array(list.utf8), to: "pairs.txt")
        func evaluate(_ list: String) throws -> Facegallery.Result {
            try test.facegallery(
                "evaluate", "pairs", "--pairs", list, "--photos", "lfw", "--network", "mynet/", "--json")
        }
        let result = try evaluate("pairs.txt")
        #expect(result.exitCode == 0, "\(result.err)")
        let record = try WireFormat.decode(PairEvaluationRecord.self, from: Data(result.out.utf8))
        #expect((record.pairs, record.mated, record.nonMated, record.folds) == (8, 4, 4, 2))
        #expect(record.accuracy == 1 && record.equalErrorRate == 0)
        try FileManager.default.removeItem(atPath: test.folder.file("lfw/P0/P0_0001.jpg"))
        let partial = try evaluate("pairs.txt")
        #expect(partial.exitCode == 66, "\(partial.err)")
        let less = try WireFormat.decode(PairEvaluationRecord.self, from: Data(partial.out.utf8))
        #expect(less.notAcquired == 2 && less.accuracy == 0.75)
        try test.folder.write(Array("1\t1\nP0\t1\t2\nP0\t1\tP1\tx\n".utf8), to: "broken.txt")
        let broken = try evaluate("broken.txt")
        #expect(broken.exitCode == 65 && broken.err.contains("broken.txt: line 3"), "\(broken.err)")
        #expect(try evaluate("none.txt").exitCode == 66)
    }

    @Test("Ctrl-C ends it with what is known so far")
    func interruption() throws {
        let test = try MadePeople(people: 300, photos: 20)
        let out = test.folder.file("out.json")
        let script = """
            "$1" evaluate self -g g --sample 6000 --threads 1 --json > "$2" &
            child=$!
            sleep 0.15
            kill -INT $child
            wait $child
            """
        let result = try TestedProgram(path: "/bin/bash").run(
            ["-c", "trap '' USR1; set -m; " + script, "bash", Facegallery.path, out], in: test.folder)
        // On a fast machine it may have been done before.
        #expect([0, 75].contains(result.exitCode), "\(result.err)")
        guard let data = FileManager.default.contents(atPath: out), !data.isEmpty else {
            // Nothing was searched yet.
            #expect(result.exitCode == 75)
            return
        }
        let record = try WireFormat.decode(EvaluationRecord.self, from: data)
        #expect(record.complete == (result.exitCode == 0))
    }
}

import Foundation
import TestSupport
import Testing

@Suite("Every bench of the index, at its smallest")
struct TinyRunTests {
    let bench: BenchProgram

    init() throws { bench = try BenchProgram() }

    private static let conditions = [
        "bench", "n", "dimension", "k", "threads", "data", "seed", "kernel", "cpu", "build", "commit",
    ]

    private func lines(_ result: TestedProgram.Result) throws -> [[String: Any]] {
        let lines = try result.objects()
        #expect(lines.allSatisfy { line in Self.conditions.allSatisfy { line[$0] != nil } })
        return lines
    }

    @Test("recall: no loss of the sweep is refuted, and each has its interval")
    func recall() throws {
        // Lists begin at 20,000.
        let lines = try lines(bench("recall", "-n", "21000", "--count", "50", "--rounds", "1"))
        #expect(Set(lines.compactMap { $0["set"] as? String }) == ["mated", "non-mated"])
        #expect(lines.allSatisfy { $0["refuted"] as? Bool == false })
        #expect(lines.allSatisfy { ($0["interval"] as? [Double])?.count == 2 })
    }

    @Test("latency: closed and open loop, alone and beside a writer that writes")
    func latency() throws {
        let lines = try lines(
            bench("latency", "-n", "400", "--count", "20", "--seconds", "0.1", "--threads", "2", "--rate", "50")
        )
        #expect(
            Set(lines.compactMap { $0["phase"] as? String }) == [
                "closed", "open", "closed, writer", "open, writer",
            ])
        for line in lines {
            let times = ["p50_us", "p90_us", "p99_us", "p999_us", "max_us"].compactMap { line.number($0) }
            #expect(times.count == 5 && times == times.sorted())
            let isBesideWriter = (line["phase"] as? String)?.contains("writer") ?? false
            #expect((line.number("added") ?? 0 > 0) == isBesideWriter)
        }
    }

    @Test("scaling: one truth a size, and exponents at the end")
    func scaling() throws {
        let lines = try lines(bench("scaling", "--sizes", "300,900", "--count", "20", "--seconds", "0"))
        let points = lines.filter { $0["bench"] as? String == "scaling" }
        #expect(points.count == 4 && points.allSatisfy { $0.number("recall10") == 1 })
        let fits = lines.filter { $0["bench"] as? String == "scaling fit" }
        #expect(fits.count == 2 && fits.allSatisfy { $0.number("p50_exponent") != nil })
    }

    @Test("churn: nothing that has left is found, nothing that is there is lost")
    func churn() throws {
        let lines = try lines(bench("churn", "-n", "400", "--count", "20", "--steps", "2"))
        #expect(lines.count == 8 && lines.allSatisfy { $0.number("loss") == 0 && $0.number("n") == 400 })
        #expect(lines.last?["phase"] as? String == "fresh" && lines.last?.number("removed") == 120)
    }

    @Test("enroll: in bulk and one by one")
    func enroll() throws {
        let line = try #require(
            try lines(bench("enroll", "-n", "300", "--count", "5", "--singles", "3")).first)
        #expect(line.number("templates_per_second") ?? 0 > 0 && line.number("singles") == 3)
    }

    @Test("forms: every form brings all references, and nothing but the set is left in the folder")
    func forms() throws {
        let lines = try lines(bench("forms", "-n", "300", "--count", "5", "--work", "w"))
        let left = try FileManager.default.contentsOfDirectory(atPath: bench.folder.file("w"))
        #expect(!left.isEmpty && left.allSatisfy { !$0.hasPrefix("forms-") })
        let jobs = lines.map { "\($0["job"] ?? "") \($0["form"] ?? "")" }
        #expect(
            jobs == [
                "enroll .npy", "export JSON Lines", "export HDF5", "enroll .fvecs", "enroll HDF5",
                "enroll JSON Lines", "import JSON Lines", "import HDF5",
            ])
        #expect(lines.allSatisfy { $0.number("file_bytes") ?? 0 > 300 * 512 })
    }

    @Test("the tables of the pages are those of the recorded results")
    func tables() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let result = try TestedProgram(path: "/usr/bin/env")
            .run(["python3", "\(sources)/Bench/tables.py", "--check"], in: bench.folder)
        #expect(result.exitCode == 0, "\(result.err)")
    }
}

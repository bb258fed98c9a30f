import Foundation
import GalleryModel
import Network
import Testing
import TestSupport
@testable import Gallery
@testable import TemplateStore

/// LMDB trusts its pages: what comes from strangers is walked before LMDB sees it.
@Suite("Data files from anywhere", .timeLimit(.minutes(20)))
struct StoreFuzzTests {
    let folder: TemporaryFolder
    private let facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
    }

    /// Commands that read and write a gallery `g` in all ways; each ends by itself.
    private static let commands = [
        ["identify", "-g", "g", "--embeddings", "p.npy", "--with-metadata", "--json"],
        ["identify", "-g", "g", "--embeddings", "p.npy", "--fusion", "mean", "-k", "20"],
        ["enroll", "-g", "g", "--embeddings", "p.npy", "--subjects", "p.txt"],
        ["snapshot", "-g", "g", "s"], ["export", "-g", "g", "--jsonl", "e.jsonl"], ["stats", "-g", "g"],
        ["compact", "-g", "g"], ["check", "-g", "g"], ["check", "-g", "g", "--repair"],
        ["remove", "-g", "g", "subject 3"], ["remove", "-g", "g", "--reference", "7"],
        ["merge", "-g", "g", "subject 4", "subject 5"], ["rename", "-g", "g", "subject 6", "new name"],
        ["duplicates", "-g", "g", "--min-similarity", "0.1"], ["audit", "-g", "g", "--min-similarity", "0.1"],
        ["subjects", "-g", "g"], ["subjects", "-g", "g", "subject 8"],
    ]

    /// A small gallery with values on pages of their own, removed references and free pages; its data file.
    private func seed() throws -> [UInt8] {
        let path = folder.file("seed")
        let store = try TemplateStore.create(
            at: path, settings: StoreSettings(dimension: 16, networkName: "n", networkFingerprint: "f"))
        var random = SeededGenerator(seed: 5)
        for round in 0..<2 {
            try store.write { (writer) throws(StoreError) in
                for number in 0..<70 {
                    try writer.add(
                        NewReference(
                            subject: "subject \(number % 25)", source: "photo-\(round)-\(number).jpg",
                            sourceDigest: number % 3 == 0 ? [UInt8](repeating: UInt8(number), count: 32) : nil,
                            quality: number % 4 == 0
                                ? ReferenceQuality(faceSize: 90, sharpness: 5, yaw: 1, roll: 2, score: 0.9)
                                : nil,
                            metadata: number % 10 == 0
                                ? ["text": String(repeating: "t", count: number * 80)] : [:],
                            template: random.unitVector(16)))
                }
            }
            try store.write { (writer) throws(StoreError) in
                for number in 0..<5 { try writer.remove(subject: "subject \(number * 3 + round)") }
            }
        }
        try folder.write(npy((0..<3).map { _ in random.unitVector(16) }), to: "p.npy")
        try folder.write(Array("subject 2\nsubject 9\nnobody\n".utf8), to: "p.txt")
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/data.mdb")))
    }

    /// One or two bytes changed: anywhere, in the head of a page, in its list of records, or in a meta page.
    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            let page = Int.random(in: 0..<bytes.count / 4096, using: &random) * 4096
            let place =
                switch Int.random(in: 0..<5, using: &random) {
                case 0: Int.random(in: 0..<bytes.count, using: &random)
                case 1: page + Int.random(in: 8..<16, using: &random)
                case 2: page + Int.random(in: 16..<80, using: &random)
                case 3: (Bool.random(using: &random) ? 4096 : 0) + Int.random(in: 0..<152, using: &random)
                // The records of a page lie at its end.
                default: page + 4095 - Int.random(in: 0..<600, using: &random)
                }
            if Bool.random(using: &random) {
                bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            } else {
                bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
            }
        }
    }

    /// Runs a command that may fail in a way of its own, and neither be ended by a signal nor run for ever.
    private func survives(_ arguments: [String], _ what: String) throws {
        let result = try TestedProgram(path: "/usr/bin/timeout").run(
            ["-s", "KILL", "60", Facegallery.path] + arguments, in: folder)
        #expect(
            [0, 1, 64, 65, 66, 73, 74, 75].contains(result.exitCode), "\(what): \(arguments): \(result.err)")
    }

    private func clear(_ names: String...) {
        for name in names { try? FileManager.default.removeItem(atPath: folder.file(name)) }
    }

    private func put(_ bytes: [UInt8]) throws {
        clear("g", "s", "e.jsonl")
        try FileManager.default.createDirectory(
            atPath: folder.file("g"), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try folder.write(bytes, to: "g/data.mdb")
    }

    /// Whether the walk lets a data file pass.
    private func passes(_ bytes: [UInt8]) throws -> Bool {
        try put(bytes)
        defer { clear("g/" + LastWriter.fileName) }
        do throws(StoreError) {
            _ = try TemplateStore.examine(at: folder.file("g"))
            return true
        } catch {
            #expect(error.kind == .badData || error.kind == .missing, "\(error)")
            return false
        }
    }

    private var isLong: Bool { ProcessInfo.processInfo.environment["FACEGALLERY_FUZZ_SECONDS"] != nil }

    @Test("are refused or used, whatever byte of them is changed: no command crashes or hangs")
    func anyByte() throws {
        let whole = try seed()
        #expect(try passes(whole))
        var random = SeededGenerator(seed: isLong ? UInt64.random(in: 1 ... .max) : 17)
        let time = FuzzTime()
        var (tried, refused, runs) = (0, 0, 0)
        while tried < 80 || (isLong && time.isLeft) {
            var bytes = whole
            mutate(&bytes, &random)
            if bytes == whole { continue }
            tried += 1
            let passed = try passes(bytes)
            if !passed { refused += 1 }
            // Refusals are all alike: a few of them are looked at from outside.
            guard passed ? tried % 6 == 0 || isLong : tried % 40 == 0 else { continue }
            for _ in 0..<(isLong ? 3 : 1) {
                let command = Self.commands[runs % Self.commands.count]
                let changes = zip(whole.indices, zip(whole, bytes)).filter { $1.0 != $1.1 }.map(\.0)
                try survives(command, "bytes changed at \(changes)")
                clear("s", "e.jsonl")
                runs += 1
            }
        }
        #expect(refused > tried / 4 && refused < tried)
        if isLong { print("\(tried) changed data files, \(refused) refused, \(runs) commands") }
    }

    @Test("in a snapshot with a right list of checksums are refused by a restore, and nothing is left of it")
    func snapshot() throws {
        let whole = try seed()
        #expect(try facegallery("snapshot", "-g", "seed", "whole").exitCode == 0)
        let stored = folder.file("whole/store/data.mdb")
        let sound = [UInt8](try Data(contentsOf: URL(fileURLWithPath: stored)))
        #expect(sound.count <= whole.count)
        let list = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file("whole/snapshot.json"))))
        let manifest = try SnapshotManifest(list, snapshot: "whole")
        var random = SeededGenerator(seed: 23)
        var refused = 0
        for _ in 0..<12 {
            var bytes = sound
            mutate(&bytes, &random)
            clear("g", "bad")
            try FileManager.default.copyItem(atPath: folder.file("whole"), toPath: folder.file("bad"))
            try folder.write(bytes, to: "bad/store/data.mdb")
            try folder.write(forged(manifest, bytes).encoded(), to: "bad/snapshot.json")
            try survives(["restore", "bad", "-g", "g"], "a snapshot")
            if !FileManager.default.fileExists(atPath: folder.file("g")) {
                refused += 1
            } else {
                try survives(["identify", "-g", "g", "--embeddings", "p.npy"], "a restored gallery")
            }
        }
        #expect(refused > 2)
        // Counts that are not those of the store are no snapshot's either.
        clear("g", "bad")
        try FileManager.default.copyItem(atPath: folder.file("whole"), toPath: folder.file("bad"))
        try folder.write(forged(manifest, sound, references: -5).encoded(), to: "bad/snapshot.json")
        let result = try facegallery("restore", "bad", "-g", "g")
        #expect(result.exitCode == 65 && result.err.contains("snapshot.json"), "\(result.err)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("g")))
        let good = try facegallery("restore", "whole", "-g", "g")
        #expect(good.exitCode == 0, "\(good.err)")
        #expect(try facegallery("check", "-g", "g").exitCode == 0)
    }

    /// The list of a snapshot with another data file, its checksums made anew.
    private func forged(
        _ manifest: SnapshotManifest, _ bytes: [UInt8], references: Int? = nil
    ) -> SnapshotManifest {
        SnapshotManifest(
            created: manifest.created, network: manifest.network, fingerprint: manifest.fingerprint,
            dimension: manifest.dimension, subjects: manifest.subjects,
            references: references ?? manifest.references,
            files: manifest.files.map { file in
                file.name == SnapshotFolder.store
                    ? .init(name: file.name, size: bytes.count, sha256: SHA256.hex(of: bytes)) : file
            })
    }
}

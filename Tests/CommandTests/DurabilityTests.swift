import Foundation
import TestSupport
import Testing

/// What a power failure finds on the disk is decided by the order in which files and folders are synced and named.
@Suite("What a job saves")
struct DurabilityTests {
    private let folder: TemporaryFolder
    private var facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/order.c").path
        let library = folder.file("order.so")
        let built = try TestedProgram(path: "/usr/bin/env").run(
            ["clang", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], in: folder)
        try #require(built.exitCode == 0, "\(built.err)")
        facegallery.environment["LD_PRELOAD"] = library
        facegallery.environment["ORDER_LOG"] = folder.file("order")
    }

    @Test("is on the disk before it has its name, and its name before the list that names it")
    mutating func order() throws {
        var generator = SeededGenerator(seed: 51)
        try folder.write(npy((0..<100).map { _ in generator.unitVector(16) }), to: "x.npy")
        try folder.write(Array((0..<100).map { "subject \($0)\n" }.joined().utf8), to: "x.txt")
        for arguments in [
            ["create", "-g", "g", "--dimension", "16"],
            ["enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "x.txt"],
            ["compact", "-g", "g"],
        ] {
            let result = try facegallery.run(arguments)
            #expect(result.exitCode == 0, "\(arguments): \(result.err)")
        }
        var synced: Set<Substring> = []
        // Names in each folder that a power failure could still take.
        var pending: [Substring: [Substring]] = [:]
        var named: [Substring] = []
        let log = try String(contentsOfFile: folder.file("order"), encoding: .utf8)
        for event in log.split(separator: "\n").map({ $0.split(separator: " ") }) {
            if event[0] == "sync" {
                synced.insert(event[1])
                pending[event[1]] = nil
                continue
            }
            let (file, place, name) = (event[1], event[2], event[3])
            #expect(synced.remove(file) != nil, "\(name) gets its name before its bytes are on the disk")
            if name == "manifest.json" {
                #expect(pending[place] == nil, "the index's list comes before the names in it")
            }
            pending[place, default: []].append(name)
            named.append(name)
        }
        #expect(pending.isEmpty)
        #expect(named.count { $0 == "data.mdb" } == 2 && named.contains("manifest.json"), "\(named)")
        #expect(named.contains { $0.hasPrefix("loose-") })
    }
}

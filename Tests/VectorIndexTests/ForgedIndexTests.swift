import CSearchKernels
import Foundation
import TestSupport
import Testing

@testable import VectorIndex

/// A saved index in which somebody has changed bytes and computed the checksums that belong to them.
struct ForgedIndex {
    let folder: TemporaryFolder
    let source: any VectorSource
    let manifest: IndexManifest
    let files: [String: [UInt8]]

    var directory: String { folder.file("index") }

    init() throws {
        let folder = try TemporaryFolder()
        let saved = try SavedIndexTests.large()
        source = saved.source
        try saved.save(to: folder.file("index"), fingerprint: "net")
        let opened = try #require(try SavedDirectory(folder.file("index")).manifest())
        manifest = opened
        var files: [String: [UInt8]] = [:]
        for file in opened.files {
            files[file.name] = Array(
                try Data(contentsOf: URL(fileURLWithPath: folder.file("index/\(file.name)"))))
        }
        self.files = files
        self.folder = folder
    }

    static func hex(_ bytes: [UInt8]) -> String {
        let digits = unsafe String(csk_crc32c(0, bytes, bytes.count), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// The JSON of a manifest, without its checksum.
    func body(_ manifest: IndexManifest) throws -> String {
        let text = String(decoding: try manifest.encoded(), as: UTF8.self)
        let lead = try #require(text.range(of: ",\"checksum\":\"", options: .backwards))
        return String(text[..<lead.lowerBound])
    }

    /// Writes a manifest with the checksum that belongs to it.
    func write(body: String) throws {
        let checksum = Self.hex(Array(body.utf8))
        try folder.write(Array("\(body),\"checksum\":\"\(checksum)\"}\n".utf8), to: "index/manifest.json")
    }

    /// Writes a file, and the manifest with what it is now.
    func write(_ name: String, _ bytes: [UInt8]) throws {
        try folder.write(bytes, to: "index/\(name)")
        func forged(_ file: SavedFile) -> SavedFile {
            guard file.name == name else { return file }
            let head = min(file.headBytes, bytes.count)
            return SavedFile(
                name: name, size: bytes.count, checksum: unsafe csk_crc32c(0, bytes, bytes.count),
                headBytes: head, headChecksum: unsafe csk_crc32c(0, bytes, head))
        }
        var forgery = manifest
        forgery.quantizer = manifest.quantizer.map(forged)
        forgery.loose = manifest.loose.map(forged)
        forgery.segments = manifest.segments.map {
            .init(rows: forged($0.rows), removed: $0.removed.map(forged))
        }
        try write(body: body(forgery))
    }

    /// Puts everything back as it was saved.
    func restore() throws {
        for (name, bytes) in files { try folder.write(bytes, to: "index/\(name)") }
        try write(body: body(manifest))
    }

    func outcome() throws -> OpenOutcome {
        try VectorIndex.outcomeOfOpening(
            directory: directory, fingerprint: "net", dimension: SavedIndexTests.dimension, source: source)
    }

    func name(_ kind: String) throws -> String {
        try #require(files.keys.first { $0.hasPrefix(kind) })
    }
}

@Suite("A forged index, with right checksums,") struct ForgedIndexTests {
    @Test("is refused for every number that a save does not write")
    func numbers() throws {
        let forged = try ForgedIndex()
        try forged.restore()
        guard case .opened = try forged.outcome() else {
            Issue.record("what is unchanged opens")
            return
        }
        let far = UInt64(1) << 63
        let nan = UInt64(Float.nan.bitPattern)
        let infinity = UInt64(Float.infinity.bitPattern)
        let shape = MemoryLayout<Quantizer.Shape>.self
        func place(_ path: PartialKeyPath<Quantizer.Shape>) throws -> Int {
            try #require(shape.offset(of: path))
        }
        func segmentPlace(_ path: PartialKeyPath<Segment.Shape>) throws -> Int {
            try #require(MemoryLayout<Segment.Shape>.offset(of: path))
        }
        let quantizer = try forged.name("quantizer")
        let segment = try forged.name("segment")
        let (loose, removed) = (try forged.name("loose"), try forged.name("removed"))
        let head = Segment.headSizeOfTests(forged.files[segment] ?? [])
        let cases: [(file: String, place: Int, bytes: Int, value: UInt64)] = [
            (quantizer, try place(\.trainedCount), 8, far), (quantizer, try place(\.trainedCount), 8, far - 1),
            (quantizer, try place(\.trainedCount), 8, 1), (quantizer, try place(\.rowStep), 4, nan),
            (quantizer, try place(\.rowStep), 4, infinity), (quantizer, try place(\.spread), 4, nan),
            (quantizer, try place(\.trainedError), 4, infinity),
            (quantizer, try place(\.listCount), 4, 0xFFFF_FFFF),
            (quantizer, try place(\.groups), 4, 0xFFFF_FFFF),
            (quantizer, try place(\.axisCount), 4, 0xFFFF_FFFF), (quantizer, 64, 4, nan),
            (quantizer, 64, 4, UInt64(Float(1e30).bitPattern)),
            (segment, try segmentPlace(\.rowCount), 8, far), (segment, try segmentPlace(\.rowCount), 8, .max),
            (segment, try segmentPlace(\.blockCount), 8, far),
            (segment, try segmentPlace(\.codeError), 8, Double.nan.bitPattern),
            (segment, 64, 4, 0xFFFF_FFFF), (segment, 68, 4, 0xFFFF_FFFF), (segment, 72, 4, 7),
            (segment, 76, 4, nan), (segment, 80, 4, infinity), (segment, 84, 4, UInt64(Float(-1).bitPattern)),
            // The directory's first row; ids are before it.
            (segment, head + 8 * 20_000, 4, 0xFFFF_FFFF),
            (loose, 0, 8, far), (loose, 0, 8, far - 1), (loose, 8, 8, 100_000),
            (loose, 8 * 298, 4, nan), (loose, 8 * 298, 4, infinity),
        ]
        for (file, place, count, value) in cases {
            var bytes = try #require(forged.files[file])
            for byte in 0..<count {
                bytes[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte)))
            }
            try forged.write(file, bytes)
            guard case .refused(let reason) = try forged.outcome() else {
                Issue.record("\(file), \(value) at \(place): not refused")
                continue
            }
            #expect(reason.contains(file), "\(value) at \(place): \(reason)")
            try forged.restore()
        }
        try forged.write(removed, Array((forged.files[removed] ?? []).dropLast(8)))
        guard case .refused = try forged.outcome() else {
            Issue.record("bits of fewer rows: not refused")
            return
        }
    }

    @Test("is refused for what a manifest cannot say")
    func manifests() throws {
        let forged = try ForgedIndex()
        try forged.restore()
        let body = try forged.body(forged.manifest)
        let most = "9223372036854775807"
        let changes: [(from: String, to: String)] = [
            ("\"count\":[0-9]+", "\"count\":\(most)"), ("\"count\":[0-9]+", "\"count\":-5"),
            ("\"looseRows\":[0-9]+", "\"looseRows\":\(most)"), ("\"looseRows\":[0-9]+", "\"looseRows\":-1"),
            ("\"looseRows\":[0-9]+", "\"looseRows\":0"), ("\"highestID\":[0-9]+", "\"highestID\":-1"),
            ("\"highestID\":[0-9]+", "\"highestID\":7"),
            ("\"removals\":[0-9]+", "\"removals\":18446744073709551615"),
            ("\"removals\":[0-9]+", "\"removals\":1e300"), ("\"headBytes\":[0-9]+", "\"headBytes\":-1"),
            ("\"headBytes\":[0-9]+", "\"headBytes\":\(most)"), ("\"size\":[0-9]+", "\"size\":\(most)"),
            ("\"size\":[0-9]+", "\"size\":-1"), ("\"name\":\"segment-[0-9]+", "\"name\":\"../segment-1"),
            ("\"name\":\"quantizer-[0-9]+.tables", "\"name\":\"segment-2.rows"),
            ("\"name\":\"loose-[0-9]+", "\"name\":\"loose-99999999999999999999"),
            ("\"nearFrom\":[-0-9.e]+", "\"nearFrom\":1e30"), ("\"probes\":[0-9]+", "\"probes\":-1"),
            ("\"code\":[-0-9.e]+", "\"code\":-1e30"), ("\"list\":[-0-9.e]+", "\"list\":1e38"),
            ("\"loss\":[-0-9.e]+", "\"loss\":0"), ("\"codesRead\":[-0-9.e]+", "\"codesRead\":1e300"),
            ("\"quantizer\":[{][^}]*[}],", ""),
        ]
        for (from, to) in changes {
            let changed = body.replacingOccurrences(of: from, with: to, options: .regularExpression)
            #expect(changed != body, "\(from)")
            try forged.write(body: changed)
            guard case .refused(let reason) = try forged.outcome() else {
                Issue.record("\(to): not refused")
                continue
            }
            #expect(reason.contains("/index/"), "\(to): \(reason)")
        }
        try forged.write(body: body + String(repeating: " ", count: IndexManifest.mostBytes))
        guard case .refused = try forged.outcome() else {
            Issue.record("a manifest of more than a megabyte: not refused")
            return
        }
    }

    @Test("of a version that did not note lost rows is taken to have lost some")
    func lostRows() throws {
        let forged = try ForgedIndex()
        let body = try forged.body(forged.manifest)
        let members = [("", true), ("\"hasLostRows\":false,", false), ("\"hasLostRows\":true,", true)]
        for (member, hasLost) in members {
            let changed = body.replacingOccurrences(
                of: "\"hasLostRows\":[a-z]+,", with: member, options: .regularExpression)
            #expect(changed.contains("hasLostRows") == !member.isEmpty)
            try forged.write(body: changed)
            guard case .opened(let index) = try forged.outcome() else {
                Issue.record("\(member): not opened")
                continue
            }
            #expect(index.state.hasLostRows == hasLost)
        }
    }

    @Test("that names a link or a pipe is refused, and nobody waits", arguments: ["link", "pipe"])
    func noFile(kind: String) throws {
        let forged = try ForgedIndex()
        for name in [try forged.name("segment"), try forged.name("loose"), "manifest.json"] {
            try forged.restore()
            let path = forged.folder.file("index/\(name)")
            if kind == "link" {
                try FileManager.default.moveItem(atPath: path, toPath: path + ".moved")
                try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path + ".moved")
            } else {
                try FileManager.default.removeItem(atPath: path)
                #expect(unsafe mkfifo(path, 0o600) == 0)
            }
            guard case .refused = try forged.outcome() else {
                Issue.record("\(name) as a \(kind): not refused")
                return
            }
            try FileManager.default.removeItem(atPath: path)
        }
    }

    @Test("does not keep a save from naming its files")
    func names() throws {
        let folder = try TemporaryFolder()
        let index = try SavedIndexTests.small()
        try index.save(to: folder.file("index"), fingerprint: "net")
        for name in [
            "loose-9223372036854775807.vectors", "loose--1.vectors", "segment-+3.rows", "removed-.bits",
            "loose-999999999999999.vectors",
        ] { try folder.write([1], to: "index/\(name)") }
        try index.save(to: folder.file("index"), fingerprint: "net")
        try index.save(to: folder.file("index"), fingerprint: "net")
        try VectorIndex.verify(directory: folder.file("index"))
    }

    /// Numbers at which arithmetic goes wrong, as the bytes of a place.
    static let edges: [[UInt8]] =
        [UInt64(0), 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, UInt64.max >> 1, 1 << 63, .max].map {
            unsafe withUnsafeBytes(of: $0) { unsafe Array($0) }
        }
        + [Float.nan, .infinity, -.infinity, 1e30, -1e30, 1e-30, 0, -1].map {
            unsafe withUnsafeBytes(of: $0) { unsafe Array($0) }
        }

    @Test("is refused or searched unharmed, whatever its bytes", .timeLimit(.minutes(10)))
    func fuzz() throws {
        let forged = try ForgedIndex()
        var random = SeededGenerator(seed: 27)
        let names = forged.files.keys.sorted()
        let body = try forged.body(forged.manifest)
        var texts = Mutations(of: [Array(body.utf8)], seed: 27)
        let time = FuzzTime()
        var steps = 0
        var opened = 0
        while steps < 200 || time.isLeft {
            steps += 1
            try forged.restore()
            if steps.isMultiple(of: 10) {
                try forged.write(body: String(decoding: texts.next(), as: UTF8.self))
            } else {
                let name = names.randomElement(using: &random) ?? ""
                var bytes = forged.files[name] ?? []
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let edge = Self.edges.randomElement(using: &random) ?? []
                    // Half of the changes are in the head, where the shape and the lists are.
                    let most = Bool.random(using: &random) ? min(bytes.count, 320) : bytes.count
                    let place = Int.random(in: 0..<max(1, (most - edge.count) / 4), using: &random) * 4
                    for (at, byte) in edge.enumerated() where place + at < bytes.count {
                        bytes[place + at] = byte
                    }
                }
                try forged.write(name, bytes)
            }
            // What is refused is refused; what opens is used.
            guard case .opened(let index) = try forged.outcome() else { continue }
            opened += 1
            try FuzzTests.use(index, wholly: opened % 20 == 1, forged.folder)
            if opened % 40 == 1 {
                try index.dropRemovedRows()
                _ = index.needsRebuild
            }
        }
        #expect(opened > steps / 10 && opened < steps, "\(opened) of \(steps) opened")
    }
}

extension Segment {
    /// Where the ids of a segment's bytes begin.
    static func headSizeOfTests(_ bytes: [UInt8]) -> Int {
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe Layout(bytes.loadUnaligned(as: Shape.self))?.headSize ?? 0
        }
    }
}

import Foundation
import GalleryModel
import Testing
import TestSupport
@testable import TemplateStore

@Suite("A walk over all pages")
struct PageWalkTests {
    /// Galleries of several shapes: values with pages of their own, branches, free pages, none of them.
    enum Shape: String, CaseIterable {
        case empty, small, deep, long, sparse

        func fill(_ store: TemplateStore) throws {
            let dimension = store.settings.dimension
            var random = SeededGenerator(seed: 3)
            let (rounds, count) =
                switch self {
                case .empty: (0, 0)
                case .small: (1, 5)
                case .deep: (3, 700)
                case .long: (3, 40)
                case .sparse: (6, 200)
                }
            for round in 0..<rounds {
                try store.write { (writer) throws(StoreError) in
                    for number in 0..<count {
                        let length = self == .long ? Int.random(in: 0...9_000, using: &random) : number % 3 * 20
                        var new = newReference(
                            "subject \(String(repeating: "n", count: number % 60)) \(number % 90)",
                            round * count + number,
                            digest: number % 4 == 0
                                ? (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) } : nil,
                            dimension: dimension)
                        new.metadata = ["text": String(repeating: "m", count: length)]
                        let id = try writer.add(new)
                        // A long value that becomes shorter in its transaction keeps its pages.
                        if number % 5 == 0 {
                            try writer.update(reference: id, metadata: ["text": "short"], stamp: nil)
                        }
                    }
                }
                guard self == .sparse || self == .long else { continue }
                try store.write { (writer) throws(StoreError) in
                    for id in try writer.allReferences where Int.random(in: 0..<3, using: &random) > 0 {
                        try writer.remove(reference: id)
                    }
                }
            }
        }
    }

    private func gallery(_ shape: Shape, dimension: Int = 16) throws -> TestGallery {
        let gallery = try TestGallery(
            StoreSettings(dimension: dimension, networkName: "test", networkFingerprint: "0123"))
        try shape.fill(gallery.open())
        return gallery
    }

    private func walk(
        _ path: String, _ extent: PageWalk.Extent = .everything
    ) throws(StoreError) -> PageWalk {
        let file = try DataFile(inDirectory: path)
        return try PageWalk(file, file.meta(), extent, contents: .gallery)
    }

    @Test("finds nothing wrong with whatever LMDB writes", arguments: Shape.allCases, [16, 640])
    func sound(shape: Shape, dimension: Int) throws {
        let gallery = try gallery(shape, dimension: dimension)
        for extent in [PageWalk.Extent.everything, .untilFault, .roots] {
            let walk = try walk(gallery.path, extent)
            #expect(walk.problems == [] && walk.recordProblems == [])
        }
        _ = try TemplateStore.compact(at: gallery.path)
        let walk = try walk(gallery.path)
        #expect(walk.problems == [] && walk.recordProblems == [])
        let counts = try gallery.open(readOnly: true).read { (reader) throws(StoreError) in
            [try reader.subjectCount, try reader.referenceCount]
        }
        #expect([walk.entries["subjects"], walk.entries["references"]] == counts.map { UInt64($0) })
    }

    /// Where LMDB's own numbers stand in a file: nothing of them may change unseen.
    private func structure(_ path: String) throws -> [Int] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/data.mdb")))
        let meta = try DataFile(inDirectory: path).meta()
        let newer = meta.transaction % 2 == 0 ? 0 : meta.pageSize
        // Page number, flags, magic and version; the two trees but for their padding; the last page.
        var places = Array(newer..<newer + 8) + Array(newer + 10..<newer + 12) + Array(newer + 16..<newer + 24)
        places += Array(newer + 46..<newer + 88) + Array(newer + 92..<newer + 144)
        var pages = [meta.main.root, meta.free.root].filter { $0 != TreeRecord.noPage }
        while let number = pages.popLast() {
            let start = Int(number) * meta.pageSize
            let page = Page(Array(bytes[start..<start + meta.pageSize]))
            places += Array(start..<start + 8) + Array(start + 10..<start + 16 + 2 * page.nodes)
            for index in 0..<page.nodes {
                guard let node = page.node(index) else { continue }
                places += Array(start + node.offset..<start + node.offset + 8)
                if page.flags == Page.branch {
                    pages.append(page.child(node))
                } else if node.flags == Page.subTree {
                    let tree = TreeRecord(page, at: node.dataOffset)
                    places += Array(start + node.dataOffset + 4..<start + node.dataOffset + TreeRecord.size)
                    if tree.root != TreeRecord.noPage { pages.append(tree.root) }
                } else if node.flags == Page.bigData {
                    let first = Int(page.number64(node.dataOffset)) * meta.pageSize
                    places += Array(start + node.dataOffset..<start + node.dataOffset + 8)
                    places += Array(first..<first + 8) + Array(first + 10..<first + 16)
                }
            }
        }
        return places
    }

    @Test(
        "finds every change of a number that LMDB relies on", arguments: [Shape.small, .deep, .long, .sparse])
    func structureIsWatched(shape: Shape) throws {
        let gallery = try gallery(shape)
        let data = URL(fileURLWithPath: gallery.path + "/data.mdb")
        let whole = [UInt8](try Data(contentsOf: data))
        let places = try structure(gallery.path)
        var random = SeededGenerator(seed: 11)
        var unseen: [String] = []
        let handle = try FileHandle(forUpdating: data)
        for _ in 0..<120 {
            guard let place = places.randomElement(using: &random) else { break }
            let change = UInt8(1) << UInt8.random(in: 0..<8, using: &random)
            try handle.seek(toOffset: UInt64(place))
            try handle.write(contentsOf: [whole[place] ^ change])
            do throws(StoreError) {
                let walk = try walk(gallery.path, .untilFault)
                if walk.problems.isEmpty, walk.recordProblems.isEmpty { unseen.append("\(place) ^ \(change)") }
            } catch {
                #expect(error.kind == .badData)
            }
            try handle.seek(toOffset: UInt64(place))
            try handle.write(contentsOf: [whole[place]])
        }
        #expect(unseen == [], "bits of \(shape.rawValue) that changed unseen")
        #expect(try walk(gallery.path).problems == [])
    }

    @Test(
        "ends also where pages lead in a circle", arguments: [PageWalk.Extent.roots, .untilFault, .everything])
    func circle(extent: PageWalk.Extent) throws {
        let gallery = try gallery(.deep)
        let data = gallery.path + "/data.mdb"
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: data)))
        let meta = try DataFile(inDirectory: gallery.path).meta()
        // The root of the list of databases becomes a branch with two ways to itself, 20 levels deep.
        let (start, newer) = (
            Int(meta.main.root) * meta.pageSize, meta.transaction % 2 == 0 ? 0 : meta.pageSize
        )
        func write(_ number: UInt64, _ count: Int, _ place: Int) {
            for byte in 0..<count {
                bytes[place + byte] = UInt8(truncatingIfNeeded: number >> (8 * UInt64(byte)))
            }
        }
        write(20, 2, newer + 94)
        write(0x01, 2, start + 10)
        write(20, 2, start + 12)
        write(4080, 2, start + 14)
        write(4080, 2, start + 16)
        write(4088, 2, start + 18)
        for node in [start + 4080, start + 4088] {
            write(meta.main.root, 6, node)
            write(0, 2, node + 6)
        }
        try Data(bytes).write(to: URL(fileURLWithPath: data))
        #expect(try !walk(gallery.path, extent).problems.isEmpty)
    }

    /// Records that no gallery holds, as another program may write them: LMDB can read them.
    enum Stranger: String, CaseIterable {
        case infinite, long, cutOff, nameless, sharp, timeless, noNumber, zero

        func write(_ transaction: StoreTransaction) throws(StoreError) {
            var floats = vector(2)
            switch self {
            case .infinite: floats[3] = .infinity
            case .long: floats = floats.map { $0 * 1e18 }
            case .zero: floats = floats.map { _ in 0 }
            case .cutOff: floats.removeLast()
            case .nameless:
                let name: [UInt8] = [0x61, 0xFF]
                try unsafe name.withUnsafeBufferPointer { name throws(StoreError) in
                    let key = UnsafeRawBufferPointer(name)
                    try unsafe transaction.put(.names, .bytes(key), [UInt8](repeating: 1, count: 8))
                }
            case .noNumber: try transaction.put(.names, .text("a"), [1])
            case .sharp:
                let quality = ReferenceQuality(faceSize: 1, sharpness: 1e308, yaw: 0, roll: 0, score: 1)
                try put(quality, enrolled: 0, transaction)
            case .timeless: try put(nil, enrolled: .infinity, transaction)
            }
            let bytes = unsafe floats.withUnsafeBytes { unsafe [UInt8]($0) }
            try transaction.put(.vectors, .number(2), bytes)
        }

        private func put(
            _ quality: ReferenceQuality?, enrolled: Double, _ transaction: StoreTransaction
        ) throws(StoreError) {
            var record = RecordBytes()
            ReferenceRecord.encode(
                id: 2, subject: 1, enrolled: enrolled, source: "", digest: nil, quality: quality,
                vectorChecksum: 0, to: &record)
            try transaction.put(.references, .number(2), record.bytes)
        }
    }

    @Test(
        "finds records that no gallery holds, and a store with them is opened to mend it only",
        arguments: Stranger.allCases)
    func records(stranger: Stranger) throws {
        let gallery = try gallery(.small)
        try gallery.open().write { (writer) throws(StoreError) in try stranger.write(writer.transaction) }
        let walk = try walk(gallery.path)
        #expect(walk.problems == [] && walk.recordProblems.count == 1, "\(walk.recordProblems)")
        // Its last writer was this process: it is opened, and what is read of it is refused or harmless.
        #expect(throws: Never.self) { try gallery.open() }
        try FileManager.default.removeItem(atPath: gallery.path + "/" + LastWriter.fileName)
        let error = #expect(throws: StoreError.self) { try gallery.open() }
        #expect(error?.kind == .badData)
        let store = try TemplateStore(at: gallery.path, tolerant: true)
        #expect(try !store.verify().isSound)
        try store.write { (writer) throws(StoreError) in try writer.remove(reference: 2) }
    }
}

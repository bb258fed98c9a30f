import CSearchKernels
import Foundation
import GalleryModel
import Testing
import TestSupport
@testable import Gallery
@testable import TemplateStore
@testable import VectorIndex

/// After a compaction nothing of what was removed is left, in no file.
@Suite("What was removed") struct RemovedForGoodTests {
    private static let dimension = 16
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("g")
    }

    /// Runs of sixteen bytes, looked for at every place of files.
    private struct Traces {
        private var runs: [UInt64: [UInt64]] = [:]
        /// One bit for the hash of each first half, as nearly all places are none.
        private var filter = [Bool](repeating: false, count: 1 << 20)

        private static func slot(_ half: UInt64) -> Int { Int((half &* 0x9E37_79B9_7F4A_7C15) >> 44) }

        mutating func add(_ bytes: [UInt8]) {
            for start in stride(from: 0, through: bytes.count - 16, by: 4) {
                let (first, second) = unsafe bytes.withUnsafeBytes { bytes in
                    unsafe (
                        bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self),
                        bytes.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self)
                    )
                }
                runs[first, default: []].append(second)
                filter[Self.slot(first)] = true
            }
        }

        /// Names of files in a folder and its folders that hold one of the runs, with how many.
        func found(in folder: String) throws -> [String: Int] {
            var found: [String: Int] = [:]
            for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
                guard let data = try? Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")),
                    data.count >= 16
                else { continue }
                let count = unsafe data.withUnsafeBytes { bytes in
                    var count = 0
                    for place in 0...bytes.count - 16 {
                        let first = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                        guard filter[Self.slot(first)], let seconds = runs[first] else { continue }
                        let second = unsafe bytes.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self)
                        if seconds.contains(second) { count += 1 }
                    }
                    return count
                }
                if count > 0 { found[name] = count }
            }
            return found
        }
    }

    /// How alike the rows of the index on disk are, at most, to some templates, as far as their bytes tell.
    private func likeness(of templates: [[Float]]) throws -> Float {
        let state = try LocalStorage(at: path, readOnly: true).index.state
        let dimension = Self.dimension
        let quantizer = try #require(state.quantizer)
        let table = unsafe quantizer.table.pointee
        var most: Float = -1
        for part in state.segments {
            for list in 0..<quantizer.listCount {
                let own = unsafe part.segment.lists[list]
                for row in Int(own.first_row)..<Int(own.first_row) + Int(own.row_count) {
                    let residual = (0..<dimension).map { axis in
                        unsafe (Float(part.segment.rows[row * dimension + axis]) - 128)
                            * quantizer.shape.rowStep
                    }
                    var vector: [Float] = []
                    for axis in 0..<dimension {
                        var sum = unsafe table.centroids[list * dimension + axis]
                        for other in 0..<dimension {
                            unsafe sum += residual[other] * table.probe_axes[other * dimension + axis]
                        }
                        vector.append(sum)
                    }
                    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
                    for template in templates {
                        var product: Float = 0
                        for axis in 0..<dimension { product += template[axis] * vector[axis] }
                        most = max(most, product / length)
                    }
                }
            }
        }
        return most
    }

    private func ownText(_ random: inout SeededGenerator) -> String {
        String(random.next(), radix: 16) + "-" + String(random.next(), radix: 16)
    }

    private func bytes(_ template: [Float]) -> [UInt8] { unsafe template.withUnsafeBytes { unsafe Array($0) } }

    @Test("stands in no file after a compaction, and cannot be made again from the index")
    func nothingIsLeft() throws {
        try FaceGallery.create(at: path, dimension: Self.dimension)
        var random = SeededGenerator(seed: 77)
        let people = (0..<21_000).map { number in
            // Names and sources in no order, whose first sixteen bytes nobody else's have.
            let (name, source) = (ownText(&random) + " \(number)", ownText(&random) + ".jpg")
            return NewReference(
                subject: name, source: source,
                sourceDigest: number % 5 == 0
                    ? (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) } : nil,
                metadata: number % 50 == 0 ? ["note": "what is noted of \(name)"] : [:],
                template: random.unitVector(Self.dimension))
        }
        var (gone, kept) = (Traces(), Traces())
        var removed: [NewReference] = []
        do {
            let gallery = try FaceGallery(at: path)
            for start in stride(from: 0, to: people.count, by: 7_000) {
                _ = try gallery.enroll(Array(people[start..<start + 7_000]))
            }
            try gallery.settle()
            for (number, person) in people.enumerated() {
                let leaves = number % 3 == 1 && number < 6_000 || number % 40 == 7
                if number % 600 == 0 { kept.add(bytes(person.template)) }
                guard leaves else { continue }
                removed.append(person)
                gone.add(bytes(person.template))
                gone.add(Array(person.subject.utf8.prefix(16)))
                gone.add(Array(person.source.utf8.prefix(16)))
                gone.add(person.sourceDigest ?? [])
            }
            let store = try TemplateStore(at: path)
            try store.write { (writer) throws(StoreError) in
                for person in removed { try writer.remove(subject: person.subject) }
            }
        }
        let sample = removed.indices.filter { $0 % 100 == 3 }.map { removed[$0].template }
        let before = try gone.found(in: path)
        #expect(before["data.mdb"] ?? 0 > 1_000, "the test can see what a removal leaves")
        // What the index on disk has is taken before it follows the store: its rows are still those of all.
        let report = try FaceGallery.compact(at: path)
        #expect(report.bytesAfter < report.bytesBefore)
        #expect(try gone.found(in: path) == [:])
        #expect(try kept.found(in: path).keys.contains("data.mdb"))
        #expect(try likeness(of: sample) < 0.99)
        #expect(try likeness(of: [people[0].template]) > 0.99, "the test can make templates again")
        let gallery = try FaceGallery(at: path)
        #expect(try gallery.check().problems == [])
        #expect(try gallery.statistics().references == people.count - removed.count)
        for person in removed.prefix(20) {
            let answer = try gallery.identify(person.template)
            #expect(answer.candidates.allSatisfy { $0.subject != person.subject })
        }
        // A snapshot of it holds as little.
        let copy = folder.file("copy")
        _ = try FaceGallery.snapshot(at: path, to: copy)
        #expect(try gone.found(in: copy) == [:])
    }

    @Test("is gone with its pictures, where chips were kept, from the gallery's files and from its copies")
    func chips() throws {
        let settings = StoreSettings(
            dimension: Self.dimension, networkName: "n", networkFingerprint: "f", keepsChips: true)
        try FaceGallery.create(at: path, settings: settings)
        var random = SeededGenerator(seed: 80)
        var (gone, kept) = (Traces(), Traces())
        let people = (0..<200).map { number in
            let picture = (0..<Int.random(in: 1_000...20_000, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if number % 3 == 0 { gone.add(picture) } else { kept.add(picture) }
            return NewReference(
                subject: "\(number)", source: "",
                chip: ReferenceChip(
                    side: 100, box: SIMD4(1, 1, 9, 9), scheme: .none, points: [], picture: picture),
                template: random.unitVector(Self.dimension))
        }
        do {
            let gallery = try FaceGallery(at: path)
            _ = try gallery.enroll(people)
            for number in stride(from: 0, to: 200, by: 3) { try gallery.remove(subject: "\(number)") }
        }
        #expect(try gone.found(in: path)["data.mdb"] ?? 0 > 100, "the test can see what a removal leaves")
        let copy = folder.file("copy")
        _ = try FaceGallery.snapshot(at: path, to: copy)
        _ = try FaceGallery.compact(at: path)
        for place in [path, copy] {
            #expect(try gone.found(in: place) == [:])
            #expect(try !kept.found(in: place).isEmpty)
        }
        #expect(try FaceGallery(at: path).check().problems == [])
    }

    @Test("is in no snapshot's store either, compacted or not")
    func snapshots() throws {
        try FaceGallery.create(at: path, dimension: Self.dimension)
        var random = SeededGenerator(seed: 78)
        let gallery = try FaceGallery(at: path)
        var gone = Traces()
        var names: [String] = []
        let people = (0..<3_000).map { _ in
            NewReference(
                subject: String(random.next(), radix: 36) + "-" + String(random.next(), radix: 36), source: "",
                template: random.unitVector(Self.dimension))
        }
        _ = try gallery.enroll(people)
        for (number, person) in people.enumerated() where number % 2 == 0 {
            names.append(person.subject)
            gone.add(bytes(person.template))
            gone.add(Array(person.subject.utf8.prefix(16)))
        }
        try TemplateStore(at: path).write { (writer) throws(StoreError) in
            for name in names { try writer.remove(subject: name) }
        }
        #expect(try !gone.found(in: path).isEmpty)
        let copy = folder.file("copy")
        _ = try FaceGallery.snapshot(at: path, to: copy)
        #expect(try gone.found(in: copy) == [:])
    }

    @Test("is gone with an index that does not belong to the store")
    func foreignIndex() throws {
        try FaceGallery.create(at: path, dimension: Self.dimension)
        var random = SeededGenerator(seed: 79)
        let person = NewReference(subject: "a", source: "", template: random.unitVector(Self.dimension))
        _ = try FaceGallery(at: path).enroll([person])
        let index = path + "/index"
        try FileManager.default.createDirectory(atPath: index, withIntermediateDirectories: true)
        try Data(bytes(person.template)).write(to: URL(fileURLWithPath: index + "/left.segment"))
        try FaceGallery(at: path).remove(subject: "a")
        _ = try FaceGallery.compact(at: path)
        var gone = Traces()
        gone.add(bytes(person.template))
        #expect(try gone.found(in: path) == [:])
        #expect(try FaceGallery(at: path).check().problems == [])
    }
}

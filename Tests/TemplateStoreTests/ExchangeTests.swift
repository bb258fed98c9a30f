import Files
import Foundation
import GalleryModel
import Testing
import TestSupport
@testable import TemplateStore

@Suite("Templates of another network")
struct ExchangeTests {
    private let gallery: TestGallery
    private let work: TemporaryFolder
    private let settings = StoreSettings(dimension: 512, networkName: "new", networkFingerprint: "feed")

    init() throws {
        gallery = try TestGallery()
        work = try TemporaryFolder()
    }

    private func newTemplate(_ id: ReferenceID) -> [Float] { vector(1_000 + Int(id), dimension: 512) }

    /// Twelve references of five subjects, of which reference 2 was removed.
    private func fill() throws -> [ReferenceToMake] {
        let store = try gallery.open()
        return try store.write { writer throws(StoreError) in
            for number in 0..<12 {
                try writer.add(
                    newReference(
                        "person \(number % 5)", number, digest: (0..<32).map { UInt8($0 + number) }))
            }
            try writer.remove(reference: 2)
            return try writer.referencesToMake(after: 0, limit: 100)
        }
    }

    private func made(_ references: [ReferenceToMake], but left: Set<ReferenceID> = []) throws -> MadeTemplates
    {
        let folder = try OpenFolder(work.path)
        try MadeTemplates.create(
            in: folder, MigrationPlan(created: 1, oldFingerprint: "0123abcd", settings: settings))
        let made = try #require(try MadeTemplates(in: folder))
        try made.add(
            references.filter { !left.contains($0.reference.id) }.map { one in
                MadeTemplate(
                    id: one.reference.id, oldChecksum: one.checksum,
                    quality: ReferenceQuality(faceSize: 77, sharpness: 1, yaw: 2, roll: 3, score: 4),
                    template: newTemplate(one.reference.id))
            })
        return made
    }

    private func exchange(
        _ made: MadeTemplates, dropping: Set<ReferenceID> = [],
        complete: @escaping ([ReferenceToMake]) throws(StoreError) -> Void = { _ throws(StoreError) in
            throw .cancelled
        },
        beforehand: @escaping () throws(StoreError) -> Void = {}, afterwards: @escaping () -> Void = {}
    ) throws(StoreError) {
        _ = try TemplateStore.exchangeTemplates(
            at: gallery.path,
            TemplateExchange(
                made: made, isDropped: { dropping.contains($0) }, complete: complete, beforehand: beforehand,
                afterwards: afterwards),
            patience: .zero, onWait: {}, shouldStop: { false })
    }

    private func bytesOfFile() throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: gallery.path + "/data.mdb"))
    }

    @Test("take the place of the old ones in one step, of another dimension too, and leave no byte of them")
    func takePlace() throws {
        let references = try fill()
        let (before, created) = (try gallery.open().settings, try gallery.open().created)
        #expect(before == testSettings)
        let old = unsafe vector(4).withUnsafeBytes { unsafe Data($0) }
        #expect(try bytesOfFile().range(of: old) != nil, "the test can see an old template")
        try exchange(try made(references))
        let store = try gallery.open()
        #expect(store.settings == settings && store.created == created)
        #expect(try store.verify().problems == [])
        try store.read { reader throws(StoreError) in
            #expect(try reader.referenceCount == 11)
            for one in references {
                let id = one.reference.id
                #expect(try reader.vector(of: id) == newTemplate(id))
                let record = try reader.reference(id)
                #expect(record?.quality?.faceSize == 77)
                #expect(record?.source == one.reference.source && record?.enrolled == one.reference.enrolled)
                #expect(record?.sourceDigest == one.reference.sourceDigest)
            }
            #expect(try reader.position == StorePosition(highestReference: 12, removals: 1))
            #expect(try reader.followerTokens == [])
        }
        #expect(try bytesOfFile().range(of: old) == nil)
        #expect(try TemplateStore.examine(at: gallery.path).settings == settings)
        // Ids go on where they were.
        let next = try store.write { writer throws(StoreError) in
            try writer.add(newReference("person 9", 9, dimension: 512))
        }
        #expect(next == 13)
    }

    @Test("find the old count of commits gone, so that who waited with LMDB's lock alone does not read by it")
    func forgottenCount() throws {
        let references = try fill()
        func bytesOfLock() -> Int {
            let facts = try? FileManager.default.attributesOfItem(atPath: gallery.path + "/lock.mdb")
            return facts?[.size] as? Int ?? -1
        }
        #expect(bytesOfLock() > 0)
        var (before, after) = (-1, -1)
        try exchange(
            try made(references), beforehand: { () throws(StoreError) in before = bytesOfLock() },
            afterwards: { after = bytesOfLock() })
        #expect(before > 0 && after == 0)
        #expect(bytesOfLock() > 0)
    }

    @Test("let references go that have none, with subjects that they were the last of")
    func dropped() throws {
        let references = try fill()
        // Person 1 has references 2 (removed), 7 and 12; person 0 has 1, 6 and 11.
        let dropping: Set<ReferenceID> = [7, 12, 6]
        try exchange(try made(references, but: dropping), dropping: dropping)
        let store = try gallery.open()
        #expect(try store.verify().problems == [])
        try store.read { reader throws(StoreError) in
            #expect(try reader.subject(named: "person 1") == nil)
            #expect(try reader.subject(named: "person 0")?.referenceCount == 2)
            #expect(try reader.removals(after: 1) == [6, 7, 12])
            #expect(try reader.referenceCount == 8)
        }
        let file = try bytesOfFile()
        #expect(file.range(of: Data("person 1".utf8)) == nil && file.range(of: Data("person 0".utf8)) != nil)
    }

    @Test("change nothing where one is missing, where one is of another template, or where the work is cut off")
    func refused() throws {
        let references = try fill()
        let made = try made(references, but: [5])
        let old = try bytesOfFile()
        #expect(throws: StoreError.cancelled) { try exchange(made) }
        // Of a reference that was enrolled anew under the same number, as in a gallery that was put back.
        try made.add([MadeTemplate(id: 5, oldChecksum: 1, quality: nil, template: newTemplate(5))])
        #expect(throws: StoreError.cancelled) { try exchange(made) }
        #expect(throws: StoreError.noSpace(path: "x")) {
            try exchange(
                made, dropping: [5], beforehand: { () throws(StoreError) in throw .noSpace(path: "x") })
        }
        #expect(try bytesOfFile() == old)
        #expect(try FileManager.default.contentsOfDirectory(atPath: gallery.path).count == 3)
        do {
            let user = try gallery.open()
            #expect(throws: StoreError.self) { try exchange(made, dropping: [5]) }
            #expect(user.settings == testSettings)
        }
        var asked: [ReferenceID] = []
        try exchange(
            made,
            complete: { unmade throws(StoreError) in
                asked = unmade.map(\.reference.id)
                let five = MadeTemplate(
                    id: 5, oldChecksum: unmade[0].checksum, quality: nil, template: newTemplate(5))
                guard (try? made.add([five])) != nil else { throw .cancelled }
            })
        #expect(asked == [5])
        #expect(try gallery.open().verify().problems == [])
        #expect(try gallery.open().settings == settings)
    }

    @Test(
        "that were gathered are read again up to the first damaged one, and those of removed references can go")
    func file() throws {
        let references = try fill()
        let folder = try OpenFolder(work.path)
        #expect(MadeTemplates.look(in: folder) == nil)
        let made = try made(references)
        let path = work.file(MadeTemplates.fileName)
        let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
        let record = 56 + 4 * 512
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        // Within the tenth of eleven.
        try handle.seek(toOffset: UInt64(size - 2 * record + 700))
        try handle.write(contentsOf: Data([1, 2, 3, 4]))
        try handle.close()
        let again = try #require(try MadeTemplates(in: folder))
        #expect(again.count == 9 && again.plan == made.plan)
        #expect(MadeTemplates.look(in: folder)?.count == 9)
        for one in references.prefix(9) {
            #expect(again.has(one.reference.id, oldChecksum: one.checksum))
            #expect(!again.has(one.reference.id, oldChecksum: one.checksum &+ 1))
            #expect(try again.template(of: one.reference.id)?.template == newTemplate(one.reference.id))
        }
        try again.keep(in: folder) { id, _ in id != 3 }
        let kept = try #require(try MadeTemplates(in: folder))
        #expect(try kept.count == 8 && kept.template(of: 3) == nil)
        let gone = unsafe newTemplate(3).withUnsafeBytes { unsafe Data($0) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).range(of: gone) == nil)
    }
}

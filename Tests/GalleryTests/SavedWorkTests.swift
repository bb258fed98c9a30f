import Foundation
import GalleryModel
import Glibc
import Synchronization
import Testing
import TestSupport
import VectorIndex
@testable import Gallery
@testable import TemplateStore

private func references(_ count: Int, seed: UInt64) -> [NewReference] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map {
        NewReference(subject: "s\($0 / 2)", source: "test", template: generator.unitVector(16))
    }
}

/// What one process has trained or taken in, the next need not do again.
@Suite("The work of a process", .serialized)
struct SavedWorkTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("faces")
        try FaceGallery.create(at: path, dimension: 16)
    }

    private static let probe = [Float](repeating: 0.25, count: 16)

    private func enrol(_ count: Int, seed: UInt64) throws {
        _ = try FaceGallery(at: path).enroll(references(count, seed: seed))
    }

    /// References in the index that a gallery finds when it is opened.
    private var savedCount: Int {
        get throws { try FaceGallery(at: path, readOnly: true).statistics().localIndex.count }
    }

    @Test("that settles leaves nothing unsaved, be it one reference or one removal")
    func settles() throws {
        try enrol(3, seed: 1)
        let gallery = try FaceGallery(at: path)
        try gallery.settle()
        #expect(try savedCount == 3)
        try enrol(1, seed: 2)
        try gallery.settle()
        #expect(try savedCount == 4)
        try gallery.remove(reference: 2)
        try gallery.settle()
        #expect(try savedCount == 3)
        #expect(try gallery.check().isSound)
    }

    @Test("that answers one question leaves a fiftieth unsaved; one that goes on saves it")
    func fewAnswers() throws {
        let count = 60_000
        try enrol(count, seed: 21)
        try FaceGallery(at: path).settle()
        try enrol(1_100, seed: 22)
        func ask(times: Int) throws {
            let gallery = try FaceGallery(at: path, readOnly: true)
            for _ in 0..<times { _ = try gallery.identify(Self.probe) }
            gallery.share()
        }
        try ask(times: 1)
        #expect(try savedCount == count)
        try ask(times: 20)
        #expect(try savedCount == count + 1_100)
    }

    @Test("that only counts trains nothing, and that searches trains once for all")
    func training() throws {
        try enrol(VectorIndex.listsFrom, seed: 3)
        do {
            let gallery = try FaceGallery(at: path, readOnly: true)
            #expect(try gallery.statistics().localIndex.count == 0)
            #expect(try gallery.statistics().references == VectorIndex.listsFrom)
            #expect(try gallery.check().isSound)
            #expect(!VectorIndex.isSaved(in: path + "/index"))
            _ = try gallery.identify(Self.probe)
            gallery.share()
        }
        let statistics = try FaceGallery(at: path, readOnly: true).statistics()
        #expect(try statistics.localIndex.count == VectorIndex.listsFrom)
        #expect(try statistics.localIndex.lists > 0)
        #expect(try statistics.localIndex.trainedCount == VectorIndex.listsFrom)
        // Much that comes later is taken in once, too, and a settled index of lists is not written again as a whole.
        let segments = try indexFiles("segment")
        try enrol(1_500, seed: 4)
        do {
            let gallery = try FaceGallery(at: path, readOnly: true)
            _ = try gallery.identify(Self.probe)
            gallery.share()
        }
        #expect(try savedCount == VectorIndex.listsFrom + 1_500)
        #expect(try indexFiles("segment") == segments)
        #expect(try FaceGallery(at: path).check().isSound)
    }

    @Test(
        "that enrols for long trains and saves beside it, for the case that it is killed"
    )
    func keepingPace() throws {
        let gallery = try FaceGallery(at: path)
        _ = try gallery.enroll(references(VectorIndex.listsFrom, seed: 13))
        gallery.keepPace()
        gallery.share()
        #expect(try savedCount == VectorIndex.listsFrom)
        #expect(try FaceGallery(at: path, readOnly: true).statistics().localIndex.lists > 0)
        _ = try gallery.enroll(references(1_500, seed: 14))
        gallery.keepPace()
        gallery.share()
        #expect(try savedCount == VectorIndex.listsFrom + 1_500)
        // Told to end, it saves the rest, too; nothing of that is a training.
        _ = try gallery.enroll(references(10, seed: 15))
        #expect(try gallery.part() == .saved)
        #expect(try savedCount == VectorIndex.listsFrom + 1_510)
    }

    @Test("that is told to end before the first training leaves that to whoever searches next")
    func parting() throws {
        let gallery = try FaceGallery(at: path)
        _ = try gallery.enroll(references(VectorIndex.listsFrom, seed: 16))
        #expect(try gallery.part() == .saved)
        #expect(!VectorIndex.isSaved(in: path + "/index"))
    }

    @Test("that finds no index waits for another that trains one, and takes that")
    func oneTrains() throws {
        try enrol(VectorIndex.listsFrom, seed: 17)
        let path = path
        DispatchQueue.concurrentPerform(iterations: 2) { _ in
            do {
                let gallery = try FaceGallery(at: path, readOnly: true)
                #expect(try gallery.identify(Self.probe).candidates.count == 5)
                gallery.share()
            } catch { Issue.record(error) }
        }
        // A second training would have been saved beside the first, under the next number.
        #expect(try indexFiles("quantizer") == ["quantizer-1.tables"])
    }

    private func indexFiles(_ kind: String) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: path + "/index").filter { $0.hasPrefix(kind) })
    }

    @Test("that may not write is answered all the same")
    func unwritable() throws {
        try enrol(1_500, seed: 5)
        try folder.write([], to: "faces/index")
        let gallery = try FaceGallery(at: path, readOnly: true)
        #expect(try gallery.identify(Self.probe).candidates.count == 5)
        gallery.share()
        #expect(!VectorIndex.isSaved(in: path + "/index"))
    }

    @Test("that is killed at any moment of saving an index leaves one that is believed")
    func killedAtAnyMoment() async throws {
        try enrol(10, seed: 20)
        try FaceGallery(at: path).settle()
        for moment in 0..<10 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, moment = moment as Int] in
                let gallery = try FaceGallery(at: path)
                Thread.detachNewThread {
                    usleep(UInt32(4_000 + moment * 2_300))
                    kill(getpid(), SIGKILL)
                }
                for number in 0... {
                    _ = try gallery.enroll(references(1, seed: UInt64(1_000 * (moment + 1) + number)))
                    try gallery.settle()
                }
            }
            #expect(try savedCount >= 10, "moment \(moment)")
        }
    }

    @Test("that was killed between announcing an index and saving it leaves the one before")
    func killedWhileSaving() throws {
        try enrol(10, seed: 6)
        let gallery = try FaceGallery(at: path)
        try gallery.settle()
        let store = try TemplateStore(at: path)
        let tokens = try store.read { reader throws(StoreError) in try reader.followerTokens }
        try store.write { writer throws(StoreError) in
            try writer.setFollowerToken(.random(), inUse: tokens.first)
        }
        #expect(try savedCount == 10)
        try enrol(10, seed: 7)
        try gallery.settle()
        #expect(try savedCount == 20)
    }

    @Test("that is behind does not replace what another has saved further on")
    func behind() throws {
        try enrol(10, seed: 8)
        let behind = try LocalStorage(at: path)
        _ = try behind.search { state throws(StoreError) in
            try state.nearest(to: Self.probe, SearchRequest(count: 1, mode: .exact))
        }
        let index = behind.index
        try enrol(10, seed: 9)
        try FaceGallery(at: path).settle()
        try behind.save(index)
        #expect(try savedCount == 20)
    }

    @Test("that saves keeps nobody from enrolling")
    func savingBesideWriting() throws {
        try enrol(10, seed: 10)
        let gallery = try FaceGallery(at: path)
        try gallery.settle()
        try enrol(10, seed: 11)
        // As another process that saves does: the settling thread waits for it.
        let directory = unsafe open(path + "/index", O_RDONLY | O_DIRECTORY)
        #expect(flock(directory, LOCK_EX) == 0)
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            try? gallery.settle()
            done.signal()
        }
        #expect(done.wait(timeout: .now() + 0.2) == .timedOut)
        try enrol(10, seed: 12)
        #expect(try gallery.identify(Self.probe).candidates.count == 5)
        close(directory)
        #expect(done.wait(timeout: .now() + 60) == .success)
        #expect(try savedCount >= 20)
    }
}

/// A thread that waits for others inside a transaction must not meet one that waits to move the map.
@Suite("A map that must grow", .serialized)
struct GrowingMapTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("faces")
        try FaceGallery.create(at: path, dimension: 16)
    }

    /// The gallery's file, in a map that has no room for more.
    private func openNarrow() throws -> TemplateStore {
        var facts = stat()
        #expect(unsafe stat(path + "/data.mdb", &facts) == 0)
        return try TemplateStore(at: path, readOnly: false, mapSize: Int(facts.st_size) + (1 << 16))
    }

    private func inBackground(_ body: @escaping @Sendable () throws -> Void) -> DispatchSemaphore {
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            do {
                try body()
                done.signal()
            } catch { Issue.record(error) }
        }
        return done
    }

    @Test("does so beside the first training of an index")
    func training() throws {
        do { _ = try FaceGallery(at: path).enroll(references(VectorIndex.listsFrom, seed: 1)) }
        let store = try openNarrow()
        let gallery = try FaceGallery(at: path)
        let more = references(5_000, seed: 2)
        let identified = inBackground { _ = try gallery.identify([Float](repeating: 0.25, count: 16)) }
        let enrolled = inBackground { _ = try gallery.enroll(more) }
        #expect(identified.wait(timeout: .now() + 120) == .success)
        #expect(enrolled.wait(timeout: .now() + 120) == .success)
        withExtendedLifetime(store) {}
    }

    @Test("does so after a question whose probes several threads search")
    func searching() throws {
        do { _ = try FaceGallery(at: path).enroll(references(2_000, seed: 3)) }
        let store = try openNarrow()
        let storage = try LocalStorage(at: path)
        let more = references(5_000, seed: 4)
        var generator = SeededGenerator(seed: 5)
        let probes = (0..<64).flatMap { _ in generator.unitVector(16) }
        var enrolled: DispatchSemaphore?
        let hits = try storage.search { state throws(StoreError) in
            enrolled =
                enrolled
                ?? inBackground {
                    _ = try storage.change(adding: more.map { ReferenceAddition($0) }, updating: [])
                }
            // Long enough for it to find the map full, on any machine that is not very busy.
            usleep(300_000)
            return try state.nearest(to: probes, SearchRequest(count: 3, mode: .exact, threads: 4))
        }
        #expect(
            hits.count == 64 && hits.allSatisfy { $0.count == 3 && $0.allSatisfy { $0.reference <= 2_000 } })
        #expect(enrolled?.wait(timeout: .now() + 120) == .success)
        withExtendedLifetime(store) {}
    }
}

import Foundation
import GalleryModel
import Synchronization
import Testing
import TestSupport
@testable import TemplateStore

/// Raised once, seen by all threads.
final class Flag: Sendable {
    private let state = Mutex(false)
    var isRaised: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
}

@Suite("readers, writers and the growing map")
struct ConcurrencyTests {
    @Test("what one store commits, the next read of another store finds, and an open snapshot does not")
    func twoStores() throws {
        let gallery = try TestGallery()
        let one = try gallery.open()
        let two = try gallery.open()
        let written = Flag()
        try two.read { (reader) throws(StoreError) in
            // On another thread: a write inside a read is refused.
            let thread = Thread {
                _ = try? one.write { (writer) throws(StoreError) in try writer.add(newReference("ada", 1)) }
                written.raise()
            }
            thread.start()
            while !written.isRaised { usleep(1000) }
            #expect(try reader.referenceCount == 0)
        }
        #expect(try two.read { (reader) throws(StoreError) in try reader.referenceCount } == 1)
    }

    @Test("a write inside a read or a write of the same gallery is refused instead of waiting for itself")
    func nestedWrites() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        let other = try gallery.open()
        try store.read { (reader) throws(StoreError) in
            let error = #expect(throws: StoreError.self) {
                try other.write { (writer) throws(StoreError) in try writer.add(newReference("a", 1)) }
            }
            #expect(error?.kind == .usage)
        }
        try store.write { (writer) throws(StoreError) in
            try writer.add(newReference("a", 1))
            let error = #expect(throws: StoreError.self) {
                try store.write { (writer) throws(StoreError) in try writer.add(newReference("b", 1)) }
            }
            #expect(error?.kind == .usage)
            // A read inside is fine, and sees what was committed before.
            #expect(try store.read { (reader) throws(StoreError) in try reader.referenceCount } == 0)
        }
        #expect(try store.read { (reader) throws(StoreError) in try reader.referenceCount } == 1)
    }

    @Test("the map grows from almost nothing, and every reference arrives once")
    func growth() throws {
        let gallery = try TestGallery()
        let store = try gallery.open(mapSize: 64 << 10)
        var runs = 0
        let ids = try store.write { (writer) throws(StoreError) in
            runs += 1
            return try writer.add((0..<20_000).map { newReference("s\($0 % 500)", $0) })
        }
        #expect(runs > 3)
        #expect(ids == Array(1...20_000))
        #expect(try store.read { (reader) throws(StoreError) in try reader.referenceCount } == 20_000)
        #expect(try store.verify().problems == [])
    }

    @Test("a closure that swallows the full map's error is run again all the same")
    func swallowedError() throws {
        let gallery = try TestGallery()
        let store = try gallery.open(mapSize: 64 << 10)
        try store.write { (writer) throws(StoreError) in
            for i in 0..<5_000 {
                do throws(StoreError) { try writer.add(newReference("a", i)) } catch {}
            }
        }
        #expect(try store.read { (reader) throws(StoreError) in try reader.referenceCount } == 5_000)
        #expect(try store.verify().problems == [])
    }

    @Test("an error thrown by the closure undoes everything and comes out as it is")
    func ownErrors() throws {
        struct Own: Error, Equatable {}
        let gallery = try TestGallery()
        let store = try gallery.open()
        #expect(throws: Own()) {
            try store.withWriter { writer in
                try writer.add(newReference("a", 1))
                throw Own()
            }
        }
        #expect(throws: Own()) { try store.withReader { _ in throw Own() } }
        #expect(throws: StoreError.cancelled) {
            try store.write { (writer) throws(StoreError) in
                try writer.add(newReference("a", 1))
                throw .cancelled
            }
        }
        #expect(try store.read { (reader) throws(StoreError) in try reader.referenceCount } == 0)
        let id = try store.write { (writer) throws(StoreError) in try writer.add(newReference("a", 1)) }
        #expect(id == 1)
    }

    @Test("readers beside a writer see whole transactions only, while the map moves under them")
    func readersBesideWriter() async throws {
        let gallery = try TestGallery()
        let store = try gallery.open(mapSize: 64 << 10)
        let done = Flag()
        let batch = 100
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let mine = try gallery.open(readOnly: true)
                    var looks = 0
                    var last = 0
                    while !done.isRaised || looks == 0 {
                        try mine.read { (reader) throws(StoreError) in
                            let count = try reader.referenceCount
                            #expect(count % batch == 0 && count >= last)
                            last = count
                            #expect(try reader.position.highestReference == Int64(count))
                            var walked = 0
                            try unsafe reader.forEachVector(after: 0) { (id, floats) throws(StoreError) in
                                walked += 1
                                if id % 97 == 0 {
                                    unsafe #expect([Float](floats) == vector(Int(id)))
                                    // Nested: goes through even while a writer waits to move the map.
                                    let inner = try mine.read { (reader) throws(StoreError) in reader.revision }
                                    #expect(inner > 0)
                                }
                            }
                            #expect(walked == count)
                        }
                        looks += 1
                        await Task.yield()
                    }
                    return looks
                }
            }
            group.addTask {
                defer { done.raise() }
                for start in 0..<40 {
                    try store.write { (writer) throws(StoreError) in
                        try writer.add((1...batch).map { newReference("s\($0)", start * batch + $0) })
                    }
                    await Task.yield()
                }
                return 1
            }
            for try await looks in group { #expect(looks > 0) }
        }
        #expect(try store.verify().problems == [])
    }

    @Test("writers of several stores take turns")
    func writersTakeTurns() async throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    let mine = try gallery.open()
                    for i in 0..<25 {
                        try mine.write { (writer) throws(StoreError) in
                            try writer.add(newReference("s\(task)", task * 1000 + i))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try store.read { (reader) throws(StoreError) in try reader.referenceCount } == 100)
        #expect(try store.read { (reader) throws(StoreError) in try reader.subjectCount } == 4)
        #expect(try store.verify().problems == [])
    }

    @Test("stores opened and closed at once share one environment")
    func openAndClose() async throws {
        let gallery = try TestGallery()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    for i in 0..<25 {
                        let mine = try gallery.open()
                        try mine.write { (writer) throws(StoreError) in
                            try writer.add(newReference("s", task * 1000 + i))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try gallery.open().read { (reader) throws(StoreError) in try reader.referenceCount } == 100)
    }

    @Test("a transaction kept beyond its closure answers with an error")
    func escaped() throws {
        struct Kept: StoreReading { let transaction: StoreTransaction }
        let gallery = try TestGallery()
        let store = try gallery.open()
        let kept = try store.read { (reader) throws(StoreError) in Kept(transaction: reader.transaction) }
        let error = #expect(throws: StoreError.self) { try kept.referenceCount }
        #expect(error?.kind == .usage)
        #expect(throws: StoreError.self) { try kept.reference(1) }
        #expect(throws: StoreError.self) { try unsafe kept.forEachVector(after: 0) { _, _ in } }
    }

    @Test("a store opened for reading refuses to write")
    func readOnly() throws {
        let gallery = try TestGallery()
        let store = try gallery.open(readOnly: true)
        #expect(throws: StoreError.readOnly(path: gallery.path)) {
            try store.write { (writer) throws(StoreError) in try writer.add(newReference("a", 1)) }
        }
    }
}

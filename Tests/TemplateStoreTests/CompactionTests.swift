import Foundation
import GalleryModel
import Glibc
import Testing
import TestSupport
@testable import TemplateStore

@Suite("A compaction")
struct CompactionTests {
    /// A gallery of 3,000 references of which 2,700 were removed.
    private func sparse() throws -> TestGallery {
        let gallery = try TestGallery()
        try gallery.open().write { (writer) throws(StoreError) in
            try writer.add((0..<3_000).map { newReference("s\($0 % 100)", $0) })
        }
        try gallery.open().write { (writer) throws(StoreError) in
            for subject in 0..<90 { try writer.remove(subject: "s\(subject)") }
            try writer.setFollowerToken(FollowerToken(bytes: Array(0..<16)))
        }
        return gallery
    }

    private func contents(_ gallery: TestGallery) throws -> [String] {
        try gallery.open().read { (reader) throws(StoreError) in
            var lines = ["\(try reader.position) \(try reader.followerToken?.text ?? "")"]
            try unsafe reader.forEachVector(after: 0) { id, vector throws(StoreError) in
                let reference = try reader.reference(id)
                lines.append(unsafe "\(String(describing: reference)) \(Array(vector))")
            }
            return lines
        }
    }

    @Test("gives the space of what was removed back, and changes nothing else")
    func shrinks() throws {
        let gallery = try sparse()
        let before = try contents(gallery)
        let report = try TemplateStore.compact(at: gallery.path)
        #expect(report.bytesAfter < report.bytesBefore / 3)
        #expect(try report.bytesAfter == gallery.open().bytesOnDisk)
        #expect(try contents(gallery) == before)
        let store = try gallery.open()
        #expect(try store.verify().problems == [])
        // Ids go on where they were.
        #expect(
            try store.write { (writer) throws(StoreError) in try writer.add(newReference("n", 1)) } == 3_001)
        let mode = try FileManager.default.attributesOfItem(atPath: gallery.path + "/data.mdb")
        #expect(mode[.posixPermissions] as? Int == 0o600)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: gallery.path).sorted() == [
                "data.mdb", "last-writer", "lock.mdb",
            ])
    }

    @Test("can be repeated, also of an empty gallery")
    func repeated() throws {
        let gallery = try TestGallery()
        _ = try TemplateStore.compact(at: gallery.path)
        let report = try TemplateStore.compact(at: gallery.path)
        #expect(report.bytesAfter == report.bytesBefore)
        #expect(try gallery.open().verify().problems == [])
        #expect(throws: StoreError.notAGallery(path: gallery.folder.file("none"))) {
            try TemplateStore.compact(at: gallery.folder.file("none"))
        }
    }

    @Test("is refused while this process or another has the gallery open")
    func inUse() async throws {
        let gallery = try sparse()
        let path = gallery.path
        let before = try contents(gallery)
        do {
            let store = try gallery.open(readOnly: true)
            let error = #expect(throws: StoreError.self) { try TemplateStore.compact(at: path) }
            #expect(error?.kind == .busy)
            await #expect(processExitsWith: .success) { [path = path as String] in
                let error = #expect(throws: StoreError.self) { try TemplateStore.compact(at: path) }
                #expect(error?.kind == .busy)
            }
            #expect(try store.read { (reader) throws(StoreError) in try reader.referenceCount } == 300)
        }
        #expect(try contents(gallery) == before)
        _ = try TemplateStore.compact(at: path)
    }

    @Test("lets who opens the gallery meanwhile wait, and find everything")
    func whileOthersOpen() async throws {
        let gallery = try sparse()
        let path = gallery.path
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    await #expect(processExitsWith: .success) { [path = path as String] in
                        var opened = 0
                        for round in 0..<200 {
                            let store = try TemplateStore(at: path, readOnly: round % 2 == 0)
                            let count = try store.read { (reader) throws(StoreError) in
                                try reader.referenceCount
                            }
                            #expect(count >= 300)
                            if round % 10 == 9 {
                                try store.write { (writer) throws(StoreError) in
                                    try writer.add(newReference("new", round))
                                }
                            }
                            opened += 1
                        }
                        #expect(opened == 200)
                    }
                }
            }
            group.addTask {
                var done = 0
                for _ in 0..<2_000 where done < 20 {
                    do throws(StoreError) {
                        _ = try TemplateStore.compact(at: path)
                        done += 1
                    } catch {
                        #expect(error.kind == .busy, "\(error)")
                    }
                    usleep(2_000)
                }
                #expect(done > 0)
            }
        }
        let store = try gallery.open()
        #expect(try store.verify().problems == [])
        #expect(try store.read { (reader) throws(StoreError) in try reader.referenceCount } == 300 + 4 * 20)
    }

    @Test("that is killed at any moment leaves the old file or the new, each whole")
    func killed() async throws {
        let gallery = try sparse()
        let path = gallery.path
        let before = try contents(gallery)
        for moment in 0..<24 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, moment = moment as Int] in
                Thread.detachNewThread {
                    usleep(UInt32(moment * 400))
                    kill(getpid(), SIGKILL)
                }
                while true { _ = try TemplateStore.compact(at: path) }
            }
            #expect(try contents(gallery) == before)
            #expect(try gallery.open().verify().problems == [])
        }
        _ = try TemplateStore.compact(at: path)
        // What the killed ones left went with the last.
        let left = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        #expect(left == ["data.mdb", "last-writer", "lock.mdb"])
    }

    @Test("is noticed by a reader without permission to lock")
    func unlockedReader() async throws {
        let gallery = try sparse()
        let path = gallery.path
        unsafe chmod(gallery.folder.path, 0o755)
        unsafe chmod(path, 0o755)
        unsafe chmod(path + "/data.mdb", 0o444)
        unsafe chmod(path + "/lock.mdb", 0o000)
        let turn = gallery.folder.file("turn")
        unsafe chmod(gallery.folder.path, 0o777)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(processExitsWith: .success) { [path = path as String, turn = turn as String] in
                    if geteuid() == 0 { #expect(setuid(65534) == 0) }
                    let store = try TemplateStore(at: path, readOnly: true)
                    #expect(store.environment.isUnlocked)
                    _ = FileManager.default.createFile(atPath: turn, contents: nil)
                    while FileManager.default.fileExists(atPath: turn) { usleep(1_000) }
                    let error = #expect(throws: StoreError.self) {
                        try store.read { (reader) throws(StoreError) in try reader.referenceCount }
                    }
                    #expect(error?.kind == .busy)
                }
            }
            group.addTask {
                for _ in 0..<10_000 where !FileManager.default.fileExists(atPath: turn) { usleep(1_000) }
                #expect(throws: Never.self) { try TemplateStore.compact(at: path) }
                try? FileManager.default.removeItem(atPath: turn)
            }
        }
    }
}

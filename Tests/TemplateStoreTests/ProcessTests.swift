import Foundation
import GalleryModel
import Glibc
import Testing
import TestSupport
@testable import TemplateStore

/// Exit tests: their closures run in a child process, with nothing but what they capture.
@Suite("processes that come and go")
struct ProcessTests {
    private func count(_ store: TemplateStore) throws -> Int {
        try store.read { (reader) throws(StoreError) in try reader.referenceCount }
    }

    @Test("what another process commits, the next read finds, though the map had to grow")
    func otherProcess() async throws {
        let gallery = try TestGallery()
        let store = try gallery.open(mapSize: 64 << 10)
        let path = gallery.path
        #expect(try count(store) == 0)
        await #expect(processExitsWith: .success) { [path = path as String] in
            let store = try TemplateStore(at: path)
            try store.write { (writer) throws(StoreError) in
                try writer.add((0..<5_000).map { newReference("s\($0 % 100)", $0) })
            }
        }
        #expect(try count(store) == 5_000)
        let id = try store.write { (writer) throws(StoreError) in try writer.add(newReference("new", 1)) }
        #expect(id == 5_001)
        #expect(try store.verify().problems == [])
    }

    @Test("kill -9 in the middle of a transaction leaves what was acknowledged and nothing of the rest")
    func killedWriter() async throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        let path = gallery.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try TemplateStore(at: path)
            try store.write { (writer) throws(StoreError) in
                try writer.add((0..<100).map { newReference("s\($0 % 10)", $0) })
            }
            try store.write { (writer) throws(StoreError) in
                try writer.add((0..<3_000).map { newReference("t\($0 % 10)", $0) })
                try writer.remove(subject: "s1")
                kill(getpid(), SIGKILL)
            }
        }
        #expect(try count(store) == 100)
        // The dead writer held the lock: the next one gets it all the same.
        let id = try store.write { (writer) throws(StoreError) in try writer.add(newReference("new", 1)) }
        #expect(id == 101)
        #expect(try store.verify().problems == [])
    }

    @Test("a reader killed in its snapshot does not keep pages from being reused")
    func killedReader() async throws {
        let gallery = try TestGallery()
        let path = gallery.path
        try gallery.open().write { (writer) throws(StoreError) in
            try writer.add((0..<200).map { newReference("s", $0) })
        }
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try TemplateStore(at: path)
            try store.read { (reader) throws(StoreError) in
                _ = try reader.referenceCount
                kill(getpid(), SIGKILL)
            }
        }
        let store = try gallery.open()
        var sizes: [Int] = []
        for round in 0..<60 {
            try store.write { (writer) throws(StoreError) in
                try writer.remove(subject: "s")
                try writer.add((0..<200).map { newReference("s", round * 1000 + $0) })
            }
            if round % 20 == 19 { sizes.append(try store.bytesOnDisk) }
        }
        // The log of removals grows by 200 entries a round; whole copies of the rest would be megabytes.
        #expect(sizes[2] - sizes[1] < 400_000)
        #expect(try store.verify().problems == [])
    }

    @Test("a full disk is an error that leaves nothing half-written")
    func fullDisk() async throws {
        let gallery = try TestGallery()
        let path = gallery.path
        try gallery.open().write { (writer) throws(StoreError) in try writer.add(newReference("a", 1)) }
        await #expect(processExitsWith: .success) { [path = path as String] in
            // A limit on the file's size stops its growth as a full disk does.
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 512 << 10, rlim_max: 1 << 30)
            #expect(unsafe setrlimit(__rlimit_resource_t(1), &limit) == 0)
            let store = try TemplateStore(at: path)
            let error = #expect(throws: StoreError.self) {
                try store.write { (writer) throws(StoreError) in
                    try writer.add((0..<20_000).map { newReference("s\($0)", $0) })
                }
            }
            #expect(error == .noSpace(path: path))
            #expect(try store.read { (reader) throws(StoreError) in try reader.referenceCount } == 1)
            try store.write { (writer) throws(StoreError) in try writer.add(newReference("b", 2)) }
            limit.rlim_cur = 1 << 30
            #expect(unsafe setrlimit(__rlimit_resource_t(1), &limit) == 0)
            try store.write { (writer) throws(StoreError) in
                try writer.add((0..<20_000).map { newReference("s\($0)", $0) })
            }
        }
        let store = try gallery.open()
        #expect(try count(store) == 20_002)
        #expect(try store.verify().problems == [])
    }

    @Test("a gallery one may only read is read without its lock file")
    func withoutPermission() async throws {
        let gallery = try TestGallery()
        let path = gallery.path
        let store = try gallery.open()
        try store.write { (writer) throws(StoreError) in
            try writer.add((0..<100).map { newReference("s", $0) })
        }
        unsafe chmod(gallery.folder.path, 0o755)
        unsafe chmod(path, 0o555)
        unsafe chmod(path + "/data.mdb", 0o444)
        unsafe chmod(path + "/lock.mdb", 0o000)
        await #expect(processExitsWith: .success) { [path = path as String] in
            if geteuid() == 0 { #expect(setuid(65534) == 0) }
            let error = #expect(throws: StoreError.self) { try TemplateStore(at: path) }
            #expect(error?.kind == .cannotWrite)
            let store = try TemplateStore(at: path, readOnly: true)
            #expect(store.environment.isUnlocked)
            #expect(try store.read { (reader) throws(StoreError) in try reader.referenceCount } == 100)
            #expect(try store.verify().problems == [])
        }
        unsafe chmod(path, 0o700)
        unsafe chmod(path + "/data.mdb", 0o600)
        unsafe chmod(path + "/lock.mdb", 0o600)
    }

    @Test(
        "who reads without the lock file is told when pages may have been used again, and not before",
        arguments: [0, 1, 2])
    func overtaken(commits: Int) async throws {
        let gallery = try TestGallery()
        let path = gallery.path
        let store = try gallery.open()
        try store.write { (writer) throws(StoreError) in try writer.add(newReference("s", 1)) }
        unsafe chmod(gallery.folder.path, 0o777)
        unsafe chmod(path, 0o755)
        unsafe chmod(path + "/data.mdb", 0o444)
        unsafe chmod(path + "/lock.mdb", 0o000)
        let turn = gallery.folder.file("turn")
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(processExitsWith: .success) {
                    [path = path as String, turn = turn as String, commits = commits as Int] in
                    if geteuid() == 0 { #expect(setuid(65534) == 0) }
                    let store = try TemplateStore(at: path, readOnly: true)
                    #expect(store.environment.isUnlocked)
                    let outcome = Result {
                        try store.read { (reader) throws(StoreError) in
                            _ = FileManager.default.createFile(atPath: turn, contents: nil)
                            while FileManager.default.fileExists(atPath: turn) { usleep(1_000) }
                            return try reader.referenceCount
                        }
                    }
                    if commits < 2 {
                        #expect(try outcome.get() == 1)
                    } else {
                        let error = #expect(throws: StoreError.self) { try outcome.get() }
                        #expect(error?.kind == .busy)
                    }
                }
            }
            group.addTask {
                for _ in 0..<10_000 where !FileManager.default.fileExists(atPath: turn) { usleep(1_000) }
                for number in 0..<commits {
                    #expect(throws: Never.self) {
                        try store.write { (writer) throws(StoreError) in
                            try writer.add(newReference("t", number))
                        }
                    }
                }
                try? FileManager.default.removeItem(atPath: turn)
            }
        }
    }

    @Test("under a limit on address space the map starts smaller", .enabled(if: !isSanitized))
    func addressSpace() async throws {
        let gallery = try TestGallery()
        let path = gallery.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            var limit = rlimit(rlim_cur: 8 << 30, rlim_max: 8 << 30)
            #expect(unsafe setrlimit(__rlimit_resource_t(9), &limit) == 0)
            let store = try TemplateStore(at: path)
            try store.write { (writer) throws(StoreError) in
                try writer.add((0..<1_000).map { newReference("s", $0) })
            }
        }
        #expect(try count(gallery.open()) == 1_000)
    }
}

import CLMDB
import Files
import Foundation
import GalleryModel
import Glibc
import Testing
import TestSupport
@testable import TemplateStore

@Suite("The note of the last writer")
struct LastWriterTests {
    private func isVouchedFor(_ path: String) throws -> Bool {
        try WriterNote(in: OpenFolder(path))?.vouches(for: DataFile(inDirectory: path)) ?? false
    }

    private func filled() throws -> TestGallery {
        let gallery = try TestGallery()
        try gallery.open().write { (writer) throws(StoreError) in
            try writer.add((0..<50).map { newReference("s\($0)", $0) })
        }
        return gallery
    }

    private func touch(_ path: String, _ place: Int, _ change: UInt8) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path + "/data.mdb"))
        try handle.seek(toOffset: UInt64(place))
        let byte = try handle.read(upToCount: 1)?.first ?? 0
        try handle.seek(toOffset: UInt64(place))
        try handle.write(contentsOf: [byte ^ change])
        try handle.close()
    }

    @Test("vouches for what this user wrote here, open and closed, by whichever process")
    func ownWork() async throws {
        let gallery = try filled()
        let path = gallery.path
        #expect(try isVouchedFor(path))
        do {
            let store = try gallery.open()
            try store.write { (writer) throws(StoreError) in try writer.add(newReference("t", 1)) }
            #expect(try isVouchedFor(path))
            #expect(try WriterNote(in: OpenFolder(path))?.note?.seal == nil)
            await #expect(processExitsWith: .success) { [path = path as String] in
                _ = try TemplateStore(at: path).write { (writer) throws(StoreError) in
                    try writer.add(newReference("u", 2))
                }
            }
            #expect(try isVouchedFor(path))
            try store.write { (writer) throws(StoreError) in try writer.add(newReference("v", 3)) }
            #expect(try isVouchedFor(path))
        }
        #expect(try WriterNote(in: OpenFolder(path))?.note?.seal != nil)
        #expect(try isVouchedFor(path))
        // A transaction that writes nothing, and one that is undone, change nothing of that.
        do {
            let store = try gallery.open()
            try store.write { (_) throws(StoreError) in }
            #expect(throws: StoreError.cancelled) {
                try store.write { (writer) throws(StoreError) in
                    try writer.add(newReference("w", 4))
                    throw StoreError.cancelled
                }
            }
            #expect(try isVouchedFor(path))
        }
        #expect(try isVouchedFor(path))
        _ = try TemplateStore.compact(at: path)
        #expect(try isVouchedFor(path))
    }

    @Test("vouches for what a writer left that was killed at any moment")
    func killed() async throws {
        let gallery = try filled()
        let path = gallery.path
        for moment in 0..<8 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, moment = moment as Int] in
                let store = try TemplateStore(at: path)
                Thread.detachNewThread {
                    usleep(UInt32(1_000 + moment * 1_700))
                    kill(getpid(), SIGKILL)
                }
                for number in 0... {
                    try store.write { (writer) throws(StoreError) in
                        try writer.add(newReference("k\(moment)-\(number)", number))
                    }
                }
            }
            #expect(try isVouchedFor(path))
        }
    }

    @Test("does not vouch for a copy, a file in the place of the old one, or a change from outside")
    func fromElsewhere() throws {
        let gallery = try filled()
        let copy = gallery.folder.file("copy")
        try FileManager.default.copyItem(atPath: gallery.path, toPath: copy)
        #expect(try !isVouchedFor(copy))
        _ = try TemplateStore(at: copy, readOnly: true)
        #expect(try isVouchedFor(copy))

        // In place, with nothing but the time of the change to show it; back again it is still another time.
        for _ in 0..<2 { try touch(gallery.path, 3 * 4096 + 20, 1) }
        #expect(try !isVouchedFor(gallery.path))
        _ = try gallery.open(readOnly: true)
        #expect(try isVouchedFor(gallery.path))

        // Another file's bytes under the same number of the file.
        let other = try filled()
        try other.open().write { (writer) throws(StoreError) in try writer.add(newReference("x", 1)) }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: other.path + "/data.mdb"))
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: gallery.path + "/data.mdb"))
        try handle.write(contentsOf: bytes)
        try handle.truncate(atOffset: UInt64(bytes.count))
        try handle.close()
        #expect(try !isVouchedFor(gallery.path))
    }

    /// Commits, as another program, a record that no gallery holds.
    static func commitBeside(_ path: String) throws {
        var raw: OpaquePointer?
        unsafe mdb_env_create(&raw)
        let environment = try unsafe #require(raw)
        #expect(unsafe mdb_env_set_maxdbs(environment, 8) == 0)
        #expect(unsafe mdb_env_open(environment, path, 0, 0o600) == 0)
        var transaction: OpaquePointer?
        #expect(unsafe mdb_txn_begin(environment, nil, 0, &transaction) == 0)
        var database: MDB_dbi = 0
        #expect(unsafe mdb_dbi_open(transaction, "names", 0, &database) == 0)
        var name = Array("no number".utf8)
        let status = unsafe name.withUnsafeMutableBytes { bytes in
            var key = unsafe MDB_val(mv_size: bytes.count, mv_data: bytes.baseAddress)
            var value = unsafe MDB_val(mv_size: 3, mv_data: bytes.baseAddress)
            return unsafe mdb_put(transaction, database, &key, &value, 0)
        }
        #expect(status == 0)
        #expect(unsafe mdb_txn_commit(transaction) == 0)
        unsafe mdb_env_close(environment)
    }

    @Test("does not vouch for commits of another program, which are looked at before the next use")
    func foreignCommit() throws {
        let gallery = try filled()
        try Self.commitBeside(gallery.path)
        #expect(try !isVouchedFor(gallery.path))
        #expect(throws: StoreError.self) { try gallery.open() }
        #expect(try !isVouchedFor(gallery.path))
    }

    @Test(
        "does not vouch for what a writer of ours commits on top of another program's work, also not once it is closed",
        arguments: [false, true])
    func foreignCommitBetween(hasCommitted: Bool) async throws {
        let gallery = try filled()
        let path = gallery.path
        do {
            let store = try gallery.open()
            if hasCommitted {
                try store.write { (writer) throws(StoreError) in try writer.add(newReference("t", 1)) }
            }
            await #expect(processExitsWith: .success) { [path = path as String] in
                try LastWriterTests.commitBeside(path)
            }
            try store.write { (writer) throws(StoreError) in try writer.add(newReference("u", 2)) }
            #expect(try !isVouchedFor(path))
        }
        #expect(try !isVouchedFor(path))
        #expect(throws: StoreError.self) { try gallery.open() }
    }

    @Test("is believed only with the machine's own key, of this user, and whole")
    func key() throws {
        let (machine, other) = (SipHash(key: (1, 2)), SipHash(key: (1, 3)))
        let seal = LastWriter.Seal(seconds: -5, nanoseconds: 999, size: 1 << 40)
        let note = LastWriter(inode: 7, user: 1000, commit: 12, seal: seal)
        let bytes = note.encoded(machine: machine)
        #expect(bytes.count == LastWriter.size)
        #expect(LastWriter(bytes, machine: machine) == note)
        #expect(LastWriter(bytes, machine: other) == nil)
        #expect(LastWriter(bytes + [0], machine: machine) == nil)
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 0x10
            #expect(LastWriter(changed, machine: machine) == nil)
        }
        let standing = DataFile.Standing(inode: 7, seal: seal)
        let own = LastWriter(inode: 7, user: geteuid(), commit: 12, seal: seal)
        #expect(own.vouches(for: standing, at: 12))
        #expect(!own.vouches(for: standing, at: 11) && !own.vouches(for: standing, at: 13))
        #expect(!own.vouches(for: DataFile.Standing(inode: 8, seal: seal), at: 12))
        let stranger = LastWriter(inode: 7, user: geteuid() &+ 77, commit: 12, seal: seal)
        #expect(!stranger.vouches(for: standing, at: 12))
        let open = LastWriter(inode: 7, user: geteuid(), commit: 12)
        #expect(open.vouches(for: standing, at: 12) && open.vouches(for: standing, at: 11))
        #expect(!open.vouches(for: standing, at: 10) && !open.vouches(for: standing, at: 13))
    }

    @Test("is sealed by the checksum of Aumasson and Bernstein")
    func checksum() {
        let key = SipHash(key: (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908))
        #expect(key.checksum([]) == 0x726F_DB47_DD0E_0E31)
        #expect(key.checksum(Array(0..<15)) == 0xA129_CA61_49BE_45E5)
    }

    @Test("is neither made through a link nor written through one")
    func links() throws {
        let gallery = try filled()
        let note = gallery.path + "/" + LastWriter.fileName
        let victim = try gallery.folder.write(Array("keep".utf8), to: "victim")
        for target in [victim, gallery.folder.file("absent")] {
            try FileManager.default.removeItem(atPath: note)
            try FileManager.default.createSymbolicLink(atPath: note, withDestinationPath: target)
            try gallery.open().write { (writer) throws(StoreError) in try writer.add(newReference("l", 1)) }
            #expect(try !isVouchedFor(gallery.path))
        }
        #expect(try String(contentsOfFile: victim, encoding: .utf8) == "keep")
        #expect(!FileManager.default.fileExists(atPath: gallery.folder.file("absent")))
    }
}

import Files
import Foundation
import GalleryModel
import Glibc
import Testing
import TestSupport
@testable import TemplateStore

@Suite("The files of a gallery")
struct PlaceTests {
    private func filled() throws -> TestGallery {
        let gallery = try TestGallery()
        try gallery.open().write { (writer) throws(StoreError) in _ = try writer.add(newReference("a", 1)) }
        return gallery
    }

    private func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

    /// Tries all ways of opening; each must be refused as not safe, by the name of the file.
    private func expectUnsafe(_ gallery: TestGallery, _ name: String, _ comment: Comment) throws {
        for readOnly in [false, true] {
            let error = #expect(throws: StoreError.self, comment) { try gallery.open(readOnly: readOnly) }
            guard case .unsafe(gallery.path, let reason) = error else {
                Issue.record("\(error as Any)")
                continue
            }
            #expect(reason.contains(name))
            #expect(error?.kind == .badData)
        }
        #expect(throws: StoreError.self, comment) { try TemplateStore.compact(at: gallery.path) }
    }

    @Test(
        "are no links: what a link in their place leads to is neither opened nor changed",
        arguments: [
            "lock.mdb", "data.mdb",
        ])
    func links(name: String) throws {
        let gallery = try filled()
        let victim = try gallery.folder.write(Array("a diary".utf8), to: "victim")
        try remove("\(gallery.path)/\(name)")
        for target in [victim, gallery.folder.file("not-there")] {
            #expect(unsafe symlink(target, "\(gallery.path)/\(name)") == 0)
            try expectUnsafe(gallery, name, "\(target)")
            try remove("\(gallery.path)/\(name)")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: victim)) == Data("a diary".utf8))
        #expect(!FileManager.default.fileExists(atPath: gallery.folder.file("not-there")))
    }

    @Test(
        "are no pipes and no folders, which are refused at once", .timeLimit(.minutes(1)),
        arguments: [
            "lock.mdb", "data.mdb",
        ])
    func kinds(name: String) throws {
        let gallery = try filled()
        let path = "\(gallery.path)/\(name)"
        try remove(path)
        #expect(unsafe mkfifo(path, 0o600) == 0)
        try expectUnsafe(gallery, name, "a pipe")
        try remove(path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try expectUnsafe(gallery, name, "a folder")
    }

    @Test("a file of another kind under the name of the lock is not written over")
    func foreignLock() throws {
        let gallery = try filled()
        let victim = try gallery.folder.write(Array("a diary of many words".utf8), to: "victim")
        try remove(gallery.path + "/lock.mdb")
        // As somebody else may lay it where links to foreign files are allowed.
        #expect(unsafe link(victim, gallery.path + "/lock.mdb") == 0)
        try expectUnsafe(gallery, "lock.mdb", "a diary")
        #expect(try Data(contentsOf: URL(fileURLWithPath: victim)) == Data("a diary of many words".utf8))
        // After a power failure a lock file may be empty or hold zeros: LMDB writes it anew.
        for bytes in [[], [UInt8](repeating: 0, count: 8192)] {
            try remove(gallery.path + "/lock.mdb")
            try Data(bytes).write(to: URL(fileURLWithPath: gallery.path + "/lock.mdb"))
            #expect(try gallery.open().read { (reader) throws(StoreError) in try reader.referenceCount } == 1)
        }
    }

    @Test(
        "another gallery is not emptied through links that have the names of earlier versions' scratch folders")
    func earlierNames() throws {
        let (gallery, victim) = (try filled(), try filled())
        for name in [".creating", ".compacting"] {
            #expect(unsafe symlink(victim.path, "\(gallery.path)/\(name)") == 0)
        }
        _ = try TemplateStore.compact(at: gallery.path)
        #expect(try OpenFolder(victim.path).names().sorted() == ["data.mdb", "last-writer", "lock.mdb"])
        let empty = try TemporaryFolder()
        #expect(unsafe symlink(victim.path, empty.file(".creating")) == 0)
        _ = try TemplateStore.create(at: empty.path, settings: testSettings)
        #expect(try victim.open().read { (reader) throws(StoreError) in try reader.referenceCount } == 1)
        // A folder of such a name that holds something else is not of such a version.
        let other = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: other.file(".compacting"), withIntermediateDirectories: false)
        try other.write([1], to: ".compacting/thesis")
        _ = try TemplateStore.create(at: other.path, settings: testSettings)
        _ = try TemplateStore.compact(at: other.path)
        #expect(FileManager.default.fileExists(atPath: other.file(".compacting/thesis")))
    }

    @Test(
        "of another user are read without their lock, and not written",
        .enabled(if: geteuid() == 0, "needs root to give folders away"))
    func foreignOwner() throws {
        let gallery = try filled()
        try remove(gallery.path + "/lock.mdb")
        #expect(unsafe chown(gallery.path, 4711, 4711) == 0)
        let expected = StoreError.foreignOwner(path: gallery.path, owner: "4711")
        #expect(throws: expected) { try gallery.open() }
        #expect(throws: expected) { try TemplateStore.compact(at: gallery.path) }
        #expect(expected.kind == .cannotWrite && expected.description.contains("FACEGALLERY_TRUST_OWNER=4711"))
        #expect(
            try gallery.open(readOnly: true).read { (reader) throws(StoreError) in try reader.referenceCount }
                == 1)
        #expect(
            try OpenFolder(gallery.path).names().sorted() == ["data.mdb", "last-writer"],
            "reading made no lock file")
        // A link in the place of the lock is of no interest to who does not lock.
        let victim = try gallery.folder.write([1], to: "victim")
        #expect(unsafe symlink(victim, gallery.path + "/lock.mdb") == 0)
        #expect(try gallery.open(readOnly: true).verify().isSound)
        #expect(try Data(contentsOf: URL(fileURLWithPath: victim)) == Data([1]))
        let empty = try TemporaryFolder()
        #expect(unsafe chown(empty.path, 4711, 4711) == 0)
        #expect(throws: StoreError.foreignOwner(path: empty.path, owner: "4711")) {
            try TemplateStore.create(at: empty.path, settings: testSettings)
        }
    }

    @Test("a write into a gallery that was removed or replaced meanwhile is no success")
    func gone() throws {
        let changes: [(String, (TestGallery) throws -> Void)] = [
            ("data.mdb was removed", { try self.remove($0.path) }),
            ("data.mdb was removed", { try self.remove($0.path + "/data.mdb") }),
            ("lock.mdb was removed", { try self.remove($0.path + "/lock.mdb") }),
            (
                "data.mdb was replaced",
                { gallery in
                    let data = try Data(contentsOf: URL(fileURLWithPath: gallery.path + "/data.mdb"))
                    try self.remove(gallery.path + "/data.mdb")
                    try data.write(to: URL(fileURLWithPath: gallery.path + "/data.mdb"))
                }
            ),
        ]
        for (reason, change) in changes {
            // Before the transaction, and within it.
            for isWithin in [false, true] {
                let gallery = try filled()
                let store = try gallery.open()
                if !isWithin { try change(gallery) }
                let error = #expect(throws: StoreError.self) {
                    try store.withWriter { writer in
                        _ = try writer.add(newReference("b", 2))
                        if isWithin { try change(gallery) }
                    }
                }
                guard case .gone(gallery.path, let found) = error else {
                    Issue.record("\(reason): \(error as Any)")
                    continue
                }
                #expect(found.contains(reason) && error?.kind == .io)
            }
        }
    }

    @Test("a gallery that was moved as a whole is written on")
    func moved() throws {
        let gallery = try filled()
        let store = try gallery.open()
        let path = gallery.folder.file("moved")
        try FileManager.default.moveItem(atPath: gallery.path, toPath: path)
        try store.write { (writer) throws(StoreError) in _ = try writer.add(newReference("b", 2)) }
        #expect(try store.verify().isSound)
        #expect(try store.bytesOnDisk > 0)
        #expect(
            try TemplateStore(at: path).read { (reader) throws(StoreError) in try reader.referenceCount } == 2)
    }
}

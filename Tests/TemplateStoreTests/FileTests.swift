import Files
import Foundation
import GalleryModel
import Glibc
import Testing
import TestSupport
@testable import TemplateStore

@Suite("files on the disk")
struct FileTests {
    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// A gallery of 300 references, closed.
    private func filled() throws -> TestGallery {
        let gallery = try TestGallery()
        try gallery.open().write { (writer) throws(StoreError) in
            try writer.add(
                (0..<300).map {
                    newReference("s\($0 % 50)", $0, digest: [UInt8](repeating: UInt8($0 % 256), count: 32))
                })
        }
        return gallery
    }

    @Test("only its owner can read a new gallery")
    func modes() throws {
        let gallery = try TestGallery()
        _ = try gallery.open()
        #expect(try mode(gallery.path) == 0o700)
        #expect(try mode(gallery.path + "/data.mdb") == 0o600)
        #expect(try mode(gallery.path + "/lock.mdb") == 0o600)
        #expect(try mode(gallery.path + "/last-writer") == 0o600)
        #expect(try OpenFolder(gallery.path).names().sorted() == ["data.mdb", "last-writer", "lock.mdb"])
    }

    @Test("a gallery is created once, and never over something else")
    func refusesToOverwrite() throws {
        let gallery = try TestGallery()
        #expect(throws: StoreError.alreadyExists(path: gallery.path)) {
            try TemplateStore.create(at: gallery.path, settings: testSettings)
        }
        let folder = try TemporaryFolder()
        try folder.write([1], to: "photo.jpg")
        #expect(throws: StoreError.alreadyExists(path: folder.path)) {
            try TemplateStore.create(at: folder.path, settings: testSettings)
        }
        #expect(throws: StoreError.alreadyExists(path: folder.file("photo.jpg"))) {
            try TemplateStore.create(at: folder.file("photo.jpg"), settings: testSettings)
        }
        for path in [folder.file("no/gallery"), folder.file("photo.jpg/gallery")] {
            let error = #expect(throws: StoreError.noParent(path: path)) {
                try TemplateStore.create(at: path, settings: testSettings)
            }
            #expect(error?.kind == .cannotWrite)
        }
        #expect(try OpenFolder(folder.path).names() == ["photo.jpg"])
    }

    @Test("an empty directory, and one where a creation was cut off, can become a gallery")
    func emptyDirectory() throws {
        let folder = try TemporaryFolder()
        let aside = folder.file(".creating")
        try FileManager.default.createDirectory(atPath: aside, withIntermediateDirectories: false)
        try write([1, 2, 3], aside + "/data.mdb")
        #expect(throws: StoreError.notAGallery(path: folder.path)) { try TemplateStore(at: folder.path) }
        _ = try TemplateStore.create(at: folder.path, settings: testSettings)
        #expect(try TemplateStore(at: folder.path).settings == testSettings)
        #expect(try OpenFolder(folder.path).names().sorted() == ["data.mdb", "last-writer", "lock.mdb"])
    }

    @Test("of two creations at once one wins, and both agree which")
    func createTwice() async throws {
        let folder = try TemporaryFolder()
        let made = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    (try? TemplateStore.create(at: folder.file("g"), settings: testSettings)) != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(made == 1)
        #expect(try TemplateStore(at: folder.file("g")).verify().problems == [])
    }

    @Test("what is no gallery is refused by name")
    func notAGallery() throws {
        let folder = try TemporaryFolder()
        for path in [folder.path, folder.file("missing"), try folder.write([1], to: "file")] {
            #expect(throws: StoreError.notAGallery(path: path)) { try TemplateStore(at: path) }
        }
        // Another program's LMDB environment.
        let other = try TemporaryFolder()
        try makeForeignEnvironment(other.path)
        #expect(throws: StoreError.notAGallery(path: other.path)) { try TemplateStore(at: other.path) }
        #expect(try !OpenFolder(other.path).names().contains(LastWriter.fileName))
    }

    @Test("an empty, a foreign and a cut-off data file are refused, never mapped or filled")
    func cutOff() throws {
        let gallery = try filled()
        let data = gallery.path + "/data.mdb"
        let whole = try bytes(data)
        for length in [
            0, 1, 100, 4095, 4096, 5000, 8191, 8192, 8200, 12288, whole.count / 2, whole.count - 4096,
        ] {
            try write(Array(whole[..<length]), data)
            let error = #expect(throws: StoreError.self, "\(length) of \(whole.count) bytes") {
                try gallery.open()
            }
            #expect(error?.kind == .badData)
            #expect(try FileManager.default.attributesOfItem(atPath: data)[.size] as? Int == length)
        }
        try write([UInt8](repeating: 0x55, count: whole.count), data)
        #expect(throws: StoreError.self) { try gallery.open() }
        try write(whole, data)
        #expect(try gallery.open().verify().problems == [])
    }

    @Test("a data file that lacks nothing but free pages is opened, and one that lacks a page in use is not")
    func shortButWhole() throws {
        let gallery = try filled()
        try gallery.open().write { (writer) throws(StoreError) in
            try writer.add((0..<1_000).map { newReference("gone", $0) })
        }
        try gallery.open().write { (writer) throws(StoreError) in try writer.remove(subject: "gone") }
        // What is written then goes to the lowest free pages, until the file's last ones are free.
        var (free, pageSize) = (0, 0)
        for number in 0..<40 where free == 0 {
            try gallery.open().write { (writer) throws(StoreError) in
                try writer.add(newReference("a", number))
            }
            let file = try DataFile(inDirectory: gallery.path)
            let walk = try PageWalk(file, file.meta(), .untilFault)
            pageSize = walk.pageSize
            while walk.pages.isFree(walk.pagesInFile - 1 - free) { free += 1 }
        }
        #expect(free > 0)
        let count = try gallery.open().read { (reader) throws(StoreError) in try reader.referenceCount }
        let data = gallery.path + "/data.mdb"
        let whole = try bytes(data)
        try write(Array(whole[..<(whole.count - free * pageSize)]), data)
        for readOnly in [true, false] {
            let store = try gallery.open(readOnly: readOnly)
            #expect(try store.verify().problems == [])
            #expect(try store.read { (reader) throws(StoreError) in try reader.referenceCount } == count)
        }
        try write(Array(whole[..<(whole.count - (free + 1) * pageSize)]), data)
        for readOnly in [true, false] {
            let error = #expect(throws: StoreError.self) { try gallery.open(readOnly: readOnly) }
            #expect(error?.kind == .badData)
        }
    }

    @Test("a data file that was cut off after its writer was killed is refused, though the writer's note holds")
    func cutOffAfterKill() async throws {
        let gallery = try TestGallery()
        let path = gallery.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try TemplateStore(at: path)
            try store.write { (writer) throws(StoreError) in
                try writer.add((0..<300).map { newReference("s", $0) })
            }
            kill(getpid(), SIGKILL)
        }
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path + "/data.mdb"))
        var size = try handle.seekToEnd()
        for _ in 0..<3 {
            size -= 4_096
            try handle.truncate(atOffset: size)
            let isVouchedFor = try WriterNote(in: OpenFolder(path))?.vouches(for: DataFile(inDirectory: path))
            #expect(isVouchedFor == true)
            // Read through the map, the missing page would end the process.
            let error = #expect(throws: StoreError.self) { try gallery.open() }
            #expect(error?.kind == .badData)
        }
        try handle.close()
    }

    @Test("a gallery of a later format is refused by its number")
    func laterFormat() throws {
        let gallery = try TestGallery()
        try gallery.open().write { (writer) throws(StoreError) in
            var record = StoredSettings.encode(testSettings, created: 0)
            record[8] = 3
            try writer.transaction.put(.meta, .text(Format.settingsKey), record)
        }
        #expect(throws: StoreError.unsupportedFormat(path: gallery.path, version: 3, supported: 2)) {
            try gallery.open()
        }
    }

    @Test("a flipped byte in a template is found, named, and gone with its reference")
    func flippedByte() throws {
        let gallery = try filled()
        let data = gallery.path + "/data.mdb"
        var whole = try bytes(data)
        let wanted = unsafe vector(123).withUnsafeBytes { unsafe [UInt8]($0) }
        let at = try #require(whole.indices.dropLast(64).first { Array(whole[$0..<$0 + 64]) == wanted })
        whole[at + 17] ^= 1
        try write(whole, data)
        let store = try gallery.open()
        let report = try store.verify()
        #expect(report.problems == ["the template of reference 124 fails its checksum"])
        #expect(try store.repair().problems == report.problems)
        try store.write { (writer) throws(StoreError) in try writer.remove(reference: 124) }
        #expect(try store.verify().problems == [])
    }

    @Test("no flipped byte anywhere can crash opening, verifying or repairing")
    func anyFlippedByte() throws {
        let gallery = try filled()
        let data = gallery.path + "/data.mdb"
        let whole = try bytes(data)
        var random = SystemRandomNumberGenerator()
        var refused = 0
        var found = 0
        for round in 0..<200 {
            var broken = whole
            // Every other time in a page's header or list of records, where LMDB is most trusting.
            let page = Int.random(in: 0..<whole.count / 4096, using: &random)
            let offset =
                round % 2 == 0
                ? Int.random(in: 0..<48, using: &random) : Int.random(in: 0..<4096, using: &random)
            broken[page * 4096 + offset] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random)
            try write(broken, data)
            do {
                let store = try gallery.open()
                if try !store.verify().isSound {
                    found += 1
                    _ = try store.repair()
                }
            } catch { refused += 1 }
        }
        #expect(refused + found > 20)
    }

    @Test("bytes on the disk are counted in blocks, not in the map's size")
    func bytesOnDisk() throws {
        let gallery = try filled()
        let store = try gallery.open()
        let size = try store.bytesOnDisk
        #expect(size > 50_000 && size < 2_000_000)
    }

    @Test("a copy holds what the gallery held, without its free pages, and is nobody else's to read")
    func copies() throws {
        let gallery = try filled()
        let store = try gallery.open()
        try store.write { (writer) throws(StoreError) in
            for i in 1..<50 { try writer.remove(subject: "s\(i)") }
        }
        let path = gallery.folder.file("copy")
        try store.copy(to: path)
        let copy = try TemplateStore(at: path)
        #expect(copy.settings == store.settings)
        #expect(try copy.verify().problems == [])
        #expect(try copy.bytesOnDisk < store.bytesOnDisk)
        #expect(try mode(path) == 0o700)
        #expect(try mode(path + "/data.mdb") == 0o600)
        let positions = try [store, copy].map { store throws(StoreError) in
            try store.read { (reader) throws(StoreError) in try reader.position }
        }
        #expect(positions[0] == positions[1])
        let id = try copy.write { (writer) throws(StoreError) in try writer.add(newReference("new", 1)) }
        #expect(id == 301)
        #expect(throws: StoreError.alreadyExists(path: path)) { try store.copy(to: path) }
    }
}

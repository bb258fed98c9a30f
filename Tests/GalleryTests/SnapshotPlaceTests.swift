import Files
import Foundation
import Gallery
import GalleryModel
import Glibc
import Network
import Testing
import TestSupport

@Suite("What snapshots and galleries are made beside")
struct SnapshotPlaceTests {
    let folder: TemporaryFolder
    private var generator = SeededGenerator(seed: 43)

    init() throws {
        folder = try TemporaryFolder()
        try FaceGallery.create(at: folder.file("g"), dimension: 16)
        let references = (0..<10).map {
            NewReference(subject: "s\($0 / 2)", source: "\($0)", template: generator.unitVector(16))
        }
        _ = try FaceGallery(at: folder.file("g")).enroll(references)
        _ = try FaceGallery.snapshot(at: folder.file("g"), to: folder.file("snap"))
    }

    private func tree(_ name: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.file(name)).sorted()
    }

    private func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
    }

    @Test("a folder NAME.part of somebody's stays as it is, whether the copy succeeds or is refused")
    func foreignFolder() throws {
        for name in ["b.part", "c.part/store", "c.part/index", "c.part/network", "c.part/deep", "d.part"] {
            try makeFolder(name)
        }
        for name in [
            "b.part/notes", "c.part/notes", "c.part/store/precious", "c.part/network/weights.bin",
            "c.part/deep/kept", "d.part/notes",
        ] { try folder.write([1], to: name) }
        let before = try ["b.part", "c.part", "d.part"].map(tree)
        let whole = try tree("snap")
        for name in ["b", "c"] {
            _ = try FaceGallery.snapshot(at: folder.file("g"), to: folder.file(name))
            #expect(try tree(name) == whole, "nothing foreign is in it")
        }
        _ = try FaceGallery.restore(folder.file("snap"), to: folder.file("d"))
        #expect(try tree("d") == ["data.mdb", "last-writer"])
        #expect(try ["b.part", "c.part", "d.part"].map(tree) == before)
    }

    @Test("a gallery that was put aside as NAME.part outlives a restore that is refused")
    func galleryAside() throws {
        try FileManager.default.moveItem(atPath: folder.file("g"), toPath: folder.file("g.part"))
        let before = try tree("g.part")
        let data = try Data(contentsOf: URL(fileURLWithPath: folder.file("snap/store/data.mdb")))
        var changed = data
        changed[9000] ^= 1
        try changed.write(to: URL(fileURLWithPath: folder.file("snap/store/data.mdb")))
        let error = #expect(throws: GalleryError.self) {
            try FaceGallery.restore(folder.file("snap"), to: folder.file("g"))
        }
        #expect(error?.kind == .badData)
        #expect(try tree("g.part") == before && !FileManager.default.fileExists(atPath: folder.file("g")))
        #expect(try FaceGallery(at: folder.file("g.part")).statistics().references == 10)
    }

    @Test("links in the places of earlier versions' scratch folders lead nobody astray")
    func links() throws {
        let victim = try TemporaryFolder()
        for name in ["store", "index", "network"] {
            try FileManager.default.createDirectory(
                atPath: victim.file(name), withIntermediateDirectories: true)
            try victim.write([1], to: name + "/data.mdb")
        }
        #expect(unsafe symlink(victim.path, folder.file("t.part")) == 0)
        _ = try FaceGallery.snapshot(at: folder.file("g"), to: folder.file("t"))
        try FileManager.default.removeItem(atPath: folder.file("t"))
        _ = try FaceGallery.restore(folder.file("snap"), to: folder.file("t"))
        #expect(try FileManager.default.subpathsOfDirectory(atPath: victim.path).count == 6)
    }

    @Test(
        "a folder that another user has prepared becomes no gallery",
        .enabled(if: geteuid() == 0, "needs root to give folders away"))
    func preparedFolder() throws {
        try makeFolder("t.part")
        #expect(unsafe chown(folder.file("t.part"), 4711, 4711) == 0)
        _ = try FaceGallery.restore(folder.file("snap"), to: folder.file("t"))
        for path in ["t", "t/data.mdb"] {
            #expect(try FileStatus.of(folder.file(path))?.owner == geteuid(), "\(path)")
        }
        #expect(try FileStatus.of(folder.file("t"))?.mode == 0o700)
    }

    @Test("links inside a gallery are not copied into a snapshot, and not followed")
    func linksInside() throws {
        let secret = try folder.write(Array("a secret".utf8), to: "secret")
        try makeFolder("g/network")
        #expect(unsafe symlink(secret, folder.file("g/network/card.json")) == 0)
        let error = #expect(throws: GalleryError.self) {
            try FaceGallery.snapshot(at: folder.file("g"), to: folder.file("t"))
        }
        #expect(error?.description.contains("card.json") == true, "\(error as Any)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("t")))
    }

    /// Writes the snapshot's list of files again with a change, under a right checksum.
    private func rewrite(_ old: String, _ new: String) throws {
        let url = URL(fileURLWithPath: folder.file("snap/snapshot.json"))
        let text = try String(contentsOf: url, encoding: .utf8)
        let body = try #require(text.components(separatedBy: ",\"checksum\":").first)
        let changed = body.replacingOccurrences(of: old, with: new)
        try #require(changed != body)
        let digest = SHA256.hex(of: Array(changed.utf8))
        try Data((changed + ",\"checksum\":\"\(digest)\"}\n").utf8).write(to: url)
    }

    @Test(
        "a snapshot that counts what is not in its store is refused",
        arguments: [
            ("\"references\":10", "\"references\":-5"), ("\"references\":10", "\"references\":11"),
            ("\"subjects\":5", "\"subjects\":6"), ("\"subjects\":5", "\"subjects\":-9223372036854775808"),
            ("\"dimension\":16", "\"dimension\":32"), ("\"size\":", "\"size\":9"),
            ("\"size\":", "\"size\":9223372036854775807,\"was\":"),
            ("\"version\":1", "\"version\":9223372036854775807"),
        ])
    func lies(old: String, new: String) throws {
        try rewrite(old, new)
        let error = #expect(throws: GalleryError.self) {
            try FaceGallery.restore(folder.file("snap"), to: folder.file("t"))
        }
        guard case .badSnapshot = error else { return #expect(Bool(false), "\(error as Any)") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["g", "snap"])
    }

    @Test("sizes that add up to no number are refused")
    func sizes() throws {
        let file = "{\"name\":\"index/a\",\"sha256\":\"\",\"size\":9000000000000000000},"
        try rewrite("\"files\":[", "\"files\":[" + file + file.replacingOccurrences(of: "/a", with: "/b"))
        #expect(throws: GalleryError.self) {
            try FaceGallery.restore(folder.file("snap"), to: folder.file("t"))
        }
    }

    @Test(
        "pipes and links in a snapshot are refused at once, by name", .timeLimit(.minutes(1)),
        arguments: [
            "snapshot.json", "store/data.mdb",
        ])
    func kinds(name: String) throws {
        let path = folder.file("snap/" + name)
        let whole = folder.file("whole")
        try FileManager.default.moveItem(atPath: path, toPath: whole)
        #expect(unsafe symlink(whole, path) == 0)
        for kind in ["link", "pipe"] {
            if kind == "pipe" {
                try FileManager.default.removeItem(atPath: path)
                #expect(unsafe mkfifo(path, 0o600) == 0)
            }
            let error = #expect(throws: GalleryError.self) {
                try FaceGallery.restore(folder.file("snap"), to: folder.file("t"))
            }
            guard case .badSnapshot(_, name, let reason) = error else {
                return #expect(Bool(false), "\(error as Any)")
            }
            #expect(reason.contains(kind))
        }
    }

    @Test("what a killed process left in a gallery is noted, counted, and removed by who may write")
    func leftovers() async throws {
        let path = folder.file("g")
        try FaceGallery(at: path).settle()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let gallery = try OpenFolder(path)
            let scratch = try ScratchFolder(for: "data.mdb", in: gallery)
            try ScratchFile.replace("data.mdb", in: scratch.folder, with: [1, 2, 3])
            let file = try ScratchFile(replacing: "manifest.json", in: OpenFolder("index", in: gallery))
            try file.write([1, 2, 3], at: 0)
            kill(getpid(), SIGKILL)
        }
        // As versions before left it.
        try makeFolder("g/.compacting")
        try folder.write([1, 2, 3], to: "g/.compacting/data.mdb")
        let reader = try FaceGallery(at: path, readOnly: true)
        let report = try reader.check()
        #expect(report.isSound && report.notes.count == 3, "\(report)")
        let statistics = try reader.statistics()
        #expect(statistics.leftovers == 3 && statistics.leftoverBytes > 0)
        let writer = try FaceGallery(at: path)
        #expect(try writer.statistics().leftovers == 0)
        #expect(try writer.check().notes == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasPrefix(".") } == [])
    }
}

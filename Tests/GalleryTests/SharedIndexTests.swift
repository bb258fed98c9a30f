import Foundation
import GalleryModel
import Glibc
import Testing
import TestSupport
import VectorIndex
@testable import Gallery

/// The index of a gallery that several users work on, or that somebody has put other things into.
@Suite("A shared index") struct SharedIndexTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("faces")
        try FaceGallery.create(at: path, dimension: 16)
    }

    private func enrolOne(_ axis: Int) throws {
        let gallery = try FaceGallery(at: path)
        var template = [Float](repeating: 0, count: 16)
        template[axis] = 1
        _ = try gallery.enroll([NewReference(subject: "s\(axis)", source: "test", template: template)])
        try gallery.settle()
    }

    private func facts(_ name: String) -> stat {
        var facts = stat()
        let status = unsafe stat(path + "/" + name, &facts)
        #expect(status == 0, "\(name)")
        return facts
    }

    private func mode(_ name: String) -> UInt32 { facts(name).st_mode & 0o777 }

    private func setMode(_ mode: UInt32, of path: String) {
        let status = unsafe chmod(path, mode)
        #expect(status == 0, "\(path)")
    }

    @Test("lets in whom its folder lets in, also after it was saved anew")
    func access() throws {
        setMode(0o750, of: path)
        try enrolOne(1)
        #expect(mode("index") == 0o750)
        for name in try FileManager.default.contentsOfDirectory(atPath: path + "/index")
        where name != "training" {
            #expect(mode("index/\(name)") == 0o640, "\(name)")
        }
        // Who is shut out later is shut out of what comes later.
        setMode(0o700, of: path + "/index")
        try enrolOne(2)
        #expect(mode("index") == 0o700)
        #expect(mode("index/manifest.json") == 0o600)
    }

    @Test("keeps the group of its folder", .enabled(if: geteuid() == 0))
    func group() throws {
        let status = unsafe chown(path, .max, 12_345)
        #expect(status == 0)
        setMode(0o2750, of: path)
        try enrolOne(1)
        try enrolOne(2)
        for name in ["index", "index/manifest.json"] {
            #expect(facts(name).st_gid == 12_345, "\(name)")
        }
    }

    @Test("that cannot be read is none: the answers are the same", arguments: ["pipe", "folder"])
    func unreadable(kind: String) throws {
        try enrolOne(1)
        try enrolOne(2)
        let manifest = path + "/index/manifest.json"
        try FileManager.default.removeItem(atPath: manifest)
        if kind == "pipe" {
            let status = unsafe mkfifo(manifest, 0o600)
            #expect(status == 0)
        } else {
            try FileManager.default.createDirectory(
                atPath: manifest + "/inner", withIntermediateDirectories: true)
        }
        var probe = [Float](repeating: 0, count: 16)
        probe[2] = 1
        let gallery = try FaceGallery(at: path, readOnly: true)
        #expect(try gallery.identify(probe).candidates.first?.subject == "s2")
        #expect(try !gallery.check().isSound)
    }

    @Test("whose list is a folder is made anew by the next save, and by a repair")
    func folderForManifest() throws {
        try enrolOne(1)
        let manifest = path + "/index/manifest.json"
        func layFolder() throws {
            try FileManager.default.removeItem(atPath: manifest)
            try FileManager.default.createDirectory(
                atPath: manifest + "/inner", withIntermediateDirectories: true)
        }
        try layFolder()
        try enrolOne(2)
        #expect(try FaceGallery(at: path, readOnly: true).statistics().localIndex.count == 2)
        try layFolder()
        _ = try FaceGallery(at: path).repair()
        #expect(try FaceGallery(at: path).check().isSound)
        #expect(try FaceGallery(at: path, readOnly: true).statistics().localIndex.count == 2)
    }
}

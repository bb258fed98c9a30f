import Foundation
import Gallery
import GalleryModel
import Testing
import TestSupport

/// Folders that have the names of a gallery's own parts, and that no gallery has made.
@Suite("A folder of somebody's")
struct ForeignFoldersTests {
    private let test: MigrationGallery

    init() throws { test = try MigrationGallery() }

    private func tree(_ name: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: test.folder.file(name)).sorted()
    }

    @Test("named network, even with a network in it, is not taken for what a killed creation left")
    func network() throws {
        try FileManager.default.createDirectory(
            atPath: test.folder.file("h"), withIntermediateDirectories: false)
        try FileManager.default.copyItem(
            atPath: test.folder.file("old"), toPath: test.folder.file("h/network"))
        let before = try tree("h")
        #expect(before.contains("network/card.json"))
        let error = #expect(throws: GalleryError.self) {
            try FaceGallery.create(at: test.folder.file("h"), networkDirectory: test.folder.file("new"))
        }
        guard case .store(let refusal) = error else { throw try #require(error) }
        #expect(refusal == .alreadyExists(path: test.folder.file("h")))
        #expect(try tree("h") == before)
    }

    @Test("named migration stays where a gallery is opened, and one with nothing but a torn plan goes")
    func migration() throws {
        try FileManager.default.createDirectory(
            atPath: test.path + "/migration", withIntermediateDirectories: false)
        try test.folder.write([1, 2, 3], to: "g/migration/templates")
        try test.folder.write([1, 2, 3], to: "g/migration/notes")
        _ = try FaceGallery(at: test.path)
        #expect(try tree("g/migration") == ["notes", "templates"])
        try FileManager.default.removeItem(atPath: test.path + "/migration/notes")
        _ = try FaceGallery(at: test.path)
        #expect(try !tree("g").contains("migration"))
    }
}

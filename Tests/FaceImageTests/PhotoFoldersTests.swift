import Glibc
import TestSupport
import Testing

@testable import FaceImage

@Suite("A folder of photos")
struct PhotoFoldersTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("tells names that are not UTF-8 from names that hold the sign for such")
    func names() throws {
        try folder.write([1], to: "a\u{FFFD}.jpg")
        let name: [CChar] =
            folder.path.utf8.map { CChar(bitPattern: $0) } + [0x2F, -1, 0x2E, 0x6A, 0x70, 0x67, 0]
        let descriptor = unsafe open(name, O_CREAT | O_WRONLY, 0o600)
        try #require(descriptor >= 0)
        close(descriptor)
        var folders = PhotoFolders()
        let found = folders.entries(of: folder.path, at: "")
        let entries = try #require(found)
        #expect(entries.filter { $0.kind == .photo }.map(\.name) == ["a\u{FFFD}.jpg"])
        #expect(entries.filter { $0.kind == .notUTF8 }.map(\.name) == ["\u{FFFD}.jpg"])
    }

    @Test("counts links to nothing, pipes and files that cannot be looked into, and waits for none")
    func strange() throws {
        #expect(unsafe symlink("nowhere", folder.file("broken")) == 0)
        #expect(unsafe mkfifo(folder.file("pipe"), 0o600) == 0)
        try folder.write([0xFF, 0xD8, 0xFF, 0xE0], to: "photo")
        try folder.write([], to: "empty")
        var folders = PhotoFolders()
        let found = folders.entries(of: folder.path, at: "")
        let entries = try #require(found)
        #expect(entries.map(\.name) == ["photo"])
        #expect(
            folders.passedOver.files == ["links to nothing": 1, "pipes or devices": 1, "without an ending": 1])
        let again = folders.entries(of: folder.path, at: "")
        #expect(again?.isEmpty == true, "a folder is listed once")
    }

    @Test("keeps its count short, whatever the names are")
    func manyKinds() throws {
        for number in 0..<100 { try folder.write([], to: "a.x\(number)") }
        try folder.write([], to: "photo of Ada.at the river")
        var folders = PhotoFolders()
        _ = folders.entries(of: folder.path, at: "")
        #expect(folders.passedOver.files.count <= 65)
        #expect(folders.passedOver.files.values.reduce(0, +) == 101)
        #expect(folders.passedOver.text?.contains("river") == false)
    }
}

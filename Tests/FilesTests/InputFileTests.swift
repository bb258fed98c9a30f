import Glibc
import TestSupport
import Testing

@testable import Files

@Suite("Opening a file to read")
struct InputFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("gives its bytes, whole or from an offset on, and says where it is too large")
    func reads() throws {
        let path = try folder.write([1, 2, 3, 4, 5], to: "f")
        let file = try InputFile(path)
        #expect(try file.readAll(limit: 5) == [1, 2, 3, 4, 5])
        #expect(throws: FileError.tooLarge(path: path, size: 5, limit: 4)) { try file.readAll(limit: 4) }
        var some = [UInt8](repeating: 9, count: 4)
        let count = try unsafe some.withUnsafeMutableBytes { try unsafe file.read(at: 3, into: $0) }
        #expect(count == 2 && some == [4, 5, 9, 9])
    }

    @Test(
        "never waits: pipes, sockets, folders and devices are refused at once, each by its kind",
        .timeLimit(.minutes(1)))
    func kinds() throws {
        #expect(unsafe mkfifo(folder.file("pipe"), 0o600) == 0)
        let socket = try boundSocket()
        defer { close(socket) }
        for (path, kind) in [
            (folder.file("pipe"), FileKind.namedPipe), (folder.path, .folder), ("/dev/zero", .characterDevice),
            (folder.file("socket"), .socket),
        ] {
            #expect(throws: FileError.wrongKind(path: path, found: kind, wanted: .regularFile)) {
                try InputFile(path)
            }
        }
        #expect(throws: FileError.missing(path: folder.file("none"))) { try InputFile(folder.file("none")) }
        #expect(throws: FileError.missing(path: "a\0b")) { try InputFile("a\0b") }
        // What may be a stream may be a pipe, and still no device without an end.
        #expect(try InputFile(folder.file("pipe"), admitting: .filesAndStreams).status().kind == .namedPipe)
        #expect(try InputFile("/dev/null", admitting: .filesAndStreams).status().kind == .characterDevice)
        #expect(throws: FileError.wrongKind(path: "/dev/zero", found: .characterDevice, wanted: .regularFile)) {
            try InputFile("/dev/zero", admitting: .filesAndStreams)
        }
    }

    private func boundSocket() throws -> Int32 {
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(folder.file("socket").utf8)
        try #require(path.count < 108)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let status = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(socket, $0, size) }
        }
        try #require(status == 0)
        return socket
    }

    @Test("follows the user's link, and none below a folder")
    func links() throws {
        let path = try folder.write([7], to: "f")
        #expect(unsafe symlink(path, folder.file("link")) == 0)
        #expect(try InputFile(folder.file("link")).readAll(limit: 1) == [7])
        let opened = try OpenFolder(folder.path)
        #expect(try InputFile("f", in: opened).readAll(limit: 1) == [7])
        #expect(
            throws: FileError.wrongKind(
                path: folder.file("link"), found: .symbolicLink, wanted: .regularFile)
        ) { try InputFile("link", in: opened) }
        for name in ["", ".", "..", "a/b", "../f", "a\0b"] {
            #expect(throws: FileError.self, "\(name)") { try InputFile(name, in: opened) }
        }
    }
}

@Suite("An open folder")
struct OpenFolderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("lists, makes, renames and removes names, and removes a link instead of what it leads to")
    func names() throws {
        try folder.write([1], to: "f")
        let opened = try OpenFolder(folder.path)
        #expect(try opened.makeFolder("d"))
        #expect(try !opened.makeFolder("d"))
        #expect(unsafe symlink(folder.file("f"), folder.file("link")) == 0)
        #expect(try opened.names().sorted() == ["d", "f", "link"])
        #expect(try opened.names().sorted() == ["d", "f", "link"], "a second listing begins at the start")
        #expect(try opened.status(of: "link")?.kind == .symbolicLink)
        #expect(try opened.status(of: "none") == nil)
        #expect(try opened.remove("link") && !opened.remove("link"))
        try opened.rename("f", to: "g", in: OpenFolder("d", in: opened))
        #expect(try OpenFolder("d", in: opened).names() == ["g"])
        #expect(throws: FileError.occupied(path: folder.file("d"))) {
            try opened.makeFolder("e")
            try opened.rename("e", to: "d", in: opened)
        }
        #expect(throws: FileError.system(path: folder.file("d"), doing: .removing, code: ENOTEMPTY)) {
            try opened.removeFolder("d")
        }
    }

    @Test("is the same folder after it was renamed, and no link in another folder")
    func pinned() throws {
        let outer = try OpenFolder(folder.path)
        try outer.makeFolder("a")
        let inner = try OpenFolder("a", in: outer)
        try outer.rename("a", to: "b", in: outer)
        try folder.write([1], to: "b/f")
        #expect(try inner.names() == ["f"])
        #expect(try InputFile(inner.stablePath + "/f").readAll(limit: 1) == [1])
        #expect(unsafe symlink(folder.file("b"), folder.file("link")) == 0)
        #expect(try OpenFolder(folder.file("link")).names() == ["f"])
        #expect(
            throws: FileError.wrongKind(path: folder.file("link"), found: .symbolicLink, wanted: .folder)
        ) { try OpenFolder("link", in: outer) }
        #expect(throws: FileError.missing(path: folder.file("none"))) { try OpenFolder("none", in: outer) }
        #expect(
            throws: FileError.wrongKind(path: folder.file("b/f"), found: .regularFile, wanted: .folder)
        ) { try OpenFolder(folder.file("b/f")) }
    }

    @Test("of a path is the one that its last name stands in")
    func holding() throws {
        try OpenFolder(folder.path).makeFolder("d")
        for (path, name) in [("d/f", "f"), ("d/f//", "f"), ("d//f", "f"), ("d", "d")] {
            let (parent, found) = try OpenFolder.holding(folder.file(path))
            #expect(found == name)
            let expected = try OpenFolder(name == "f" ? folder.file("d") : folder.path).status().identity
            #expect(try parent.status().identity == expected)
        }
        #expect(try OpenFolder.holding("/x").folder.path == "/")
        #expect(try OpenFolder.holding("x").folder.path == ".")
        for path in ["", "/", ".", "..", "a/..", "a/."] {
            #expect(throws: FileError.self, "\(path)") { try OpenFolder.holding(path) }
        }
    }

    @Test("is locked by one opening, or shared by several, and says who holds it")
    func locks() throws {
        let (first, second) = (try OpenFolder(folder.path), try OpenFolder(folder.path))
        #expect(try first.tryLock(.shared) && second.tryLock(.shared))
        #expect(try !second.tryLock(.exclusive))
        first.unlock()
        #expect(try second.tryLock(.exclusive) && !first.tryLock(.shared))
        second.unlock()
        try first.lock(.exclusive)
    }

    @Test("of another user is not trusted", .enabled(if: geteuid() == 0, "needs root to give folders away"))
    func owners() throws {
        let opened = try OpenFolder(folder.path)
        try opened.requireTrustedOwner()
        #expect(unsafe chown(folder.path, 4711, 4711) == 0)
        #expect(throws: FileError.foreignOwner(path: folder.path, owner: 4711)) {
            try opened.requireTrustedOwner()
        }
        #expect(Owners.numbers(in: "4711, root,nobody-of-this-name, 12") == [4711, 0, 12])
        #expect(Owners.name(of: 0) == "root")
    }
}

import Foundation
import Glibc
import TestSupport
import Testing

@testable import Files

@Suite("A file in the making")
struct ScratchFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var names: [String] {
        get throws { try OpenFolder(folder.path).names().sorted() }
    }

    @Test("takes its place when it is whole, with its own mode, and leaves nothing where it is given up")
    func publishes() throws {
        let path = try folder.write([1], to: "f")
        unsafe chmod(path, 0o666)
        do {
            let file = try ScratchFile(replacing: path)
            try file.write([2, 3], at: 0)
            #expect(try names.count == 2 && InputFile(path).readAll(limit: 9) == [1])
        }
        #expect(try names == ["f"])
        try ScratchFile.replace(path, with: [4, 5], mode: 0o640)
        #expect(try InputFile(path).readAll(limit: 9) == [4, 5])
        #expect(try FileStatus.of(path)?.mode == 0o640)
        try ScratchFile.replace(path, with: [])
        #expect(try FileStatus.of(path)?.mode == 0o600)
        #expect(try names == ["f"])
    }

    @Test("replaces nothing but regular files: a link is neither followed nor replaced")
    func refuses() throws {
        let victim = try folder.write([1, 2, 3], to: "victim")
        #expect(unsafe symlink(victim, folder.file("link")) == 0)
        #expect(unsafe symlink(folder.file("none"), folder.file("dangling")) == 0)
        #expect(unsafe mkfifo(folder.file("pipe"), 0o600) == 0)
        try OpenFolder(folder.path).makeFolder("d")
        for (name, kind) in [
            ("link", FileKind.symbolicLink), ("dangling", .symbolicLink), ("pipe", .namedPipe), ("d", .folder),
        ] {
            let path = folder.file(name)
            #expect(throws: FileError.wrongKind(path: path, found: kind, wanted: .regularFile)) {
                try ScratchFile.replace(path, with: [9])
            }
        }
        #expect(try InputFile(victim).readAll(limit: 9) == [1, 2, 3])
        #expect(throws: FileError.missing(path: folder.file("none"))) {
            try ScratchFile(replacing: folder.file("none/f"))
        }
        // A link that is laid while the file is written is replaced itself.
        let file = try ScratchFile(replacing: folder.file("late"))
        try file.write([7], at: 0)
        #expect(unsafe symlink(victim, folder.file("late")) == 0)
        try file.publish()
        #expect(try FileStatus.of(folder.file("late"), followingLinks: false)?.kind == .regularFile)
        #expect(try InputFile(victim).readAll(limit: 9) == [1, 2, 3])
    }

    @Test("has a name that nobody can foresee, in the limits of the file system")
    func name() throws {
        let long = String(repeating: "ä", count: 127)
        #expect(ScratchName(for: "f").text != ScratchName(for: "f").text)
        for target in ["f", "a.b.c", "ä ö", long, ".hidden"] {
            let name = ScratchName(for: target).text
            #expect(name.utf8.count <= 255 && ScratchName.isName(name, for: target), "\(name)")
            #expect(!ScratchName.isName(name, for: "other"))
        }
        for name in [
            "f", ".f.facegallery-part", ".f.0123.facegallery-part", ".f.0123456789ABCDEF.facegallery-part",
            "f.0123456789abcdef.facegallery-part", "..0123456789abcdef.facegallery-part",
        ] { #expect(ScratchName.target(of: name) == nil, "\(name)") }
        try ScratchFile.replace(folder.file(long), with: [1])
        #expect(try names == [long])
    }

    @Test("that a killed process left is found and cleared; one that is being written is not")
    func leftovers() async throws {
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let file = try ScratchFile(replacing: path + "/f")
            try file.write([1, 2, 3], at: 0)
            let made = try ScratchFolder(for: "g", in: OpenFolder(path))
            try ScratchFile.replace("data", in: made.folder, with: [1])
            kill(getpid(), SIGKILL)
        }
        let opened = try OpenFolder(path)
        #expect(Leftovers.list(in: opened).count == 2)
        #expect(Leftovers.list(in: opened).allSatisfy { $0.bytes > 0 })
        #expect(Leftovers.list(in: opened, of: "f").count == 1)
        // Those of other names and of living processes stay.
        let living = try ScratchFile(replacing: folder.file("f"))
        let livingFolder = try ScratchFolder(for: "h", in: opened)
        #expect(Leftovers.list(in: opened).count == 1, "what was left of f is gone, that of g is there")
        Leftovers.clear(in: opened)
        #expect(Leftovers.list(in: opened).isEmpty)
        #expect(try names.count == 2)
        try living.publish()
        #expect(try names.contains("f"))
        _ = livingFolder
    }
}

@Suite("A folder in the making")
struct ScratchFolderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("gives what was made in it to its place, over nothing but an empty folder, and goes with all else")
    func publishes() throws {
        let parent = try OpenFolder(folder.path)
        for isThere in [false, true] {
            let scratch = try ScratchFolder(for: "new", in: parent)
            try scratch.folder.makeFolder("content")
            let content = try OpenFolder("content", in: scratch.folder)
            try ScratchFile.replace("f", in: content, with: [1])
            if isThere {
                #expect(throws: FileError.occupied(path: folder.file("new"))) {
                    try scratch.publish("content", as: "new")
                }
            } else {
                try parent.makeFolder("new")
                try scratch.publish("content", as: "new")
            }
        }
        #expect(try parent.names() == ["new"])
        #expect(try OpenFolder("new", in: parent).names() == ["f"])
    }

    @Test("is removed without following a link, and not where another folder has taken its name")
    func links() throws {
        let victim = try TemporaryFolder()
        try victim.write([1], to: "precious")
        let parent = try OpenFolder(folder.path)
        do {
            let scratch = try ScratchFolder(for: "new", in: parent)
            #expect(unsafe symlink(victim.path, scratch.path + "/link") == 0)
        }
        #expect(try parent.names() == [])
        do {
            let scratch = try ScratchFolder(for: "new", in: parent)
            let name = try #require(try parent.names().first)
            try parent.rename(name, to: "moved", in: parent)
            #expect(unsafe symlink(victim.path, folder.file(name)) == 0)
            _ = scratch
        }
        #expect(try OpenFolder(victim.path).names() == ["precious"])
    }

    @Test("is known by its mark: a foreign folder under such a name is never touched")
    func marks() throws {
        let parent = try OpenFolder(folder.path)
        let name = ScratchName(for: "new").text
        try parent.makeFolder(name)
        try folder.write([1], to: name + "/thesis")
        #expect(Leftovers.list(in: parent).isEmpty)
        Leftovers.clear(in: parent)
        // Nor with the mark of another, as a renamed folder has it.
        try folder.write(Array(ScratchName(for: "new").text.utf8), to: name + "/.scratch")
        Leftovers.clear(in: parent, of: "new")
        #expect(try OpenFolder(name, in: parent).names().sorted() == [".scratch", "thesis"])
        try folder.write(Array(name.utf8), to: name + "/.scratch")
        #expect(Leftovers.list(in: parent).count == 1)
        Leftovers.clear(in: parent, of: "new")
        #expect(try parent.names() == [])
    }

    @Test("of another user is never touched", .enabled(if: geteuid() == 0, "needs root to give files away"))
    func owners() throws {
        let parent = try OpenFolder(folder.path)
        let (file, inner) = (ScratchName(for: "f").text, ScratchName(for: "f").text)
        try folder.write([1], to: file)
        try parent.makeFolder(inner)
        for name in [file, inner] { #expect(unsafe chown(folder.file(name), 4711, 4711) == 0) }
        Leftovers.clear(in: parent)
        #expect(try parent.names().count == 2)
    }
}

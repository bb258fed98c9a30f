import Glibc
import TestSupport
import Testing

@testable import Files

@Suite("The place of an output")
struct OutputPlacesTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let top = try OpenFolder(folder.path)
        for name in ["g", "net", "snap", "out"] { try top.makeFolder(name) }
        try OpenFolder("g", in: top).makeFolder("index")
        try OpenFolder("snap", in: top).makeFolder("store")
        try folder.write([1], to: "g/data.mdb")
        try folder.write([1], to: "net/card.json")
        try folder.write([1], to: "net/w.safetensors")
        try folder.write([1], to: "snap/snapshot.json")
        try folder.write([1], to: "a.jpg")
    }

    private func check(
        _ paths: String..., inputs: [String] = [], as kind: OutputPlaces.Output.Kind = .file
    ) throws(FileError) {
        let outputs = paths.map {
            OutputPlaces.Output("--out", $0.hasPrefix("/") ? $0 : folder.file($0), kind)
        }
        try OutputPlaces(inputs: inputs.map { folder.file($0) }).check(outputs)
    }

    @Test("is outside of galleries, networks and snapshots, at any depth and through links")
    func ours() throws {
        #expect(unsafe symlink(folder.file("g/index"), folder.file("out/link")) == 0)
        for path in [
            "g/data.mdb", "g/x", "g/index/x", "g/index/../x", "out/link/x", "out/link/../../out/../g/new",
            "net/card.json", "net/x", "snap/x", "snap/store/x", "g", "net", "snap", "g/new/deep", "g/",
        ] {
            let error = #expect(throws: FileError.self, "\(path)") { try check(path) }
            #expect(error?.kind == .usage)
        }
        for path in ["x", "out/x", "out", "new/deep/x", "a.jpg"] { try check(path) }
        try check("net", as: .network)
        #expect(throws: FileError.self) { try check("net/deeper", as: .network) }
        // Who makes a folder says itself that something is there.
        try check("g", as: .newFolder)
        #expect(throws: FileError.self) { try check("g/new", as: .newFolder) }
    }

    @Test("is none of the inputs, also under another name")
    func inputs() throws {
        #expect(unsafe link(folder.file("a.jpg"), folder.file("hard.npy")) == 0)
        #expect(unsafe symlink(folder.file("a.jpg"), folder.file("soft.npy")) == 0)
        #expect(unsafe link(folder.file("g/data.mdb"), folder.file("data.npy")) == 0)
        for path in ["a.jpg", "hard.npy", "soft.npy", "./a.jpg"] {
            let error = #expect(throws: FileError.self, "\(path)") { try check(path, inputs: ["a.jpg"]) }
            #expect(error?.reason.contains("overwrite") == true)
        }
        #expect(throws: FileError.self) { try check("data.npy", inputs: ["g"]) }
        try check("hard.npy", inputs: ["none", "net"])
    }

    @Test("is not that of another output, by spelling, link or hard link")
    func twice() throws {
        try folder.write([1], to: "out/x")
        #expect(unsafe link(folder.file("out/x"), folder.file("out/y")) == 0)
        #expect(unsafe symlink(folder.file("out"), folder.file("same")) == 0)
        for (first, second) in [("new", "./new"), ("out/n", "same/n"), ("out/x", "out/y"), ("out/x", "out/x")] {
            #expect(throws: FileError.self, "\(first) \(second)") { try check(first, second) }
        }
        try check("new", "new2", "out/x", "same/z")
    }

    @Test("is no device and no pipe, unless it may be a stream")
    func streams() throws {
        #expect(unsafe mkfifo(folder.file("pipe"), 0o600) == 0)
        for path in ["pipe", "/dev/null"] {
            #expect(throws: FileError.self, "\(path)") { try check(path) }
            try check(path, as: .fileOrStream)
        }
    }
}

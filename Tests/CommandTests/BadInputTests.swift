import FaceImage
import Foundation
import Glibc
import TestSupport
import Testing

/// Every bad input has its own error, which names it, and its exit code.
@Suite("A bad input")
struct BadInputTests {
    let folder: TemporaryFolder
    let facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
    }

    private func expect(
        _ exitCode: Int32, _ text: String, _ arguments: String...,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let result = try facegallery.run(arguments)
        #expect(result.exitCode == exitCode, "\(result.err)", sourceLocation: location)
        #expect(result.err.contains(text), "\(result.err)", sourceLocation: location)
        #expect(result.out.isEmpty, sourceLocation: location)
        #expect(!result.err.contains("Fatal error"), sourceLocation: location)
    }

    private func makeGallery(_ dimension: Int = 16) throws {
        #expect(try facegallery("create", "-g", "g", "--dimension", "\(dimension)").exitCode == 0)
    }

    // MARK: words

    @Test("a word that is wrong is named, and exits with 64")
    func usage() throws {
        try makeGallery()
        try folder.write(npy([[Float](repeating: 1, count: 16)]), to: "x.npy")
        try expect(64, "from 1 to 10000", "identify", "-g", "g", "--embeddings", "x.npy", "-k", "0")
        try expect(64, "unknown option '--frobnicate'", "identify", "-g", "g", "--frobnicate")
        try expect(64, "unknown command 'identfy'; did you mean 'identify'?", "identfy")
        try expect(64, "no command is given")
        try expect(64, "no gallery is given", "stats")
        try expect(64, "multiple of 4", "create", "-g", "h", "--dimension", "18")
        try expect(64, "from 16 to 2048", "create", "-g", "h", "--dimension", "4096")
        try expect(64, "use --embeddings without photos", "enroll", "-g", "g", "--embeddings", "x.npy", "a.jpg")
        try expect(64, "expected one of max, mean", "verify", "a.jpg", "b.jpg", "--fusion", "sum")
        try expect(64, "from 1 to 256", "identify", "-g", "g", "--embeddings", "x.npy", "--jobs", "0")
        try expect(64, "two photos are needed", "verify", "a.jpg")
    }

    @Test("help and version are answers, not errors")
    func help() throws {
        for words in [["--help"], ["identify", "--help"], ["help", "enroll"], ["--version"]] {
            let result = try facegallery.run(words)
            #expect(result.exitCode == 0 && result.err.isEmpty && !result.out.isEmpty)
        }
    }

    // MARK: templates

    @Test("of templates: missing, wrong type, wrong dimension, NaN rows, more names than rows")
    func templates() throws {
        try makeGallery()
        let row = [Float](repeating: 1, count: 16)
        try folder.write(npy([row, row]), to: "good.npy")
        try folder.write(Array("a\nb\n".utf8), to: "two.txt")
        try folder.write(Array("a\nb\nc\n".utf8), to: "three.txt")
        func enroll(_ exitCode: Int32, _ text: String, _ matrix: String, _ names: String) throws {
            try expect(exitCode, text, "enroll", "-g", "g", "--embeddings", matrix, "--subjects", names)
        }
        try enroll(66, "missing.npy: no such file", "missing.npy", "two.txt")
        try enroll(66, "missing.txt: no such file", "good.npy", "missing.txt")
        try folder.write(npy([row, row], descr: "<i4"), to: "int.npy")
        try enroll(65, "int.npy: contains '<i4' values", "int.npy", "two.txt")
        try folder.write(npy([[Float](repeating: 1, count: 20)]), to: "wide.npy")
        try enroll(65, "rows have 20 numbers, but the gallery's templates have 16", "wide.npy", "two.txt")
        try enroll(65, "three.txt has 3 names for the 2 rows", "good.npy", "three.txt")
        try expect(65, "rows have 20 numbers", "identify", "-g", "g", "--embeddings", "wide.npy")
        #expect(try facegallery("stats", "-g", "g", "--json").objects().first?["references"] as? Int == 0)

        var bad = row
        bad[3] = .nan
        try folder.write(npy([row, bad, [Float](repeating: 0, count: 16)]), to: "nan.npy")
        try enroll(65, "nan.npy: row 1: ", "nan.npy", "three.txt")
        #expect(try facegallery("stats", "-g", "g", "--json").objects().first?["references"] as? Int == 1)
        let probes = try facegallery("identify", "-g", "g", "--embeddings", "nan.npy", "--json")
        #expect(probes.exitCode == 65)
        let answers = try probes.objects()
        #expect(answers.filter { $0["error"] == nil }.map { $0["probe"] as? String } == ["0"])
        #expect(answers.filter { $0["error"] != nil }.map { $0["probe"] as? String } == ["1", "2"])
        #expect(probes.err.contains("row 1: ") && probes.err.contains("row 2: "))
    }

    @Test("a name that no subject can have costs its row, not the job")
    func badNames() throws {
        try makeGallery()
        var generator = SeededGenerator(seed: 6)
        try folder.write(npy((0..<3).map { _ in generator.unitVector(16) }), to: "x.npy")
        try folder.write(Array("Ada\ntab\there\nGrace\n".utf8), to: "x.txt")
        let result = try facegallery("enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "x.txt")
        #expect(result.exitCode == 65)
        #expect(result.err.contains("row 1: "), "\(result.err)")
        #expect(try facegallery("subjects", "-g", "g").lines == ["1\tAda", "1\tGrace"])
    }

    @Test("an output that is a device or a link is left alone")
    func outputsThatAreNoFiles() throws {
        try makeGallery()
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link"), withDestinationPath: folder.file("target"))
        try expect(65, "not a regular file", "export", "-g", "g", "--embeddings", "link", "--subjects", "y.txt")
        try expect(64, "not a regular file", "export", "-g", "g", "--faiss", "link")
        try expect(
            64, "every output needs a different file", "export", "-g", "g", "--embeddings", "y", "--subjects",
            "y")
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("link"))
                == folder.file("target"))
    }

    // MARK: galleries

    @Test("of galleries: none there, something in the way, a damaged store")
    func galleries() throws {
        try expect(66, "no gallery at 'nowhere'", "stats", "-g", "nowhere")
        try makeGallery()
        try expect(73, "something is already there", "create", "-g", "g", "--dimension", "16")
        try folder.write(Array("not a store".utf8), to: "g/data.mdb")
        try expect(65, "damaged", "stats", "-g", "g")
    }

    @Test("a gallery that this user may not enter is said to be so")
    func permission() throws {
        try makeGallery()
        if geteuid() != 0 {
            unsafe _ = chmod(folder.file("g"), 0)
            defer { unsafe _ = chmod(folder.file("g"), 0o700) }
            try expect(73, "permission", "stats", "-g", "g")
            return
        }
        // Nothing is forbidden to root, so the command runs as nobody, from a folder that nobody may enter.
        let open = "/tmp/facegallery-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: open, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        defer { try? FileManager.default.removeItem(atPath: open) }
        let program = "\(open)/facegallery"
        try folder.copyProgram(Facegallery.path, to: program)
        try FileManager.default.copyItem(atPath: folder.file("g"), toPath: "\(open)/g")
        let result = try facegallery.run(
            ["--reuid", "65534", "--clear-groups", program, "stats", "-g", "\(open)/g"],
            program: "/usr/bin/setpriv")
        #expect(result.exitCode == 73, "\(result.err)")
        #expect(result.err.contains("permission"), "\(result.err)")
    }

    @Test("a full disk ends an enrolment with an error, and leaves the gallery as it was")
    func fullDisk() throws {
        try makeGallery()
        var generator = SeededGenerator(seed: 5)
        try folder.write(npy((0..<20_000).map { _ in generator.unitVector(16) }), to: "x.npy")
        try folder.write(Array((0..<20_000).map { "s\($0)\n" }.joined().utf8), to: "x.txt")
        // A limit on file size stands for the end of the disk, which takes a mount, and a right to mount.
        let script = "trap '' XFSZ; ulimit -f 1000; exec \"$0\" \"$@\""
        let result = try facegallery.run(
            [
                "-c", script, Facegallery.path, "enroll", "-g", "g", "--embeddings", "x.npy", "--subjects",
                "x.txt",
            ],
            program: "/bin/bash")
        #expect(result.exitCode == 73, "\(result.err)")
        #expect(result.err.contains("no space left"), "\(result.err)")
        #expect(try facegallery("check", "-g", "g").exitCode == 0)
        let again = try facegallery(
            "enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "x.txt", "--json")
        #expect(again.exitCode == 0, "\(again.err)")
        #expect(try facegallery("stats", "-g", "g", "--json").objects().first?["references"] as? Int == 20_000)
    }

    // MARK: photos

    @Test(
        "of photos: missing, empty, text, truncated, a bomb, no face, several faces",
        .enabled(if: Facegallery.hasModels, "the models are fetched by make setup"))
    func photos() throws {
        #expect(try facegallery("create", "-g", "g").exitCode == 0)
        let portrait = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Facegallery.portrait("biden.jpg"))))
        try folder.write([], to: "empty.jpg")
        try folder.write(Array("Dear diary".utf8), to: "text.jpg")
        try folder.write(Array(portrait.prefix(portrait.count / 2)), to: "cut.jpg")
        try folder.write(bombHeader(), to: "bomb.png")
        try folder.write(
            Array("P6 300 200 255\n".utf8) + [UInt8](repeating: 120, count: 180_000), to: "grey.ppm")
        try writeTwoFaces(to: folder.file("two.ppm"))
        for (exitCode, text, photo) in [
            (66, "gone.jpg", "gone.jpg"), (65, "empty.jpg", "empty.jpg"), (65, "text.jpg", "text.jpg"),
            (65, "cut.jpg", "cut.jpg"), (65, "bomb.png", "bomb.png"),
            (65, "grey.ppm: no face was found", "grey.ppm"),
        ] as [(Int32, String, String)] {
            try expect(exitCode, text, "identify", "-g", "g", photo)
        }
        try expect(65, "cut.jpg", "identify", "-g", "g", "--max-bytes", "1000", "cut.jpg")
        try expect(65, "1000", "identify", "-g", "g", "--max-pixels", "1000", Facegallery.portrait("biden.jpg"))
        try expect(66, "gone.jpg", "enroll", "-g", "g", "gone.jpg")
        try expect(65, "cut.jpg", "enroll", "-g", "g", "cut.jpg")
        try expect(65, "two.ppm: 2 faces were found", "enroll", "-g", "g", "two.ppm")
        let both = try facegallery("identify", "-g", "g", "two.ppm", "--json")
        #expect(both.exitCode == 0 && both.lines.count == 2, "\(both.err)")
        #expect(try facegallery("enroll", "-g", "g", "--largest-face", "two.ppm").exitCode == 0)
    }

    @Test(
        "a gallery of another network is refused by both names",
        .enabled(if: Facegallery.hasModels, "the models are fetched by make setup"))
    func otherNetwork() throws {
        try makeGallery(128)
        let portrait = Facegallery.portrait("biden.jpg")
        try expect(65, "these by sface", "enroll", "-g", "g", portrait)
        try expect(65, "these by sface", "identify", "-g", "g", portrait)
    }

    /// A PNG that claims 60,000 × 60,000 pixels and holds none.
    private func bombHeader() -> [UInt8] {
        let header = Array("IHDR".utf8) + [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0]
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in header {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        let check = (0..<4).map { UInt8(truncatingIfNeeded: ~crc >> (24 - 8 * $0)) }
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + header + check
            + [0, 0, 0, 1] + Array("IDAT".utf8) + [0, 0, 0, 0, 0]
    }

    /// The same portrait twice, side by side.
    private func writeTwoFaces(to path: String) throws {
        let photo = try Photo(.path(Facegallery.portrait("biden.jpg")))
        var bytes = Array("P6 \(2 * photo.width) \(photo.height) 255\n".utf8)
        for row in 0..<photo.height {
            let line = photo.pixels[3 * row * photo.width..<3 * (row + 1) * photo.width]
            bytes += line + line
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}

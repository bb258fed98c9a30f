import Foundation
import TestSupport
import Testing

/// Prints the records of the one reference of a gallery, field by field as docs/format.md lays them out.
private let reader = """
    import json, struct, sys
    import lmdb
    env = lmdb.open(sys.argv[1], readonly=True, max_dbs=9)
    def table(name, numbers=True):
        return env.open_db(name.encode(), create=False, integerkey=numbers)
    names = ("subjects", "references", "vectors")
    subjects, references, vectors = (table(name) for name in names)
    meta = table("meta", False)
    with env.begin() as txn:
        (key, record), = txn.cursor(references)
        number, = struct.unpack_from("<Q", record, 8)
        enrolled, flags, length = struct.unpack_from("<dHH", record, 16)
        assert flags == 1 | 2 | 8
        face_size, sharpness, yaw, roll, score = struct.unpack_from("<idddd", record, 60)
        size, modified = struct.unpack_from("<qq", record, 96)
        template = txn.get(key, db=vectors)
        settings = txn.get(b"settings", db=meta)
        n, f = struct.unpack_from("<II", settings, 24)
        print(json.dumps({
            "reference": struct.unpack("<q", key)[0], "enrolled": enrolled, "digest": record[28:60].hex(),
            "subject": txn.get(struct.pack("<Q", number), db=subjects)[4:].decode(),
            "faceSize": face_size, "sharpness": sharpness, "yaw": yaw, "roll": roll, "score": score,
            "bytes": size, "modified": modified, "source": record[112:112 + length].decode(),
            "template": struct.unpack("<%df" % (len(template) // 4), template),
            "highest": struct.unpack_from("<QQQ", txn.get(b"counters", db=meta), 4),
            "network": settings[32:32 + n].decode(), "fingerprint": settings[32 + n:32 + n + f].decode(),
        }))
    """

@Suite(
    "What the bytes of docs/format.md mean",
    .enabled(
        if: Facegallery.hasModels && FileManager.default.fileExists(atPath: SetUpCache.file("test-tools/lmdb")),
        "the models and lmdb are fetched by make test"))
struct FormatMeaningTests {
    private let folder: TemporaryFolder
    private let facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        try facegallery.makeGalleryAndPortrait()
    }

    /// What a reader with the page alone finds.
    private func record() throws -> [String: Any] {
        let text = try run("python3", "-c", reader, folder.file("g"))
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// What another program prints.
    private func run(_ words: String...) throws -> String {
        let environment = ProcessInfo.processInfo.environment
            .merging(["PYTHONPATH": SetUpCache.file("test-tools")]) { $1 }
        let result = try TestedProgram(path: "/usr/bin/env").run(words, in: folder, environment: environment)
        try #require(result.exitCode == 0, "\(result.err)")
        return result.out
    }

    @Test("a reference's record tells of the photo, its face and its template what the program tells of them")
    func reference() throws {
        let before = Date().timeIntervalSince1970
        #expect(try facegallery("enroll", "-g", "g", "people").exitCode == 0)
        let record = try record()
        let path = folder.file("people/Joe Biden.jpg")
        #expect(record["subject"] as? String == "Joe Biden")
        #expect(record["reference"] as? Int == 1)
        #expect(record["highest"] as? [Int] == [1, 1, 0])
        #expect((before - 1...before + 600).contains(try #require(record["enrolled"] as? Double)))

        // The photo: where it lies without links, its digest, its size and its time.
        let folders = path.split(separator: "/").dropLast().joined(separator: "/")
        let resolved = URL(fileURLWithPath: "/" + folders).resolvingSymlinksInPath().path
        #expect(record["source"] as? String == resolved + "/Joe Biden.jpg")
        #expect(record["digest"] as? String == String(try run("sha256sum", path).prefix(64)))
        var facts = stat()
        let status = unsafe stat(path, &facts)
        try #require(status == 0)
        #expect(record["bytes"] as? Int == Int(facts.st_size))
        #expect(
            record["modified"] as? Int == facts.st_mtim.tv_sec * 1_000_000_000 + facts.st_mtim.tv_nsec)

        // The face, as a search of the same photo finds it: the size is its shorter side, the score the detector's.
        let answer = try #require(try facegallery("identify", "-g", "g", "--json", path).objects().first)
        let face = try #require(answer["face"] as? [String: Any])
        let box = try #require(face["box"] as? [Int])
        #expect(box[2] != box[3])
        #expect(record["faceSize"] as? Int == min(box[2], box[3]))
        #expect(record["score"] as? Double == face["score"] as? Double)
        let listed = try #require(
            try facegallery("subjects", "-g", "g", "--json", "Joe Biden").objects().first?["quality"]
                as? [String: Any])
        for name in ["sharpness", "yaw", "roll"] {
            #expect(record[name] as? Double == listed[name] as? Double, "\(name)")
        }

        // The template: what `embed` writes of the photo, by the network that is named.
        #expect(
            try facegallery("embed", path, "--out", "t.npy", "--names", "t.txt", "--network", "sface").exitCode
                == 0)
        let matrix = try Data(contentsOf: URL(fileURLWithPath: folder.file("t.npy")))
        let template = try #require(record["template"] as? [Double]).map(Float.init)
        let written = unsafe matrix.suffix(4 * template.count).withUnsafeBytes {
            unsafe Array($0.bindMemory(to: Float.self))
        }
        #expect(template.count == 128)
        // The store brings every template to length 1 once more.
        #expect(zip(template, written).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(record["network"] as? String == "sface")
        let stats = try #require(try facegallery("stats", "-g", "g", "--json").objects().first)
        #expect(record["fingerprint"] as? String == stats["fingerprint"] as? String)
    }
}

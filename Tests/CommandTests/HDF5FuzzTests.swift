import CTestHDF5
import Foundation
import GalleryModel
import IsolatedHDF5
import Testing
import TestSupport
import VectorFiles
@testable import ReferenceFiles

/// libhdf5 reads what strangers made, and does not always survive that.
@Suite("HDF5 files from anywhere", .timeLimit(.minutes(20)))
struct HDF5FuzzTests {
    let folder: TemporaryFolder
    private let patience = 1.0

    init() throws { folder = try TemporaryFolder() }

    private let helper = HDF5Helper(at: TestedProgram(named: HDF5Helper.name).path)

    private func matrix(at path: String) throws -> IsolatedMatrix {
        try IsolatedMatrix(path: path, helper: helper, patience: patience)
    }

    private func references(at path: String) throws -> IsolatedReferences {
        try IsolatedReferences(path: path, helper: helper, patience: patience)
    }

    /// Reads all rows, or as many as show that there is no end; returns how many.
    private func readAll(_ matrix: IsolatedMatrix) throws -> Int {
        guard matrix.columns > 0, matrix.columns < 1 << 20 else { return 0 }
        var buffer = [Float](repeating: 0, count: 3 * matrix.columns)
        for _ in 0..<1_000 {
            let count = try unsafe buffer.withUnsafeMutableBufferPointer { try unsafe matrix.next(into: $0) }
            if count == 0 { break }
        }
        return matrix.position
    }

    @Test("whatever is in one, reading it gives rows or an error, also where libhdf5 crashes")
    func fuzzed() throws {
        var seeds: [[UInt8]] = []
        for (number, chunk) in [UInt64(0), 2].enumerated() {
            let path = folder.file("seed-\(number).hdf5")
            #expect(unsafe test_hdf5_new(path, "angular", 0) == 0)
            let floats = (0..<80).map { Float($0) }
            #expect(unsafe test_hdf5_add_floats(path, "train", [5, 16], 2, floats, chunk) == 0)
            #expect(try readAll(matrix(at: path)) == 5)
            seeds.append(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        }
        try fuzz(seeds, as: "fuzzed.hdf5", seed: 5) { bytes in
            try folder.write(bytes, to: "fuzzed.hdf5")
        } read: { path in
            try readAll(matrix(at: path))
        }
    }

    @Test("whatever is in an export with a seal of its own, its references are good or an error is given")
    func fuzzedExports() throws {
        try fuzz(try [1, 5].map(export), as: "fuzzed.h5", seed: 6) { bytes in
            try seal(bytes, as: "fuzzed.h5")
        } read: { path in
            try readAll(references(at: path))
        }
    }

    /// Reads mutations of well-formed files; `write` makes a file of one, `read` returns how much was in it.
    private func fuzz(
        _ seeds: [[UInt8]], as name: String, seed: UInt64, write: ([UInt8]) throws -> String,
        read: (String) throws -> Int
    ) throws {
        var mutations = Mutations(of: seeds, seed: seed)
        let time = FuzzTime()
        var (inputs, taken, crashed, endless) = (0, 0, 0, 0)
        while time.isLeft {
            let path = try write(mutations.next())
            let start = ContinuousClock.now
            do {
                if try read(path) > 0 { taken += 1 }
            } catch let error as VectorFileError {
                #expect(error.description.contains(path), "\(error)")
                if error.description.contains("crashed") { crashed += 1 }
                if error.description.contains("never finishes") { endless += 1 }
            }
            #expect(ContinuousClock.now - start < .seconds(20))
            inputs += 1
        }
        #expect(inputs > 0 && time.growth < 256 << 20)
        print(
            "fuzzed \(name): \(inputs) inputs, \(taken) taken, "
                + "\(crashed) crashed the process that reads them, \(endless) had no end"
        )
    }

    /// Reads all references, each checked by its reader; returns how many.
    private func readAll(_ references: IsolatedReferences) throws -> Int {
        var count = 0
        while try references.next() != nil { count += 1 }
        #expect(count == references.header.references)
        return count
    }

    @Test("of an export with a bad row every reference before that is given")
    func badRow() throws {
        var generator = SeededGenerator(seed: 8)
        let number = (0...40).map { _ in generator.unitVector(16) }[40][3]
        let bytes = unsafe withUnsafeBytes(of: number.bitPattern.littleEndian) { unsafe Data($0) }
        var file = Data(try export(of: 50))
        file.replaceSubrange(try #require(file.range(of: bytes)), with: [0, 0, 0xC0, 0x7F])
        let path = try seal(Array(file), as: "bad.h5")
        let references = try self.references(at: path)
        for number in 0..<40 { #expect(try references.next()?.id == Int64(number)) }
        // Also when asked again.
        for _ in 0..<2 {
            let error = #expect(throws: VectorFileError.self) { _ = try references.next() }
            #expect(error?.description.hasPrefix("\(path): row 40: its template") == true)
        }
    }

    @Test("an export may be standard input, as the shell redirects it")
    func redirected() throws {
        let facegallery = Facegallery(folder)
        _ = try seal(try export(of: 5), as: "export.h5")
        let result = try facegallery(
            "import", "-g", "g", "/dev/stdin", "--json", input: folder.file("export.h5"))
        #expect(result.exitCode == 0, "\(result.err)")
        #expect(try result.objects().first?["enrolled"] as? Int == 5)
    }

    @Test("a file that libhdf5 goes round in for ever is refused after a while")
    func endlessFile() throws {
        var bytes = try export(of: 3)
        let heap = try #require(Data(bytes).range(of: Data("GCOL".utf8))).lowerBound
        // The heap's first object is free space of no size, so that the next is where it is itself.
        for place in [heap + 16, heap + 17] + Array(heap + 24..<heap + 32) { bytes[place] = 0 }
        let path = try seal(bytes, as: "endless.h5")
        let error = #expect(throws: VectorFileError.self) {
            _ = try readAll(references(at: path))
        }
        #expect(
            error?.description.contains("never finishes reading it") == true, "\(String(describing: error))")
    }

    /// The bytes of an export of some references, without their seal.
    private func export(of count: Int) throws -> [UInt8] {
        var generator = SeededGenerator(seed: 8)
        let settings = StoreSettings(dimension: 16, networkName: "given", networkFingerprint: "given")
        let path = folder.file("export-\(count).h5")
        let writer = try IsolatedReferenceWriter(
            path: path, header: ReferenceFileHeader(settings, references: count), helper: helper)
        for number in 0..<count {
            try writer.append(
                FileReference(
                    subject: "Zoë \(number)", id: Int64(number), source: "photo \(number)", enrolled: 1.7e9,
                    quality: nil, sourceDigest: nil, metadata: ["a": "b"], template: generator.unitVector(16)))
        }
        try writer.finish()
        #expect(
            try readAll(references(at: path)) == count)
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)).dropLast(FileSeal.size))
    }

    /// Writes bytes and the seal that makes them an export.
    private func seal(_ bytes: [UInt8], as name: String) throws -> String {
        let path = try folder.write(bytes, to: name)
        return try folder.write(bytes + FileSeal.of(path), to: name)
    }

    @Test("a process that dies while it reads is an error that names the file")
    func deadReader() throws {
        let program = try folder.writeScript(
            #"printf '\2\0\0\0\0\0\0\0\20\0\0\0\0\0\0\0'; kill -SEGV $$"#, to: "dies")
        let path = try folder.write([], to: "x.hdf5")
        let matrix = try IsolatedMatrix(path: path, helper: HDF5Helper(at: program), patience: patience)
        var buffer = [Float](repeating: 0, count: 1 << 16)
        #expect(
            throws: VectorFileError.malformed(
                path: path, reason: "is damaged: the HDF5 library crashed on it")
        ) {
            _ = try unsafe buffer.withUnsafeMutableBufferPointer { try unsafe matrix.next(into: $0) }
        }
    }

    @Test(
        "a job whose reader dies halfway keeps what came before and says what to do; no reader outlives its job"
    )
    func deadReaderOfJob() throws {
        let (rows, path) = (200_000, folder.file("x.hdf5"))
        #expect(unsafe test_hdf5_new(path, "angular", 0) == 0)
        let floats = (0..<16 * rows).map { Float($0 % 97) - 48 }
        #expect(unsafe test_hdf5_add_floats(path, "train", [UInt64(rows), 16], 2, floats, 0) == 0)
        try folder.write(Array((0..<rows).map { "subject \($0)\n" }.joined().utf8), to: "x.txt")
        for number in [SIGSEGV, SIGTERM] {
            let facegallery = Facegallery(folder)
            #expect(try facegallery("create", "-g", "g\(number)", "--dimension", "16").exitCode == 0)
            let job = Process()
            job.executableURL = URL(fileURLWithPath: Facegallery.path)
            job.arguments = ["enroll", "-g", "g\(number)", "--embeddings", "x.hdf5", "--subjects", "x.txt"]
            // Many transactions, so that the job is far from its end.
            job.arguments? += ["--commit-every", "500"]
            job.currentDirectoryURL = URL(fileURLWithPath: folder.path)
            let errors = Pipe()
            job.standardError = errors
            try job.run()
            let reader = try #require(child(of: job.processIdentifier))
            // Long enough for the job to watch for signals.
            usleep(100_000)
            kill(number == SIGSEGV ? reader : job.processIdentifier, number)
            let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            job.waitUntilExit()
            #expect(job.terminationStatus == (number == SIGSEGV ? 65 : 75), "\(said)")
            #expect(said.contains(number == SIGSEGV ? "crashed" : "run the same command again"), "\(said)")
            #expect(try facegallery("check", "-g", "g\(number)").exitCode == 0)
            var tries = 0
            while kill(reader, 0) == 0, tries < 100 {
                usleep(50_000)
                tries += 1
            }
            #expect(tries < 100, "the reader is still there")
        }
    }

    private func child(of process: Int32) -> Int32? {
        for _ in 0..<400 {
            let lists = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
            for task in lists {
                let file = "/proc/\(process)/task/\(task)/children"
                let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
                if let first = text.split(separator: " ").first { return Int32(first) }
            }
            usleep(5_000)
        }
        return nil
    }
}

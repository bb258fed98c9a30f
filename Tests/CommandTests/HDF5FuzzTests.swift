import CTestHDF5
import Foundation
import TestSupport
import Testing
import VectorFiles

@testable import facegallery

/// libhdf5 reads what strangers made, and does not always survive that.
@Suite("HDF5 files from anywhere", .timeLimit(.minutes(20)))
struct HDF5FuzzTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func matrix(at path: String) throws -> IsolatedMatrix {
        try IsolatedMatrix(path: path, program: Facegallery.path)
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
        var mutations = Mutations(of: seeds, seed: 5)
        let time = FuzzTime()
        var (inputs, taken, crashed) = (0, 0, 0)
        while time.isLeft {
            let path = try folder.write(mutations.next(), to: "fuzzed.hdf5")
            let start = ContinuousClock.now
            do {
                if try readAll(matrix(at: path)) > 0 { taken += 1 }
            } catch let error as VectorFileError {
                #expect(error.description.contains(path), "\(error)")
                if error.description.contains("crashed") { crashed += 1 }
            }
            #expect(ContinuousClock.now - start < .seconds(20))
            inputs += 1
        }
        #expect(inputs > 0 && time.growth < 256 << 20)
        print(
            "fuzzed fuzzed.hdf5: \(inputs) inputs, \(taken) taken, \(crashed) crashed the process that reads them"
        )
    }

    @Test("a process that dies while it reads is an error that names the file")
    func deadReader() throws {
        let program = folder.file("dies")
        try folder.write(
            Array(
                (#"#!/bin/sh"# + "\n"
                    + #"printf '\20\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\20\0\0\0\0\0\0\0'; kill -SEGV $$"#).utf8),
            to: "dies")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
        let path = try folder.write([], to: "x.hdf5")
        let matrix = try IsolatedMatrix(path: path, program: program)
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
            #expect(said.contains(number == SIGSEGV ? "crashed" : "the same command goes on"), "\(said)")
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

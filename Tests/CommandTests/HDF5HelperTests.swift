import CTestHDF5
import Foundation
import Glibc
import IsolatedHDF5
import ReferenceFiles
import GalleryModel
import TestSupport
import Testing
import VectorFiles

/// The program that reads and writes HDF5 files for others is found, started and ended by them.
@Suite("The helper for HDF5")
struct HDF5HelperTests {
    let folder: TemporaryFolder
    private let helper = TestedProgram(named: HDF5Helper.name).path

    init() throws { folder = try TemporaryFolder() }

    private func writeMatrix() throws {
        let path = folder.file("x.hdf5")
        #expect(unsafe test_hdf5_new(path, "angular", 0) == 0)
        #expect(unsafe test_hdf5_add_floats(path, "train", [1, 16], 2, (1...16).map { Float($0) }, 0) == 0)
        try folder.write(Array("Ada\n".utf8), to: "x.txt")
    }

    /// A copy of the program under a path in the folder, with its folders.
    private func place(_ program: String, at path: String) throws {
        try folder.copyProgram(program, to: folder.file(path))
    }

    /// A script in the place of the helper.
    private func script(_ text: String) throws -> HDF5Helper {
        HDF5Helper(at: try folder.writeScript(text, to: "helper"))
    }

    @Test("alone links libhdf5, so that every other start of the program is spared it")
    func linkedByNobodyElse() throws {
        var environment = ProcessInfo.processInfo.environment
        environment["LD_TRACE_LOADED_OBJECTS"] = "1"
        for (program, isLinked) in [(Facegallery.path, false), (helper, true)] {
            let result = try TestedProgram(path: program).run([], in: folder, environment: environment)
            #expect(
                result.out.contains("libc.so") && result.out.contains("libhdf5") == isLinked, "\(result.out)")
        }
    }

    @Test("is found beside the program, in libexec of its prefix, or in the folder that the environment names")
    func places() throws {
        try writeMatrix()
        try place(Facegallery.path, at: "alone/bin/facegallery")
        try place(Facegallery.path, at: "prefix/bin/facegallery")
        try place(helper, at: "prefix/libexec/facegallery/\(HDF5Helper.name)")
        var facegallery = Facegallery(folder)
        #expect(try facegallery("create", "-g", "g", "--dimension", "16").exitCode == 0)
        let arguments = ["enroll", "-g", "g", "--embeddings", "x.hdf5", "--subjects", "x.txt"]
        func run(_ program: String) throws -> Facegallery.Result {
            try facegallery.run(arguments, program: folder.file(program))
        }
        let refused = try run("alone/bin/facegallery")
        #expect(refused.exitCode == 1, "\(refused.err)")
        for part in [
            "x.hdf5: ", "alone/bin/\(HDF5Helper.name)", "alone/bin/../libexec/facegallery/\(HDF5Helper.name)",
            HDF5Helper.folderVariable,
        ] { #expect(refused.err.contains(part), "\(refused.err)") }
        #expect(try run("prefix/bin/facegallery").exitCode == 0)
        facegallery.environment[HDF5Helper.folderVariable] = folder.file("prefix/libexec/facegallery")
        #expect(try run("alone/bin/facegallery").exitCode == 0)
        // Where the environment names a folder, no other is looked at.
        facegallery.environment[HDF5Helper.folderVariable] = folder.file("none")
        let wrong = try run("prefix/bin/facegallery")
        #expect(wrong.exitCode == 1 && wrong.err.contains("none/\(HDF5Helper.name)"), "\(wrong.err)")
    }

    @Test("that is not there is an error with the places, from the library too")
    func missing() throws {
        try writeMatrix()
        let path = folder.file("x.hdf5")
        let nowhere = HDF5Helper(at: folder.file("none"))
        #expect(throws: HelperError.missing(path: path, places: [folder.file("none")])) {
            _ = try IsolatedMatrix(path: path, helper: nowhere)
        }
        let header = ReferenceFileHeader(
            StoreSettings(dimension: 16, networkName: "n", networkFingerprint: "f"), references: 0)
        #expect(throws: HelperError.missing(path: folder.file("y.h5"), places: [folder.file("none")])) {
            _ = try IsolatedReferenceWriter(path: folder.file("y.h5"), header: header, helper: nowhere)
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("y.h5")))
    }

    @Test("of another version is refused before anything is read")
    func otherVersion() throws {
        try writeMatrix()
        let path = folder.file("x.hdf5")
        let other = try script("exit 64")
        #expect(throws: HelperError.otherVersion(path: path, program: other.places[0])) {
            _ = try IsolatedMatrix(path: path, helper: other)
        }
        let result = try TestedProgram(path: helper).run(["read-matrix", "0", "60"], in: folder)
        #expect(result.exitCode == 64)
    }

    @Test("can be cancelled by another thread while its rows are waited for")
    func cancelled() throws {
        try writeMatrix()
        let path = folder.file("x.hdf5")
        // The shape of 2 rows of 16 numbers, and no row.
        let slow = try script(#"printf '\2\0\0\0\0\0\0\0\20\0\0\0\0\0\0\0'; exec sleep 60"#)
        let matrix = try IsolatedMatrix(path: path, helper: slow)
        let cancellation = matrix.cancellation
        // A thread of its own: this one may be the last of those that tasks share.
        Thread.detachNewThread {
            usleep(100_000)
            cancellation.cancel()
        }
        var buffer = [Float](repeating: 0, count: 32)
        let start = ContinuousClock.now
        #expect(throws: VectorFileError.system(path: path, operation: "read", code: ECANCELED)) {
            _ = try unsafe buffer.withUnsafeMutableBufferPointer { try unsafe matrix.next(into: $0) }
        }
        #expect(ContinuousClock.now - start < .seconds(30))
        cancellation.cancel()
    }

    @Test("that crashes while it writes leaves no file, and an error that names it", arguments: [0, 100_000])
    func deadWriter(count: Int) throws {
        let path = folder.file("y.h5")
        let settings = StoreSettings(dimension: 16, networkName: "n", networkFingerprint: "f")
        let writer = try IsolatedReferenceWriter(
            path: path, header: ReferenceFileHeader(settings, references: count),
            helper: script("kill -SEGV $$"))
        let reference = FileReference(
            subject: "Ada", id: 1, source: "s", enrolled: 1.7e9, quality: nil, sourceDigest: nil, metadata: [:],
            template: [1] + [Float](repeating: 0, count: 15))
        let error = #expect(throws: VectorFileError.self) {
            for _ in 0..<count { try writer.append(reference) }
            try writer.finish()
        }
        #expect(error?.description == "\(path): could not be written: the HDF5 library crashed")
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}

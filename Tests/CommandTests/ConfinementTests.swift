import CTestHDF5
import Foundation
import IsolatedHDF5
import TestSupport
import Testing

/// Files that are not ours are read by a process that has nothing but its file.
@Suite("Reading confined")
struct ConfinementTests {
    let folder: TemporaryFolder
    let facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
    }

    @Test("the process that reads can open and start nothing, and still read its file")
    func trial() throws {
        let input = try folder.write(Array("0123456789".utf8), to: "input")
        let result = try TestedProgram(named: HDF5Helper.name).run(
            ["try-confinement", HDF5Work.version, "60"], in: folder, input: input)
        #expect(result.exitCode == 0, "\(result.err)")
        let refused = result.lines.filter { $0.hasSuffix(": Operation not permitted") }
        #expect(refused.count == 10, "\(result.out)")
        #expect(result.lines.last == "read 10 bytes", "\(result.out)")
        #expect(result.lines.count == 11)
    }

    @Test("where filters of system calls are refused, Landlock still lets it open and start nothing")
    func landlock() throws {
        let input = try folder.write(Array("0123456789".utf8), to: "input")
        let result = try TestedProgram(named: HDF5Helper.name).run(
            ["try-landlock", HDF5Work.version, "60"], in: folder, input: input)
        #expect(result.exitCode == 0, "\(result.err)")
        guard result.lines.contains("open a file: Permission denied") else {
            try Test.cancel("this kernel has no Landlock")
        }
        for what in ["open a folder", "make a file", "open a file in another's place", "start a program"] {
            #expect(result.lines.contains("\(what): Permission denied"), "\(result.out)")
        }
        #expect(result.lines.last == "read 10 bytes", "\(result.out)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("facegallery-hdf5-trial")))
    }

    @Test("a matrix whose numbers lie in another file brings nothing of it into a gallery")
    func foreignMatrix() throws {
        let secret = try folder.write(
            Array("the words of somebody else, 64 bytes of them, as numbers to read".utf8), to: "secret")
        #expect(try facegallery("create", "-g", "g", "--dimension", "16").exitCode == 0)
        try folder.write(Array("Mallory\n".utf8), to: "names.txt")
        let source = folder.file("source.h5")
        #expect(unsafe test_hdf5_new(source, nil, 0) == 0)
        #expect(unsafe test_hdf5_add_floats(source, "train", [1, 16], 2, (1...16).map { Float($0) }, 0) == 0)
        for way in 0..<3 {
            let path = folder.file("matrix-\(way).h5")
            #expect(unsafe test_hdf5_new(path, "angular", 0) == 0)
            let shape: [UInt64] = [1, 16]
            switch way {
            case 0: #expect(unsafe test_hdf5_add_external(path, "train", shape, 2, secret) == 0)
            case 1: #expect(unsafe test_hdf5_add_virtual(path, "train", shape, 2, source) == 0)
            default: #expect(unsafe test_hdf5_add_link(path, "train", source) == 0)
            }
            let result = try facegallery("enroll", "-g", "g", "--embeddings", path, "--subjects", "names.txt")
            #expect(result.exitCode == 65 && result.err.contains(path), "\(result.err)")
        }
        #expect(try facegallery("subjects", "-g", "g").out.isEmpty)
    }
}

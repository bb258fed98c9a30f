import CTestHDF5
import Glibc
import HDF5Files
import TestSupport
import Testing
import VectorFiles

// libhdf5 keeps state for the whole process.
@Suite("HDF5 files that speak of other files", .serialized)
struct ForeignFilesTests {
    let folder: TemporaryFolder
    /// A file of somebody's that no matrix is to bring out: 64 bytes.
    let secret: String

    init() throws {
        folder = try TemporaryFolder()
        secret = try folder.write(Array(repeatElement(UInt8(ascii: "s"), count: 64)), to: "secret")
    }

    private func file() throws -> String {
        let path = folder.file("x.h5")
        #expect(unsafe test_hdf5_new(path, "angular", 0) == 0)
        return path
    }

    /// Why neither a matrix nor a column of a file can be read, by every way that there is.
    private func refusals(_ path: String, _ name: String = "train") throws -> [String] {
        var reasons: [String] = []
        func note(_ call: () throws -> Void) {
            let error = #expect(throws: VectorFileError.self) { try call() }
            guard case .malformed(_, let reason) = error else { return }
            reasons.append(reason)
        }
        let file = try HDF5File(path: path)
        note { _ = try HDF5MatrixReader(path: path) }
        note { _ = try AnnBenchmarksFile(path: path) }
        note { _ = try file.shape(of: name) }
        note { _ = try file.floats(of: name, rows: 0..<1) }
        note { _ = try file.integers(of: name, rows: 0..<1) }
        note { _ = try file.column(name, .float32) }
        note { _ = try file.numbers(name, rows: 0..<1, width: 4, as: Float.self) }
        note { _ = try file.texts(name, rows: 0..<1, most: 1 << 20) }
        #expect(reasons.count == 8)
        return reasons
    }

    @Test("external storage is not read, neither as a matrix nor as a column")
    func externalStorage() throws {
        let path = try file()
        #expect(unsafe test_hdf5_add_external(path, "train", [4, 4], 2, secret) == 0)
        for reason in try refusals(path) { #expect(reason.contains("lies in other files"), "\(reason)") }
    }

    @Test("virtual data sets are not read, whether their sources are there or not")
    func virtualDataSets() throws {
        let source = folder.file("source.h5")
        #expect(unsafe test_hdf5_new(source, nil, 0) == 0)
        #expect(unsafe test_hdf5_add_floats(source, "train", [1, 4], 2, [1, 2, 3, 4], 0) == 0)
        for other in [source, folder.file("none.h5"), "."] {
            let path = try file()
            #expect(unsafe test_hdf5_add_virtual(path, "train", [1, 4], 2, other) == 0)
            for reason in try refusals(path) { #expect(reason.contains("lies in other files"), "\(reason)") }
        }
    }

    @Test("links into other files are not followed")
    func links() throws {
        let source = folder.file("source.h5")
        #expect(unsafe test_hdf5_new(source, nil, 0) == 0)
        #expect(unsafe test_hdf5_add_floats(source, "train", [1, 4], 2, [1, 2, 3, 4], 0) == 0)
        let path = try file()
        #expect(unsafe test_hdf5_add_link(path, "train", source) == 0)
        for reason in try refusals(path) { #expect(reason.contains("is a link"), "\(reason)") }
    }

    @Test("filters that would be loaded as code are refused by their number, also where they may be left out")
    func filters() throws {
        let path = try file()
        #expect(unsafe test_hdf5_add_filtered(path, "train", [4, 4], 2, 32_015, 2) == 0)
        for reason in try refusals(path) { #expect(reason.contains("filter 32015"), "\(reason)") }
    }

    @Test("chunks that would fill the memory are refused with the limit")
    func chunks() throws {
        let path = try file()
        #expect(unsafe test_hdf5_add_filtered(path, "train", [1 << 20, 512], 2, 1, 1 << 20) == 0)
        for reason in try refusals(path) { #expect(reason.contains("chunks of over"), "\(reason)") }
        // As one chunk of 4 MiB many programs write a matrix.
        let usual = folder.file("usual.h5")
        #expect(unsafe test_hdf5_new(usual, nil, 0) == 0)
        #expect(unsafe test_hdf5_add_filtered(usual, "train", [8192, 128], 2, 1, 8192) == 0)
        #expect(try HDF5MatrixReader(path: usual).rows == 8192)
    }

    @Test("a row wider than any is refused before memory is taken for it")
    func wideRows() throws {
        let path = try file()
        #expect(unsafe test_hdf5_add_filtered(path, "train", [1, (1 << 20) + 1], 2, 1, 1) == 0)
        let error = #expect(throws: VectorFileError.self) { _ = try HDF5MatrixReader(path: path) }
        #expect(error?.description.contains("a row may have 1048576") == true)
    }

    @Test("a folder, a pipe and a device are no file, and nobody waits for them")
    func notRegular() throws {
        let pipe = folder.file("pipe")
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        for (path, kind) in [
            (folder.path, "a folder"), (pipe, "a named pipe"), ("/dev/zero", "a character device"),
        ] {
            let reason = "is \(kind), not a regular file"
            #expect(throws: VectorFileError.malformed(path: path, reason: reason)) {
                _ = try HDF5File(path: path)
            }
        }
    }
}

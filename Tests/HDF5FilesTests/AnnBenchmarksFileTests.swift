import CTestHDF5
import Foundation
import HDF5Files
import TestSupport
import Testing
import VectorFiles

// libhdf5 keeps state for the whole process.
@Suite("Data sets of ann-benchmarks", .serialized)
struct AnnBenchmarksFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Three references, two probes, two neighbours each; a part that is named here is not what it should be.
    private func write(
        distance: String? = "angular", fixedText: Bool = false, train: [Float] = [3, 4, 0, 2, -5, 0],
        chunk: UInt64 = 0, without missing: String = "", testShape: [UInt64] = [2, 2], linked: Bool = false
    ) throws -> String {
        let path = folder.file("set.hdf5")
        #expect(unsafe test_hdf5_new(path, distance, fixedText ? 1 : 0) == 0)
        if missing != "train" {
            #expect(unsafe test_hdf5_add_floats(path, "train", [3, 2], 2, train, chunk) == 0)
        }
        if linked {
            #expect(unsafe test_hdf5_add_link(path, "test", path) == 0)
        } else {
            let rank = Int32(testShape.count)
            #expect(unsafe test_hdf5_add_floats(path, "test", testShape, rank, [0, 1, 1, 1], 0) == 0)
        }
        #expect(unsafe test_hdf5_add_integers(path, "neighbors", [2, 2], 2, [1, 0, 0, 1]) == 0)
        return path
    }

    private func convert(_ path: String) throws -> (references: [Float], probes: [Float], truth: NpyIntegers) {
        let names = ["base.npy", "probes.npy", "truth.npy"].map { folder.file($0) }
        try AnnBenchmarksFile(path: path).write(references: names[0], probes: names[1], truth: names[2])
        let (base, probes) = (try NpyMatrixMap(path: names[0]), try NpyMatrixMap(path: names[1]))
        return (base.floats(0..<base.rows), probes.floats(0..<probes.rows), try NpyIntegers(path: names[2]))
    }

    private func reason(_ call: () throws -> Void) -> String {
        let error = #expect(throws: VectorFileError.self) { try call() }
        guard case .malformed(_, let reason) = error else { return "" }
        return reason
    }

    @Test(
        "rows of an angular set are brought to length 1, whichever kind of text says so",
        arguments: [true, false])
    func angular(fixedText: Bool) throws {
        let found = try convert(write(fixedText: fixedText))
        #expect(found.references == [0.6, 0.8, 0, 1, -1, 0])
        #expect(found.probes == [0, 1, Float(0.5).squareRoot(), Float(0.5).squareRoot()])
        #expect(found.truth == NpyIntegers(columns: 2, values: [1, 0, 0, 1]))
    }

    @Test("the rows of train are read in blocks, as they stand")
    func rows() throws {
        let reader = try HDF5MatrixReader(path: write(without: ""))
        #expect(reader.rows == 3 && reader.columns == 2)
        var buffer = [Float](repeating: 0, count: 4)
        var all: [Float] = []
        while true {
            let count = try unsafe buffer.withUnsafeMutableBufferPointer { try unsafe reader.next(into: $0) }
            if count == 0 { break }
            all += buffer[..<(count * 2)]
        }
        #expect(all == [3, 4, 0, 2, -5, 0])
    }

    @Test("a file without train is refused by the name of what is missing")
    func noRows() throws {
        let path = try write(without: "train")
        #expect(reason { _ = try HDF5MatrixReader(path: path) }.contains("train"))
    }

    @Test("a compressed set of many chunks gives the same rows")
    func chunked() throws {
        #expect(try convert(write(chunk: 1)).references == [0.6, 0.8, 0, 1, -1, 0])
    }

    @Test("some rows are read from the middle, and none beyond the end")
    func someRows() throws {
        let file = try HDF5File(path: write())
        let shape = try file.shape(of: "train")
        #expect(shape.rows == 3 && shape.columns == 2 && !shape.isWhole)
        #expect(try file.floats(of: "train", rows: 1..<3) == [0, 2, -5, 0])
        #expect(reason { _ = try file.floats(of: "train", rows: 2..<4) }.contains("not the rows"))
        #expect(reason { _ = try file.integers(of: "train", rows: 0..<1) }.contains("another kind"))
    }

    @Test("a set that unit vectors cannot answer is refused")
    func wrongDistance() throws {
        #expect(
            reason { _ = try AnnBenchmarksFile(path: write(distance: "euclidean")) }.contains("'euclidean'"))
        #expect(reason { _ = try convert(write(distance: "ip")) }.contains("row 0 of train has length 5.0"))
        let zero = reason { _ = try convert(write(train: [1, 0, 0, 0, 0, 1])) }
        #expect(zero.contains("row 1 of train has length 0.0"))
    }

    @Test("what is missing, misshapen or elsewhere is refused by name")
    func wrongParts() throws {
        func refusal(_ path: () throws -> String) -> String {
            reason { _ = try AnnBenchmarksFile(path: path()) }
        }
        #expect(refusal { try write(without: "train") }.contains("no data set 'train'"))
        #expect(refusal { try write(testShape: [2, 2, 1]) }.contains("'test' is not a matrix"))
        #expect(refusal { try write(testShape: [2, 1]) }.contains("do not fit together"))
        #expect(refusal { try write(linked: true) }.contains("is a link"))
    }

    @Test("a file that is not there or not HDF5 is told apart")
    func noSet() throws {
        #expect(throws: VectorFileError.missing(path: folder.file("none.hdf5"))) {
            try HDF5File(path: folder.file("none.hdf5"))
        }
        let text = try folder.write(Array("neither this nor that".utf8), to: "text.hdf5")
        #expect(reason { _ = try HDF5File(path: text) }.contains("not an HDF5 file"))
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: write())))
        let short = try folder.write(Array(whole[..<(whole.count / 2)]), to: "short.hdf5")
        #expect(throws: VectorFileError.self) { try convert(short) }
    }
}

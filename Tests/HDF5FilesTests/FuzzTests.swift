import CTestHDF5
import Foundation
import HDF5Files
import TestSupport
import Testing
import VectorFiles

extension AnnBenchmarksFileTests {
    /// libhdf5 reads what strangers made: whatever it is, there are rows or an error that names the file.
    @Test("whatever is in an HDF5 file, reading it gives rows or an error")
    func fuzzed() throws {
        var seeds: [[UInt8]] = []
        for (number, chunk) in [UInt64(0), 2].enumerated() {
            let path = folder.file("seed-\(number).hdf5")
            #expect(unsafe test_hdf5_new(path, "angular", 0) == 0)
            let floats = (0..<80).map { Float($0) }
            #expect(unsafe test_hdf5_add_floats(path, "train", [5, 16], 2, floats, chunk) == 0)
            seeds.append(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        }
        var mutations = Mutations(of: seeds, seed: 5)
        let time = FuzzTime()
        var (inputs, taken) = (0, 0)
        while time.isLeft {
            let path = try folder.write(mutations.next(), to: "fuzzed.hdf5")
            let start = ContinuousClock.now
            do {
                let matrix = try HDF5MatrixReader(path: path)
                taken += 1
                guard matrix.columns > 0, matrix.columns < 1 << 20 else { continue }
                var buffer = [Float](repeating: 0, count: 3 * matrix.columns)
                var blocks = 0
                while try unsafe buffer.withUnsafeMutableBufferPointer({ try unsafe matrix.next(into: $0) })
                    > 0,
                    blocks < 1_000
                {
                    blocks += 1
                }
            } catch let error as VectorFileError {
                #expect(error.description.contains(path), "\(error)")
            }
            #expect(ContinuousClock.now - start < .seconds(5))
            inputs += 1
        }
        #expect(time.growth < 256 << 20)
        #expect(inputs > 0, "\(taken) of \(inputs) inputs were taken")
        print("fuzzed fuzzed.hdf5: \(inputs) inputs, \(taken) taken")
    }
}

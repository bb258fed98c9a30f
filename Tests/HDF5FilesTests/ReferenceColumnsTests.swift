import Glibc
import HDF5Files
import ReferenceFiles
import GalleryModel
import TestSupport
import Testing
import VectorFiles

// libhdf5 keeps state for the whole process.
@Suite("References as columns", .serialized)
struct ReferenceColumnsTests {
    @Test("are read as they were written, through one open file", arguments: [0, 5_000])
    func roundTrip(count: Int) throws {
        let folder = try TemporaryFolder()
        var generator = SeededGenerator(seed: 3)
        let references = (0..<count).map { number in
            FileReference(
                subject: "Zoë \(number % 7)", id: Int64(number),
                source: String(repeating: "x", count: number % 90),
                enrolled: 1.7e9 + Double(number),
                quality: number.isMultiple(of: 2)
                    ? nil : ReferenceQuality(faceSize: number, sharpness: 2, yaw: -3, roll: 4, score: 0.5),
                sourceDigest: number.isMultiple(of: 3) ? nil : [UInt8](repeating: 7, count: 32),
                metadata: number.isMultiple(of: 5) ? ["a": "b"] : [:], template: generator.unitVector(16))
        }
        let header = ReferenceFileHeader(
            StoreSettings(dimension: 16, networkName: "n", networkFingerprint: "f"), references: count)
        let path = folder.file("x.h5")
        let descriptor = unsafe open(path, O_RDWR | O_CREAT, 0o600)
        let writer = try HDF5ReferenceWriter(descriptor: descriptor, path: path, header: header)
        for reference in references { try writer.append(reference) }
        try writer.finish()
        close(descriptor)
        let reader = try HDF5ReferenceReader(sealed: HDF5File(path: path))
        #expect(reader.header == header)
        var found: [FileReference] = []
        while let reference = try reader.next() { found.append(reference) }
        #expect(found == references)
    }
}

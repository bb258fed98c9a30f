import Glibc
import HDF5Files
import TestSupport
import Testing
import VectorFiles

// libhdf5 keeps state for the whole process.
@Suite("Columns of HDF5", .serialized)
struct ColumnsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("of texts are read in parts, and not beyond the memory that they may take")
    func texts() throws {
        let texts = ["", "Zoë", String(repeating: "x", count: 1_000), "名前"]
        let path = folder.file("x.h5")
        let descriptor = unsafe open(path, O_RDWR | O_CREAT, 0o600)
        defer { close(descriptor) }
        let writer = try HDF5Writer(descriptor: descriptor, path: path)
        try writer.add("texts", .text, rows: texts.count, columns: 0)
        try writer.write("texts", first: 0, texts)
        try writer.finish()
        let file = try HDF5File(path: path)
        #expect(try file.texts("texts", rows: 0..<4, most: 1 << 20) == texts)
        #expect(try file.texts("texts", rows: 1..<2, most: 100) == ["Zoë"])
        #expect(try file.texts("texts", rows: 0..<4, most: 1_000) == nil)
        // What was refused leaves the file as good as it was.
        #expect(try file.texts("texts", rows: 3..<4, most: 100) == ["名前"])
    }
}

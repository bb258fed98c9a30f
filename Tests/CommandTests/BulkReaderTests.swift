import Foundation
import Gallery
import TestSupport
import Testing

/// Who asks while a bulk job writes gets whole answers of a moment that was.
@Suite("A reader beside a bulk job")
struct BulkReaderTests {
    @Test("an open engine and new processes get no error and no torn answer, and see the gallery grow")
    func reader() throws {
        let folder = try TemporaryFolder()
        let facegallery = Facegallery(folder)
        var generator = SeededGenerator(seed: 41)
        let count = 24_000
        let rows = (0..<count).map { _ in generator.unitVector(16) }
        try folder.write(npy(rows), to: "x.npy")
        try folder.write(npy([rows[0], rows[count / 2]]), to: "probes.npy")
        try folder.write(Array((0..<count).map { "subject \($0 / 3)\n" }.joined().utf8), to: "x.txt")
        #expect(try facegallery("create", "-g", "g", "--dimension", "16").exitCode == 0)
        let gallery = try FaceGallery(at: folder.file("g"), readOnly: true)

        let job = Process()
        job.executableURL = URL(fileURLWithPath: Facegallery.path)
        job.arguments = [
            "enroll", "-g", "g", "--embeddings", "x.npy", "--subjects", "x.txt", "--commit-every", "1000",
        ]
        job.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        job.standardOutput = FileHandle.nullDevice
        job.standardError = FileHandle.nullDevice
        try job.run()
        var search = FaceGallery.Search()
        search.count = 10
        var sizes: Set<Int> = []
        var queries = 0
        while job.isRunning {
            let before = try gallery.statistics().references
            sizes.insert(before)
            let probe = rows[queries * 7919 % count]
            let answer = try gallery.identify(probe, search)
            let after = try gallery.statistics().references
            #expect(before == 0 || answer.candidates.count == min(10, max(1, before / 3)))
            for candidate in answer.candidates {
                let row = Int(candidate.reference) - 1
                // It was there, it is whose it is said to be, and it is as alike as it is said to be.
                #expect(row < after && candidate.subject == "subject \(row / 3)")
                let similarity = zip(rows[row], probe).reduce(Float(0)) { $0 + $1.0 * $1.1 }
                #expect(abs(similarity - Float(candidate.similarity)) < 1e-4)
            }
            if queries % 50 == 0 {
                let other = try facegallery("identify", "-g", "g", "--embeddings", "probes.npy", "--json")
                #expect(other.exitCode == 0, "\(other.err)")
                #expect(try other.objects().count == 2)
            }
            queries += 1
        }
        #expect(job.terminationStatus == 0)
        #expect(queries > 10 && sizes.count > 3, "\(queries) queries saw \(sizes.count) sizes")
        #expect(try gallery.statistics().references == count)
        #expect(try gallery.check().isSound)
    }
}

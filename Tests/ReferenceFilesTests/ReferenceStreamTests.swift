import Foundation
import Glibc
import ReferenceFiles
import GalleryModel
import TestSupport
import Testing
import VectorFiles

/// What a helper process hands over may be anything, if a file has taken it over.
@Suite("References from another process")
struct ReferenceStreamTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func stream(_ references: [FileReference]) throws -> [UInt8] {
        let header = ReferenceFileHeader(ReferenceFileTests.settings, references: references.count)
        var bytes = try ReferenceStream.begin(header)
        for reference in references { try ReferenceStream.append(reference, to: &bytes, path: "x") }
        return bytes
    }

    private func read(_ bytes: [UInt8]) throws -> [FileReference] {
        let descriptor = try openRegularFile(folder.write(bytes, to: "stream"))
        defer { close(descriptor) }
        let reader = try ReferenceStreamReader(descriptor: descriptor, name: "stream")
        var references: [FileReference] = []
        while let reference = try reader.next() { references.append(reference) }
        return references
    }

    @Test("come over with every bit, whether they fill one block or many", arguments: [0, 1, 5_000])
    func whole(count: Int) throws {
        let references = ReferenceFileTests.references(count)
        #expect(try read(stream(references)) == references)
    }

    @Test("are refused where they end early, also between two references")
    func cut() throws {
        let references = ReferenceFileTests.references(3)
        let whole = try stream(references)
        let two = try stream(Array(references[..<2])).count
        for count in [0, 3, 40, two, two + 3, whole.count - 1] {
            let error = #expect(throws: VectorFileError.self) { _ = try read(Array(whole[..<count])) }
            #expect(error?.kind == .badData, "cut to \(count): \(String(describing: error))")
        }
    }

    @Test("are taken or refused whatever bytes come, within the memory of a part")
    func fuzzed() throws {
        let seeds = try [1, 6].map { try stream(ReferenceFileTests.references($0)) }
        var mutations = Mutations(of: seeds, seed: 77)
        let time = FuzzTime()
        var (inputs, refused) = (0, 0)
        while time.isLeft {
            do { _ = try read(mutations.next()) } catch is VectorFileError { refused += 1 }
            inputs += 1
        }
        #expect(inputs > 0 && time.growth < 256 << 20)
        print("fuzzed streams of references: \(inputs) inputs, \(refused) refused")
    }
}

import TestSupport
import Testing

@testable import PhotoManifest

@Suite("A manifest from anywhere")
struct ManifestFuzzTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let csv = [
        "path,subject,city\na.jpg,Ada,London\n\"b,1.jpg\",\"Bo \"\"B\"\"\",\"x\r\ny\"\n",
        "\u{FEFF}subject,path\r\nZoë,z.jpg\r\n,\r\n", "path,subject\n\na,b,c\n\"",
    ]
    private static let json = [
        "{\"path\": \"a.jpg\", \"subject\": \"Zo\\u00eb\", \"year\": 1815, \"x\": null}\n{\"path\": \"b\"}\n",
        "[]\n{\"subject\":\"A\",\"path\":\"\\ud800\",\"deep\":{\"a\":[1e400]}}",
    ]

    @Test(
        "gives rows or an error that names it, and every row is on a later line than the one before",
        arguments: [("people.csv", csv, UInt64(8)), ("people.jsonl", json, 9)])
    func fuzzed(name: String, seeds: [String], seed: UInt64) throws {
        var mutations = Mutations(of: seeds.map { Array($0.utf8) }, seed: seed)
        let time = FuzzTime()
        var (inputs, photos, unusable, broken) = (0, 0, 0, 0)
        while time.isLeft {
            let path = try folder.write(mutations.next(), to: name)
            inputs += 1
            do {
                var reader = try ManifestReader(path)
                var last = 0
                while let row = try reader.next() {
                    #expect(row.line > last)
                    last = row.line
                    switch row.content {
                    case .photo(let path, _, let metadata):
                        #expect(!path.isEmpty && metadata["path"] == nil)
                        photos += 1
                    case .unusable(let reason):
                        #expect(!reason.isEmpty)
                        unusable += 1
                    }
                }
            } catch {
                #expect("\(error)".contains(path), "\(error)")
                broken += 1
            }
        }
        #expect(inputs > 0 && photos > 0 && time.growth < 256 << 20)
        print("fuzzed \(name): \(inputs) inputs, \(photos) photos, \(unusable) bad rows, \(broken) ended early")
    }

    @Test("whose first line names a hundred thousand columns is read at once", .timeLimit(.minutes(1)))
    func manyColumns() throws {
        let columns = (0..<100_000).map(String.init)
        let path = try folder.write(
            Array((["path", "subject"] + columns).joined(separator: ",").utf8) + Array("\na.jpg,Ada\n".utf8),
            to: "wide.csv")
        let start = ContinuousClock.now
        var reader = try ManifestReader(path)
        #expect(try reader.next()?.line == 2)
        #expect(ContinuousClock.now - start < .seconds(10))
    }
}

import Glibc
import TestSupport
import Testing

@testable import PhotoManifest

@Suite("A manifest that comes slowly")
struct WaitingTests {
    /// A pipe that is the manifest `people.csv` or `people.jsonl`.
    private final class PipedManifest {
        let path: String
        private let folder: TemporaryFolder
        private var descriptor: Int32 = -1

        init(_ name: String) throws {
            folder = try TemporaryFolder()
            path = folder.file(name)
            try #require(unsafe mkfifo(path, 0o600) == 0)
            // Open to read, too, so that neither end waits for the other.
            descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
            try #require(descriptor >= 0)
        }

        deinit { close(descriptor) }

        func write(_ text: String) {
            let bytes = Array(text.utf8)
            #expect(unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        }
    }

    private func next(_ reader: inout ManifestReader) throws -> String? {
        let row = try reader.next(before: .now + .milliseconds(20))
        guard case .photo(let path, _, _)? = row?.content else { return row.map { "\($0.content)" } }
        return "\(row?.line ?? 0) \(path)"
    }

    @Test("gives each row as soon as it is whole, and goes on with the row that was begun")
    func csv() throws {
        let pipe = try PipedManifest("people.csv")
        pipe.write("path,subject\na,Ada\n\n\"b")
        var reader = try ManifestReader(pipe.path)
        #expect(try next(&reader) == "2 a")
        for part in ["", "\n", "b\"", ",B"] {
            pipe.write(part)
            #expect(throws: ManifestError.notYet) { try next(&reader) }
        }
        pipe.write("o\n\n\nc,Cy\r")
        #expect(try next(&reader) == "4 b\nb")
        #expect(throws: ManifestError.notYet) { try next(&reader) }
        pipe.write("\n")
        #expect(try next(&reader) == "8 c")
    }

    @Test("does so in JSON Lines, also after a line that is too long")
    func jsonLines() throws {
        let pipe = try PipedManifest("people.jsonl")
        pipe.write(#"{"path":"a","subject":"A"}"#)
        var reader = try ManifestReader(pipe.path)
        #expect(throws: ManifestError.notYet) { try next(&reader) }
        pipe.write("\n\n")
        #expect(try next(&reader) == "1 a")
        #expect(throws: ManifestError.notYet) { try next(&reader) }
        let part = String(repeating: "x", count: 1 << 15)
        for _ in 0..<32 {
            pipe.write(part)
            #expect(throws: ManifestError.notYet) { try next(&reader) }
        }
        pipe.write("xx")
        #expect(try next(&reader)?.contains("longer than 1 MiB") == true)
        pipe.write("xx")
        #expect(throws: ManifestError.notYet) { try next(&reader) }
        pipe.write("x\n" + #"{"path":"b","subject":"B"}"# + "\n")
        #expect(try next(&reader) == "4 b")
    }

    @Test("is called off though it waits")
    func calledOff() throws {
        let pipe = try PipedManifest("people.csv")
        pipe.write("path,subject\n")
        var reader = try ManifestReader(pipe.path, shouldStop: { true })
        #expect(throws: ManifestError.stopped) { try reader.next() }
    }
}

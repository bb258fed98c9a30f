import Foundation
import TestSupport
import Testing

@Suite("Standard streams")
struct StreamTests {
    let folder: TemporaryFolder
    let facegallery: Facegallery

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        var generator = SeededGenerator(seed: 4)
        try folder.write(npy((0..<10).map { _ in generator.unitVector(16) }), to: "x.npy")
        try folder.write(Array((0..<10).map { "s\($0)\n" }.joined().utf8), to: "x.txt")
        #expect(try facegallery("create", "-g", "g", "--dimension", "16").exitCode == 0)
    }

    private func shell(_ script: String) throws -> Facegallery.Result {
        try facegallery.run(["-c", script, Facegallery.path], program: "/bin/bash")
    }

    @Test(
        "that are closed are never mistaken for a gallery's files",
        arguments: ["<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", "<&- >&- 2>&-"])
    func closed(redirection: String) throws {
        _ = try shell("\"$0\" enroll -g g --json --embeddings x.npy --subjects x.txt \(redirection)")
        _ = try shell("\"$0\" identify -g g --embeddings x.npy \(redirection)")
        _ = try shell("\"$0\" identify -g g --embeddings missing.npy \(redirection)")
        let check = try facegallery("check", "-g", "g")
        #expect(check.exitCode == 0, "\(check.out) \(check.err)")
        #expect(try facegallery("stats", "-g", "g", "--json").objects().first?["references"] as? Int == 10)
    }

    @Test("that take no more are an error of input and output", arguments: [">&-", ">/dev/full"])
    func fullOutput(redirection: String) throws {
        let result = try shell("\"$0\" subjects -g g; \"$0\" stats -g g \(redirection)")
        #expect(result.exitCode == 74, "\(result.err)")
        #expect(result.err.contains("cannot write to standard output"))
    }
}

import Enrollment
import Foundation
import GalleryModel
import Glibc
import Testing
import TestSupport

/// Whatever a program pipes in, each line is a row or is refused by its number.
@Suite("Fuzzed JSON Lines")
struct JSONLinesFuzzTests {
    @Test("lines are taken or refused, and memory does not grow")
    func fuzzed() throws {
        let folder = try TemporaryFolder()
        var generator = SeededGenerator(seed: 6)
        let good = (0..<3).map { "{\"subject\": \"Zoë \($0)\", \"embedding\": \(generator.unitVector(16))}\n" }
        let seeds = [good.joined(), good[0], "{\"embedding\": [1e400], \"subject\": \"\\ud800\"}\n"]
        var mutations = Mutations(of: seeds.map { Array($0.utf8) }, seed: 7)
        let time = FuzzTime()
        var (inputs, taken, refused) = (0, 0, 0)
        while time.isLeft {
            let path = try folder.write(mutations.next(), to: "x.jsonl")
            let descriptor = unsafe open(path, O_RDONLY)
            defer { close(descriptor) }
            let input = try JSONLinesInput(dimension: 16, descriptor: descriptor)
            while true {
                var batch = try TemplateBatch(dimension: 16, origin: input.origin, capacity: 0)
                var out = 0
                let rows = try input.fill(&batch, limit: 2) { refused in
                    out += 1
                    #expect(!refused.fault.isEmpty)
                }
                if rows == 0 { break }
                #expect(rows == batch.count + out && rows <= 2)
                taken += batch.count
                refused += out
            }
            inputs += 1
        }
        #expect(time.growth < 256 << 20)
        #expect(inputs > 0 && taken + refused > 0)
        print("fuzzed x.jsonl: \(inputs) inputs, \(taken) lines taken, \(refused) refused")
    }
}

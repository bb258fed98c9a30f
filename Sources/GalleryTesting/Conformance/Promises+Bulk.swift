internal import GalleryModel

extension StorageConformance {
    private typealias Trial = StorageTrial

    private static func batch(_ rows: [(Int, String)]) throws -> TemplateBatch {
        var batch = try TemplateBatch(dimension: Trial.dimension, origin: "given.npy", capacity: rows.count)
        for (row, (number, subject)) in rows.enumerated() {
            try batch.append(template: Trial.template(number), subject: subject, row: row)
        }
        return batch
    }

    private static let export = ExportNumber("000102030405060708090a0b0c0d0e0f")
    private static let otherExport = ExportNumber("ff0102030405060708090a0b0c0d0e0f")

    static let bulk: [Promise] = [
        Promise("of a batch what a subject has already is left out, and the rest added in order") { trial in
            let first = try batch([(1, "Ada"), (2, "Ada"), (1, "Ada"), (1, "Bob")])
            trial.expect(try trial.storage.add([first]), is: BatchOutcome(added: 3, present: 1), "the outcome")
            let second = try batch([(2, "Ada"), (3, "Cleo")])
            let outcome = try trial.storage.add([first, second])
            trial.expect(outcome, is: BatchOutcome(added: 1, present: 5), "the outcome of a second run")
            trial.expect(try trial.subjects(), is: ["Ada": 2, "Bob": 1, "Cleo": 1], "subjects")
            trial.expect(try trial.reference(3)?.source, is: "given.npy:3", "the source of a given template")
        },
        Promise("a rehearsal tells what would become of batches, and writes nothing") { trial in
            try trial.enrol([Trial.reference(1, of: "Ada", hasDigest: false)])
            var rehearsal = trial.storage.rehearsal()
            let first = try rehearsal.outcome(of: [batch([(1, "Ada"), (2, "Ada"), (2, "Ada"), (2, "Bob")])])
            trial.expect(first, is: BatchOutcome(added: 2, present: 2), "the first outcome")
            let second = try rehearsal.outcome(of: [batch([(2, "Bob"), (3, "Bob")])])
            trial.expect(second, is: BatchOutcome(added: 1, present: 1), "the second outcome")
            trial.expect(try trial.storage.size().references, is: 1, "references after a rehearsal")
        },
        Promise("batches of another dimension are refused, and nothing of their call is added") { trial in
            var wide = try TemplateBatch(dimension: 32, origin: "wide", capacity: 1)
            try wide.append(template: [Float](repeating: 1, count: 32), subject: "Ada", row: 0)
            trial.expectError("a batch of 32 numbers") {
                _ = try trial.storage.add([batch([(1, "Ada")]), wide])
            } _: {
                $0.kind == .usage
            }
            trial.expect(try trial.storage.size().references, is: 0, "references of a refused call")
        },
        Promise("each place of an export is taken once, in whatever pieces it comes") { trial in
            guard let export, let otherExport else { return trial.expect(false, "no number of an export") }
            let all = (0..<10).map { Trial.reference($0, of: "s\($0 % 3)", hasDigest: false) }
            func take(_ range: Range<Int>, _ trial: StorageTrial) throws -> [Int] {
                let counts = try trial.storage.importReferences(
                    Array(all[range]), of: export, from: range.lowerBound)
                return [counts.added, counts.present]
            }
            trial.expect(try take(0..<6, trial), is: [6, 0], "the first six")
            trial.expect(try take(4..<10, trial), is: [4, 2], "six from the fifth on")
            trial.expect(try take(0..<10, trial), is: [0, 10], "all once more")
            trial.expect(try trial.storage.importedCount(of: export), is: 10, "places taken")
            trial.expect(try trial.storage.importedCount(of: otherExport), is: 0, "places of another export")
            trial.expectError("an import that leaves a place out") {
                _ = try trial.storage.importReferences([all[0]], of: export, from: 11)
            } _: {
                $0.kind == .usage
            }
            let twins = [all[1], all[1], Trial.reference(40, of: "s1"), Trial.reference(40, of: "s1")]
            let counts = try trial.storage.importReferences(twins, of: otherExport, from: 0)
            trial.expect(
                [counts.added, counts.present], is: [2, 2], "twins, of which one pair was there before")
            trial.expect(try trial.storage.importedCount(of: export), is: 0, "places of what is not the latest")
        },
    ]
}

internal import GalleryModel

extension StorageConformance {
    private typealias Trial = StorageTrial

    static let changing: [Promise] = [
        Promise("ids ascend from 1 and are not given twice, whatever is removed") { trial in
            trial.expect(
                try trial.enrol((1...3).map { Trial.reference($0, of: "s\($0)") }), is: [1, 2, 3], "ids")
            try trial.storage.remove(reference: 3)
            _ = try trial.storage.remove(subject: "s2")
            trial.expect(try trial.enrol([Trial.reference(4, of: "s2")]), is: [4], "the id after removals")
            trial.expect(try trial.reference(2), is: nil, "a removed reference")
            trial.expect(try trial.subjects(), is: ["s1": 1, "s2": 1], "subjects")
        },
        Promise("a source whose digest its subject has is present, and is not added again") { trial in
            try trial.enrol([Trial.reference(1, of: "Ada")])
            let twice = [1, 1, 2, 2].map { ReferenceAddition(Trial.reference($0, of: "Ada")) }
            let other = ReferenceAddition(Trial.reference(1, of: "Bob"))
            let added = try trial.storage.change(adding: twice + [other], updating: []).additions
            let expected: [Addition] = [
                .present(1, source: "1.jpg"), .present(1, source: "1.jpg"), .added(2),
                .present(2, source: "2.jpg"), .added(3),
            ]
            trial.expect(added, is: expected, "outcomes")
        },
        Promise("a reference that is replaced leaves only with the one that replaces it") { trial in
            try trial.enrol((1...3).map { Trial.reference($0, of: "Ada") })
            func replacing(_ number: Int, _ old: ReferenceID, _ source: String) -> ReferenceAddition {
                ReferenceAddition(
                    Trial.reference(number, of: "Ada"),
                    replaces: FoundReference(reference: old, source: source))
            }
            let added = try trial.storage.change(
                adding: [
                    replacing(4, 1, "1.jpg"), replacing(5, 2, "moved meanwhile.jpg"),
                    replacing(3, 2, "2.jpg"),
                ], updating: []
            ).additions
            let expected: [Addition] = [
                .added(4, replaced: 1), .added(5), .present(3, source: "3.jpg"),
            ]
            trial.expect(added, is: expected, "outcomes")
            trial.expect(try trial.references(of: "Ada"), is: [2, 3, 4, 5], "references that stay")
        },
        Promise("an update changes metadata, stamp and source, unless the reference is elsewhere or gone") {
            trial in
            try trial.enrol((1...3).map { Trial.reference($0, of: "Ada") })
            let stamp = SourceStamp(size: 9, modified: 8)
            let updates = [
                ReferenceUpdate(
                    reference: 1, metadata: ["a": "b"], stamp: stamp,
                    move: SourceMove(
                        from: "1.jpg", to: "new/1.jpg", replaces: FoundReference(reference: 2, source: "2.jpg"))
                ),
                ReferenceUpdate(
                    reference: 3, metadata: ["x": "y"], stamp: nil,
                    move: SourceMove(from: "old.jpg", to: "n.jpg")),
                ReferenceUpdate(reference: 77, metadata: [:], stamp: nil),
            ]
            let done = try trial.storage.change(adding: [], updating: updates).updates
            trial.expect(done, is: [.updated(replaced: 2), .elsewhere(source: "3.jpg"), .gone], "outcomes")
            let first = try trial.reference(1)
            trial.expect(first?.source, is: "new/1.jpg", "the source after a move")
            trial.expect(first?.metadata, is: ["a": "b"], "the metadata after an update")
            trial.expect(first?.sourceStamp, is: stamp, "the stamp after an update")
            trial.expect(first?.sourceDigest, is: Trial.digest(1), "the digest after an update")
            trial.expect(try trial.reference(3)?.metadata, is: [:], "the metadata of what is elsewhere")
            trial.expect(try trial.references(of: "Ada"), is: [1, 3], "references that stay")
        },
        Promise("a change that cannot be made whole changes nothing") { trial in
            try trial.enrol([Trial.reference(1, of: "Ada")])
            let good = Trial.reference(2, of: "Ada")
            var bad: [(String, NewReference)] = []
            let templates: [[Float]] = [
                [Float](repeating: 0, count: 16), [1, 2, 3], [.nan] + Trial.template(1).dropFirst(),
            ]
            for template in templates {
                var reference = good
                reference.template = template
                bad.append(("template \(template.prefix(3))…", reference))
            }
            for name in ["", "  ", "a\u{7}b", String(repeating: "x", count: SubjectName.longest + 1)] {
                var reference = good
                reference.subject = name
                bad.append(("name of \(name.utf8.count) bytes", reference))
            }
            for (what, change) in [
                ("digest", { $0.sourceDigest = [1, 2, 3] }),
                ("source", { $0.source = String(repeating: "s", count: NewReference.longestSource + 1) }),
                ("metadata", { $0.metadata = ["k": String(repeating: "m", count: 70_000)] }),
                ("time", { $0.enrolled = .infinity }),
            ] as [(String, (inout NewReference) -> Void)] {
                var reference = good
                change(&reference)
                bad.append((what, reference))
            }
            for (what, reference) in bad {
                trial.expectError("a reference of a bad \(what)") {
                    _ = try trial.storage.change(
                        adding: [ReferenceAddition(good), ReferenceAddition(reference)],
                        updating: [ReferenceUpdate(reference: 1, metadata: ["no": "no"], stamp: nil)])
                } _: {
                    $0.kind == .badData
                }
            }
            trial.expect(try trial.storage.size(), is: GallerySize(subjects: 1, references: 1), "size")
            trial.expect(try trial.reference(1)?.metadata, is: [:], "metadata of a refused change")
        },
        Promise("a subject is renamed to a name that is free, and keeps number and references") { trial in
            try trial.enrol([Trial.reference(1, of: "Ada"), Trial.reference(2, of: "Bob")])
            let number = try trial.subject("Ada")?.number
            try trial.storage.rename("Ada", to: " Ada Lovelace ")
            trial.expect(try trial.subject("Ada Lovelace")?.number, is: number, "the number after a rename")
            trial.expect(try trial.subject("Ada"), is: nil, "the old name")
            try trial.storage.rename("Ada Lovelace", to: "Ada Lovelace")
            trial.expectError("a rename of nobody") {
                try trial.storage.rename("Eve", to: "x")
            } _: {
                if case .unknownSubject = $0 { true } else { false }
            }
            trial.expectError("a rename to a name that is taken") {
                try trial.storage.rename("Bob", to: "Ada Lovelace")
            } _: {
                if case .nameTaken = $0 { true } else { false }
            }
            trial.expectError("a rename to no name") {
                try trial.storage.rename("Bob", to: " ")
            } _: {
                if case .invalidName = $0 { true } else { false }
            }
            trial.expect(try trial.subjects(), is: ["Ada Lovelace": 1, "Bob": 1], "subjects")
        },
        Promise("a merge moves all references, with all they have, and removes the emptied subject") { trial in
            var with = Trial.reference(1, of: "Ada")
            with.metadata = ["k": "v"]
            try trial.enrol([with, Trial.reference(2, of: "Bob"), Trial.reference(3, of: "Ada")])
            try trial.storage.merge("Ada", into: "Bob")
            trial.expect(try trial.references(of: "Bob"), is: [1, 2, 3], "references after a merge")
            trial.expect(try trial.subject("Ada"), is: nil, "the emptied subject")
            trial.expect(try trial.reference(1)?.metadata, is: ["k": "v"], "metadata after a merge")
            trial.expectError("a merge into itself") {
                try trial.storage.merge("Bob", into: "Bob")
            } _: {
                $0.kind == .usage
            }
            for (from, into) in [("Bob", "Eve"), ("Eve", "Bob")] {
                trial.expectError("a merge of \(from) into \(into)") {
                    try trial.storage.merge(from, into: into)
                } _: {
                    if case .unknownSubject = $0 { true } else { false }
                }
            }
        },
        Promise("a subject goes with its last reference, and what is not there cannot be removed") { trial in
            try trial.enrol((1...3).map { Trial.reference($0, of: $0 < 3 ? "Ada" : "Bob") })
            try trial.storage.remove(reference: 1)
            trial.expect(try trial.subject("Ada")?.referenceCount, is: 1, "references left")
            try trial.storage.remove(reference: 2)
            trial.expect(try trial.subject("Ada"), is: nil, "a subject without references")
            trial.expect(try trial.storage.remove(subject: "Bob"), is: 1, "references removed")
            trial.expect(try trial.storage.size(), is: GallerySize(subjects: 0, references: 0), "size")
            trial.expectError("removing nobody") {
                _ = try trial.storage.remove(subject: "Bob")
            } _: {
                if case .unknownSubject = $0 { true } else { false }
            }
            trial.expectError("removing a reference twice") {
                try trial.storage.remove(reference: 1)
            } _: {
                if case .unknownReference = $0 { true } else { false }
            }
        },
    ]
}

internal import GalleryModel

/// What a storage remembers besides its references.
extension StorageConformance {
    private typealias Trial = StorageTrial

    static let memory: [Promise] = [
        Promise("a subject is found by the names that it had before, until it is removed") { trial in
            func former(_ name: String) throws -> String? {
                try trial.storage.read { state throws(StoreError) in
                    try state.subject(formerlyNamed: name)?.name
                }
            }
            try trial.enrol([Trial.reference(1, of: "Ada"), Trial.reference(2, of: "Bob")])
            trial.expect(try former("Ada"), is: nil, "a name that nobody gave up")
            try trial.storage.rename("Ada", to: "Ada Byron")
            try trial.storage.rename("Ada Byron", to: "Ada Lovelace")
            trial.expect(try former("Ada"), is: "Ada Lovelace", "the first name")
            trial.expect(try former(" Ada Byron "), is: "Ada Lovelace", "the second name, in another form")
            try trial.storage.merge("Ada Lovelace", into: "Bob")
            for name in ["Ada", "Ada Byron", "Ada Lovelace"] {
                trial.expect(try former(name), is: "Bob", "\(name) after a merge")
            }
            try trial.enrol([Trial.reference(3, of: "Ada")])
            try trial.storage.rename("Ada", to: "Ada King")
            trial.expect(try former("Ada"), is: "Ada King", "the one that gave the name up last")
            _ = try trial.storage.remove(subject: "Ada King")
            trial.expect(try former("Ada"), is: "Bob", "the one before, after the last was removed")
            _ = try trial.storage.remove(subject: "Bob")
            trial.expect(try former("Ada"), is: nil, "a subject that was removed")
        },
        Promise("a reference that may not be shared is not added if another subject has its digest") { trial in
            try trial.enrol([Trial.reference(1, of: "Ada")])
            func twin(_ number: Int, of subject: String, mayBeShared: Bool) -> ReferenceAddition {
                var new = Trial.reference(number, of: subject)
                new.source = "elsewhere.jpg"
                return ReferenceAddition(new, mayBeShared: mayBeShared)
            }
            let done = try trial.storage.change(
                adding: [
                    twin(1, of: "Bob", mayBeShared: false), twin(2, of: "Bob", mayBeShared: false),
                    twin(2, of: "Cleo", mayBeShared: false), twin(2, of: "Cleo", mayBeShared: true),
                    twin(1, of: "Ada", mayBeShared: false),
                ], updating: []
            ).additions
            trial.expect(
                done,
                is: [
                    .ofOther(1, subject: "Ada", source: "1.jpg"), .added(2),
                    .ofOther(2, subject: "Bob", source: "elsewhere.jpg"), .added(3),
                    .present(1, source: "1.jpg"),
                ], "outcomes")
            trial.expect(try trial.subjects(), is: ["Ada": 1, "Bob": 1, "Cleo": 1], "subjects")
            let found = try trial.storage.read { state throws(StoreError) in
                try state.reference(withDigest: Trial.digest(2))?.id
            }
            trial.expect(found, is: 2, "the lowest reference with a digest")
        },
        Promise("a merge drops references whose digest the target has") { trial in
            try trial.enrol(
                [
                    Trial.reference(1, of: "Ada"), Trial.reference(2, of: "Ada"),
                    Trial.reference(1, of: "Bob"), Trial.reference(4, of: "Ada", hasDigest: false),
                    Trial.reference(4, of: "Bob", hasDigest: false),
                ])
            let outcome = try trial.storage.merge("Ada", into: "Bob")
            trial.expect(outcome, is: MergeOutcome(moved: 2, dropped: 1), "the outcome")
            trial.expect(try trial.references(of: "Bob"), is: [2, 3, 4, 5], "references after a merge")
            trial.expect(try trial.storage.size(), is: GallerySize(subjects: 1, references: 4), "size")
        },
        Promise("a note is kept until it is replaced or removed, and is no part of another") { trial in
            func note(_ note: GalleryNote) throws -> [UInt8]? {
                try trial.storage.read { state throws(StoreError) in try state.note(note) }
            }
            let (one, other) = (GalleryNote("one"), GalleryNote("one-more"))
            trial.expect(try note(one), is: nil, "a note that was never kept")
            try trial.storage.keep([1, 2, 3], as: one)
            try trial.storage.keep([], as: other)
            trial.expect(try note(one), is: [1, 2, 3], "a note")
            trial.expect(try note(other), is: [], "an empty note")
            try trial.storage.keep([4], as: one)
            trial.expect(try note(one), is: [4], "a note that was replaced")
            try trial.storage.keep(nil, as: one)
            try trial.storage.keep(nil, as: one)
            trial.expect(try note(one), is: nil, "a note that was removed")
            trial.expect(try note(other), is: [], "the other note")
            trial.expectError("a note that is too long") {
                try trial.storage.keep([UInt8](repeating: 0, count: GalleryNote.longest + 1), as: one)
            } _: {
                $0.kind == .usage
            }
        },
    ]
}

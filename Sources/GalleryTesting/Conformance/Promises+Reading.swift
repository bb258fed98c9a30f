internal import GalleryModel

extension StorageConformance {
    private typealias Trial = StorageTrial

    static let reading: [Promise] = [
        Promise("an empty gallery has its settings and nobody in it") { trial in
            trial.expect(trial.storage.settings, is: Trial.settings, "settings")
            trial.expect(try trial.storage.size(), is: GallerySize(subjects: 0, references: 0), "size")
            trial.expect(try trial.subjects(), is: [:], "subjects")
            trial.expect(try trial.subject("Ada"), is: nil, "a subject of no gallery")
            trial.expect(try trial.reference(1), is: nil, "a reference of no gallery")
            let hits = try trial.storage.search { state throws(StoreError) in
                try state.nearest(to: Trial.template(1), SearchRequest(count: 3, mode: .exact))
            }
            trial.expect(hits, is: [[]], "hits in an empty gallery")
        },
        Promise("what was added is read again with all its parts") { trial in
            var new = Trial.reference(1, of: "Ada")
            new.sourceStamp = SourceStamp(size: 1_234, modified: -5)
            new.quality = ReferenceQuality(faceSize: 80, sharpness: 12.5, yaw: -3, roll: 2, score: 0.75)
            new.enrolled = 1_700_000_000.25
            new.metadata = ["camera": "door", "Ä": "\u{1F600}"]
            guard let id = try trial.enrol([new]).first, let found = try trial.reference(id),
                let subject = try trial.subject("Ada")
            else {
                return trial.expect(false, "what was added is not there")
            }
            let expected = Reference(
                id: id, subject: subject.number, source: new.source, sourceDigest: new.sourceDigest,
                sourceStamp: new.sourceStamp, quality: new.quality, metadata: new.metadata,
                enrolled: 1_700_000_000.25)
            trial.expect(found, is: expected, "the reference")
            let (name, ids, templates, byDigest) = try trial.storage.read { state throws(StoreError) in
                let (ids, templates) = try state.templates(of: subject.number)
                return (
                    try state.name(of: subject.number), ids, templates,
                    try state.reference(withDigest: Trial.digest(1), subject: "Ada")
                )
            }
            trial.expect(name, is: "Ada", "the subject's name")
            trial.expect(ids, is: [id], "ids of the subject's templates")
            trial.expect(templates, is: new.template, "the template, to the last bit")
            trial.expect(byDigest, is: id, "the reference of the digest")
        },
        Promise("what is not there is nil or empty, never an error") { trial in
            try trial.enrol([Trial.reference(1, of: "Ada")])
            try trial.storage.read { state throws(StoreError) in
                let found: [Bool] = [
                    try state.name(of: 999) != nil, try !state.references(of: 999).isEmpty,
                    try !state.templates(of: 999).ids.isEmpty, try state.reference(-1) != nil,
                    try state.reference(.max) != nil, try state.subject(named: "") != nil,
                    try state.reference(withDigest: Trial.digest(9), subject: "Ada") != nil,
                    try state.reference(withDigest: Trial.digest(1), subject: "Bob") != nil,
                ]
                trial.expect(found, is: Array(repeating: false, count: 8), "what is found and not there")
            }
        },
        Promise("subjects are walked in the order of their names' bytes, references in ascending id") { trial in
            let names = ["b", "a", "Z", "é", "aa", "日本"]
            try trial.enrol(names.enumerated().map { Trial.reference($0.offset, of: $0.element) })
            try trial.enrol([Trial.reference(20, of: "a")])
            var walked: [String] = []
            try trial.storage.forEachSubject { walked.append($0.name) }
            trial.expect(walked, is: ["Z", "a", "aa", "b", "é", "日本"], "names")
            var (ids, count): ([ReferenceID], Int) = ([], -1)
            try trial.storage.forEachReference(begin: { count = $0 }) { reference, name, template in
                ids.append(reference.id)
                if reference.id == 7 {
                    trial.expect(name, is: "a", "the name of reference 7")
                    trial.expect(template, is: Trial.template(20), "the template of reference 7")
                }
            }
            trial.expect(count, is: 7, "the count that a walk begins with")
            trial.expect(ids, is: Array(1...7), "ids")
        },
        Promise("an error of the caller's ends a walk and comes out as it is") { trial in
            struct Enough: Error {}
            try trial.enrol((1...3).map { Trial.reference($0, of: "s\($0)") })
            var calls = 0
            do {
                try trial.storage.forEachSubject { _ in
                    calls += 1
                    throw Enough()
                }
                trial.expect(false, "the walk of subjects threw nothing")
            } catch is Enough {} catch { trial.expect(false, "the walk of subjects threw \(error)") }
            do {
                try trial.storage.forEachReference(begin: { _ in }) { _, _, _ in
                    calls += 1
                    throw Enough()
                }
                trial.expect(false, "the walk of references threw nothing")
            } catch is Enough {} catch { trial.expect(false, "the walk of references threw \(error)") }
            trial.expect(calls, is: 2, "calls of two walks that were ended at once")
        },
        Promise("a name means its bytes first, and its canonical form else") { trial in
            try trial.enrol([Trial.reference(1, of: " Zoe\u{301} ")])
            trial.expect(try trial.subject("Zo\u{E9}")?.name.utf8.count, is: 4, "bytes of the name")
            trial.expect(try trial.subject("Zoe\u{301}") != nil, "a decomposed name is not found")
            try trial.enrol([Trial.reference(2, of: "Zo\u{E9}")])
            trial.expect(try trial.storage.size().subjects, is: 1, "subjects of one name in two forms")
            trial.expect(try trial.subject("zoé"), is: nil, "a subject of another case")
        },
    ]
}

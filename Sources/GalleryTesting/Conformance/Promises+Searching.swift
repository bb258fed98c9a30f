internal import Concurrency
internal import GalleryModel

extension StorageConformance {
    private typealias Trial = StorageTrial

    /// Enrols 600 references of 200 subjects and removes some, so that ids and places differ.
    private static func fill(_ trial: StorageTrial) throws -> [ReferenceID: (subject: String, number: Int)] {
        var expected: [ReferenceID: (subject: String, number: Int)] = [:]
        let ids = try trial.enrol((0..<600).map { Trial.reference($0, of: "s\($0 % 200)") })
        for (number, id) in ids.enumerated() { expected[id] = ("s\(number % 200)", number) }
        for id in ids where id % 7 == 0 {
            try trial.storage.remove(reference: id)
            expected[id] = nil
        }
        return expected
    }

    private static func cosine(_ a: [Float], _ b: [Float]) -> Float {
        zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }

    static let searching: [Promise] = [
        Promise("an exact search returns just the nearest references, in order") { trial in
            let expected = try fill(trial)
            let probes = [3, 1_001, 1_002].map(Trial.template)
            for count in [1, 10, 1_000] {
                let rows = try trial.storage.search { state throws(StoreError) in
                    try state.nearest(to: probes.flatMap(\.self), SearchRequest(count: count, mode: .exact))
                }
                trial.expect(rows.count, is: probes.count, "lists of hits")
                for (probe, hits) in zip(probes, rows) {
                    let best = expected.map { ($0.key, cosine(probe, Trial.template($0.value.number))) }
                        .sorted { ($0.1, $1.0) > ($1.1, $0.0) }.prefix(count)
                    trial.expect(hits.count, is: best.count, "hits of \(count) that were asked for")
                    for (hit, (id, similarity)) in zip(hits, best) {
                        // Sums may be taken in another order; if they decide, another order of hits is right.
                        trial.expect(
                            abs(hit.similarity - similarity) < 1e-5,
                            "hit \(hit.reference) has \(hit.similarity) where \(id) has \(similarity)")
                    }
                    let isSorted = zip(hits, hits.dropFirst()).allSatisfy { left, right in
                        (left.similarity, right.reference) > (right.similarity, left.reference)
                    }
                    trial.expect(isSorted, "hits are not in order")
                }
            }
        },
        Promise("every hit has its exact similarity and its subject, in whatever mode") { trial in
            let expected = try fill(trial)
            try trial.storage.search { state throws(StoreError) in
                for mode in [SearchMode.exact, .maxSearchLoss(0.1), .maxSearchLoss(0)] {
                    let probe = Trial.template(5)
                    let request = SearchRequest(count: 20, mode: mode, threads: 2)
                    for hit in try Trial.single(state.nearest(to: probe, request)) {
                        guard let known = expected[hit.reference] else {
                            trial.expect(false, "reference \(hit.reference) was found and is not there")
                            continue
                        }
                        let similarity = cosine(probe, Trial.template(known.number))
                        trial.expect(
                            abs(hit.similarity - similarity) < 1e-5,
                            "reference \(hit.reference) has \(hit.similarity), not \(similarity)")
                        trial.expect(
                            try state.name(of: hit.subject), is: known.subject, "the subject of a hit")
                    }
                }
            }
        },
        Promise("a template finds itself, with a similarity of 1") { trial in
            try trial.enrol((0..<50).map { Trial.reference($0, of: "s\($0)") })
            for number in 0..<50 {
                let hit = try trial.storage.search { state throws(StoreError) in
                    try Trial.single(
                        state.nearest(to: Trial.template(number), SearchRequest(count: 1, mode: .exact))
                    ).first
                }
                trial.expect(hit?.reference, is: ReferenceID(number + 1), "the nearest of template \(number)")
                trial.expect(hit?.similarity, is: 1, "the similarity of a template with itself")
            }
        },
        Promise("each subject is found by its nearest reference") { trial in
            let expected = try fill(trial)
            let probe = Trial.template(2_000)
            var best: [String: Float] = [:]
            for (subject, number) in expected.values {
                best[subject] = max(best[subject] ?? -1, cosine(probe, Trial.template(number)))
            }
            try trial.storage.search { state throws(StoreError) in
                let hits = try state.nearestOfEachSubject(to: probe, cancellation: nil)
                trial.expect(hits.count, is: best.count, "subjects")
                trial.expect(Set(hits.map(\.subject)).count, is: hits.count, "subjects that differ")
                for hit in hits {
                    let name = try state.name(of: hit.subject) ?? ""
                    trial.expect(
                        abs((best[name] ?? -2) - hit.similarity) < 1e-5,
                        "\(name) has \(hit.similarity), not \(best[name] ?? -2)")
                }
                if let grouped = try state.nearestSubjects(to: probe, SearchRequest(count: 10, mode: .exact)) {
                    trial.expect(
                        grouped.map(\.subject), is: hits.prefix(10).map(\.subject), "subjects that were grouped"
                    )
                }
            }
        },
        Promise("what is added and removed is seen by the next search") { trial in
            try trial.enrol([Trial.reference(1, of: "Ada")])
            func nearest(_ trial: StorageTrial) throws -> [ReferenceID] {
                try trial.storage.search { state throws(StoreError) in
                    try Trial.single(
                        state.nearest(to: Trial.template(2), SearchRequest(count: 5, mode: .exact))
                    ).map(\.reference)
                }
            }
            trial.expect(try nearest(trial), is: [1], "hits")
            try trial.enrol([Trial.reference(2, of: "Bob")])
            trial.expect(try nearest(trial), is: [2, 1], "hits after an addition")
            try trial.storage.remove(reference: 2)
            trial.expect(try nearest(trial), is: [1], "hits after a removal")
        },
        Promise("a request that nobody can answer is refused") { trial in
            try trial.enrol([Trial.reference(1, of: "Ada")])
            let requests = [
                SearchRequest(count: 0, mode: .exact),
                SearchRequest(count: SearchRequest.most + 1, mode: .exact),
                SearchRequest(count: 1, mode: .maxSearchLoss(1.5)),
                SearchRequest(count: 1, mode: .exact, threads: 0),
            ]
            for request in requests {
                trial.expectError(
                    "a request of \(request.count) by \(request.threads) threads, \(request.mode)"
                ) {
                    try trial.storage.search { state throws(StoreError) in
                        _ = try state.nearest(to: Trial.template(1), request)
                    }
                } _: {
                    $0.kind == .usage
                }
            }
        },
        Promise("a search ends where its caller wishes it, and at its deadline") { trial in
            try trial.enrol([Trial.reference(1, of: "Ada")])
            let cancelled = Cancellation()
            cancelled.cancel()
            let late = Cancellation(deadline: .now - .seconds(1))
            for (wish, isEnd) in [
                (cancelled, { if case .cancelled = $0 { true } else { false } }),
                (late, { if case .late = $0 { true } else { false } }),
            ] as [(Cancellation, (StoreError) -> Bool)] {
                trial.expectError("a search that is to end") {
                    try trial.storage.search { state throws(StoreError) in
                        _ = try state.nearest(
                            to: Trial.template(1), SearchRequest(count: 1, mode: .exact, cancellation: wish))
                    }
                } _: {
                    isEnd($0)
                }
            }
        },
    ]
}

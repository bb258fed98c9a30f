internal import Concurrency
internal import GalleryModel
internal import Synchronization

extension StorageConformance {
    private typealias Trial = StorageTrial
    /// Seconds that a question waits for a change beside it.
    private static let patience = 2.0

    static let concurrency: [Promise] = [
        Promise("a question sees one state, whatever is changed while it is asked") { trial in
            try trial.enrol((1...20).map { Trial.reference($0, of: "s\($0)") })
            let storage = trial.storage
            let changes = BackgroundWork()
            let found = try storage.search { state throws(StoreError) -> [Bool] in
                let request = SearchRequest(count: 20, mode: .exact)
                let before = try Trial.single(state.nearest(to: Trial.template(1), request))
                _ = changes.begin {
                    _ = try? storage.remove(subject: "s1")
                    try? storage.rename("s2", to: "renamed")
                    _ = try? storage.change(
                        adding: [ReferenceAddition(Trial.reference(99, of: "late"))], updating: [])
                }
                // A storage may make the change wait for the question, but not the question for the change.
                _ = changes.wait(atMost: patience)
                let after = try Trial.single(state.nearest(to: Trial.template(1), request))
                return [
                    before == after, try state.subject(named: "s1") != nil,
                    try state.subject(named: "s2") != nil,
                    try state.subject(named: "late") == nil, try state.reference(1) != nil,
                    try before.first.map { hit throws(StoreError) in try state.name(of: hit.subject) } == "s1",
                ]
            }
            trial.expect(
                found, is: Array(repeating: true, count: 6), "hits, subjects and reference of one state")
            changes.wait()
            trial.expect(try trial.subject("s1"), is: nil, "a subject that was removed meanwhile")
            trial.expect(try trial.subject("late") != nil, "what was added meanwhile is not there")
        },
        Promise("changes of several threads at once lose nothing, and give no id twice") { trial in
            let storage = trial.storage
            let ids = Mutex<[ReferenceID]>([])
            let next = Mutex(0)
            var threads = try Threads(4) {
                let thread = next.withLock { next in
                    next += 1
                    return next
                }
                for number in 0..<25 {
                    let reference = Trial.reference(100 * thread + number, of: "s\(number % 5)")
                    let added = try? storage.change(adding: [ReferenceAddition(reference)], updating: [])
                        .additions
                    if case .added(let id, _)? = added?.first { ids.withLock { $0.append(id) } }
                }
            }
            let count = 25 * threads.count
            threads.join()
            trial.expect(Set(ids.withLock { $0 }).count, is: count, "ids that differ")
            trial.expect(try storage.size().references, is: count, "references")
        },
    ]
}

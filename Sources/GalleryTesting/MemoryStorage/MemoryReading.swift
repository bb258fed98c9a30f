internal import Concurrency
internal import GalleryModel

/// One state of a gallery in memory.
struct MemoryReading: GallerySearching {
    let records: MemoryRecords
    let dimension: Int

    func subject(named name: String) -> Subject? { records.subject(named: name).flatMap(records.subject) }

    func subject(formerlyNamed name: String) -> Subject? {
        records.subject(formerlyNamed: name).flatMap(records.subject)
    }

    func name(of subject: SubjectNumber) -> String? { records.names[subject] }

    func references(of subject: SubjectNumber) -> [Reference] {
        (records.members[subject] ?? []).compactMap { records.references[$0]?.reference }
    }

    func reference(_ id: ReferenceID) -> Reference? { records.references[id]?.reference }

    func reference(withDigest digest: [UInt8], subject: String) -> ReferenceID? {
        records.subject(named: subject).flatMap { records.reference(withDigest: digest, of: $0) }
    }

    func reference(withDigest digest: [UInt8]) -> Reference? { records.reference(withDigest: digest) }

    func note(_ note: GalleryNote) -> [UInt8]? { records.notes[note] }

    func templates(of subject: SubjectNumber) -> (ids: [ReferenceID], templates: [Float]) {
        let ids = records.members[subject] ?? []
        return (ids, ids.flatMap { records.references[$0]?.template ?? [] })
    }

    func nearest(to probes: [Float], _ request: SearchRequest) throws(StoreError) -> [[ReferenceHit]] {
        try request.check()
        var rows: [[ReferenceHit]] = []
        for start in stride(from: 0, to: probes.count, by: dimension) {
            let probe = probes[start..<start + dimension]
            rows.append(Array(try hits(probe, request.cancellation).prefix(request.count)))
        }
        return rows
    }

    func nearestOfEachSubject(
        to probe: [Float], cancellation: Cancellation?
    ) throws(StoreError) -> [ReferenceHit] {
        var seen: Set<SubjectNumber> = []
        return try hits(probe[...], cancellation).filter { seen.insert($0.subject).inserted }
    }

    func nearestSubjects(to probe: [Float], _ request: SearchRequest) throws(StoreError) -> [ReferenceHit]? {
        try request.check()
        return try Array(
            nearestOfEachSubject(to: probe, cancellation: request.cancellation).prefix(request.count))
    }

    /// All references, by descending similarity, ties by ascending id.
    private func hits(
        _ probe: ArraySlice<Float>, _ cancellation: Cancellation?
    ) throws(StoreError) -> [ReferenceHit] {
        try cancellation?.check("the search")
        return records.references.values.map { entry in
            ReferenceHit(
                reference: entry.reference.id, subject: entry.reference.subject,
                similarity: zip(probe, entry.template).reduce(0) { $0 + $1.0 * $1.1 })
        }.sorted { ($0.similarity, $1.reference) > ($1.similarity, $0.reference) }
    }
}

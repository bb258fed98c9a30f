import Concurrency
import GalleryModel

/// One state of the storage.
struct State: GallerySearching {
    let rows: Rows
    let settings: StoreSettings

    func subject(named name: String) -> Subject? { rows.find(name).flatMap(rows.subject) }

    func subject(formerlyNamed name: String) -> Subject? {
        guard let form = try? SubjectName.canonical(name) else { return nil }
        return rows.formerNames.last { $0.name == form && rows.subjects[$0.subject] != nil }
            .flatMap { rows.subject($0.subject) }
    }

    func name(of subject: SubjectNumber) -> String? { rows.subjects[subject] }

    func references(of subject: SubjectNumber) -> [Reference] {
        rows.list.map(\.reference).filter { $0.subject == subject }
    }

    func reference(_ id: ReferenceID) -> Reference? { rows.list.first { $0.reference.id == id }?.reference }

    func reference(withDigest digest: [UInt8], subject: String) -> ReferenceID? {
        guard let number = rows.find(subject) else { return nil }
        return rows.list.first { $0.reference.subject == number && $0.reference.sourceDigest == digest }?
            .reference.id
    }

    func reference(withDigest digest: [UInt8]) -> Reference? {
        rows.list.first { $0.reference.sourceDigest == digest }?.reference
    }

    func note(_ note: GalleryNote) -> [UInt8]? { rows.notes[note] }

    func templates(of subject: SubjectNumber) -> (ids: [ReferenceID], templates: [Float]) {
        let own = rows.list.filter { $0.reference.subject == subject }
        return (own.map(\.reference.id), own.flatMap(\.template))
    }

    func nearest(to probes: [Float], _ request: SearchRequest) throws(StoreError) -> [[ReferenceHit]] {
        try request.check()
        var answers: [[ReferenceHit]] = []
        for start in stride(from: 0, to: probes.count, by: settings.dimension) {
            let probe = Array(probes[start..<start + settings.dimension])
            answers.append(Array(try all(probe, request.cancellation).prefix(request.count)))
        }
        return answers
    }

    func nearestOfEachSubject(
        to probe: [Float], cancellation: Cancellation?
    ) throws(StoreError) -> [ReferenceHit] {
        var seen: Set<SubjectNumber> = []
        return try all(probe, cancellation).filter { seen.insert($0.subject).inserted }
    }

    private func all(_ probe: [Float], _ cancellation: Cancellation?) throws(StoreError) -> [ReferenceHit] {
        try cancellation?.check("the search")
        return rows.list.map { row in
            ReferenceHit(
                reference: row.reference.id, subject: row.reference.subject,
                similarity: zip(probe, row.template).reduce(0) { $0 + $1.0 * $1.1 })
        }.sorted { ($0.similarity, $1.reference) > ($1.similarity, $0.reference) }
    }
}

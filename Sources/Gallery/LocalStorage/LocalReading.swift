import Concurrency
import GalleryModel
import TemplateStore
import VectorIndex

/// One state of a store on disk.
struct LocalReading: GalleryReading {
    /// What the store answers in the state's transaction.
    struct Reader: StoreReading {
        let transaction: StoreTransaction
    }

    let reader: Reader
    let path: String
    private let dimension: Int

    init(_ transaction: StoreTransaction, dimension: Int, path: String) {
        reader = Reader(transaction: transaction)
        (self.dimension, self.path) = (dimension, path)
    }

    func damaged(_ reason: String) -> StoreError { .damaged(path: path, reason: reason) }

    func subject(named name: String) throws(StoreError) -> Subject? {
        try reader.subject(named: name)
    }

    func subject(formerlyNamed name: String) throws(StoreError) -> Subject? {
        try reader.subject(formerlyNamed: name)
    }

    func name(of subject: SubjectNumber) throws(StoreError) -> String? {
        try reader.subjectName(subject)
    }

    func note(_ note: GalleryNote) throws(StoreError) -> [UInt8]? { try reader.note(note) }

    func references(of subject: SubjectNumber) throws(StoreError) -> [Reference] {
        var references: [Reference] = []
        for id in try reader.references(of: subject) {
            guard let reference = try reader.reference(id) else {
                throw damaged("subject \(subject) lists reference \(id), which has no record")
            }
            references.append(reference)
        }
        return references
    }

    func reference(_ id: ReferenceID) throws(StoreError) -> Reference? { try reader.reference(id) }

    func reference(withDigest digest: [UInt8], subject: String) throws(StoreError) -> ReferenceID? {
        try reader.reference(withDigest: digest, subject: subject)
    }

    func reference(withDigest digest: [UInt8]) throws(StoreError) -> Reference? {
        try reader.reference(withDigest: digest).map { id throws(StoreError) in
            guard let reference = try reader.reference(id) else {
                throw damaged("a digest names reference \(id), which has no record")
            }
            return reference
        }
    }

    func templates(
        of subject: SubjectNumber
    ) throws(StoreError) -> (ids: [ReferenceID], templates: [Float]) {
        let ids = try reader.references(of: subject)
        var templates: [Float] = []
        templates.reserveCapacity(ids.count * dimension)
        for id in ids {
            let isThere: Void? = try unsafe reader.withVector(id) { vector throws(StoreError) in
                unsafe templates.append(contentsOf: vector)
            }
            // Left out, it would give the rows after it to the ids before them.
            guard isThere != nil else { throw damaged("reference \(id) has no template") }
        }
        return (ids, templates)
    }
}

/// One state of a store on disk, with the index of just that state.
final class LocalSearching: GallerySearching {
    private let state: LocalReading
    private let moment: IndexMoment
    private let dimension: Int
    /// What is wrong with the index, where a search has met that.
    private(set) var fault: StoreError?
    private let indexDirectory: String

    init(_ transaction: StoreTransaction, _ moment: IndexMoment, dimension: Int, path: String) {
        state = LocalReading(transaction, dimension: dimension, path: path)
        (self.moment, self.dimension) = (moment, dimension)
        indexDirectory = path + "/index"
    }

    func nearest(to probes: [Float], _ request: SearchRequest) throws(StoreError) -> [[ReferenceHit]] {
        try request.check()
        let source = try StateVectors(
            state.reader.transaction, dimension: dimension, isShared: request.threads > 1)
        let rows: [[Neighbour]]
        do throws(IndexError) {
            rows = try moment.search(
                probes: probes, k: request.count, mode: IndexSearchMode(request.mode),
                threads: request.threads, cancellation: request.cancellation, source: source)
        } catch {
            try request.cancellation?.check(Self.search)
            throw StoreError(error)
        }
        var hits: [[ReferenceHit]] = []
        hits.reserveCapacity(rows.count)
        for row in rows {
            var own: [ReferenceHit] = []
            own.reserveCapacity(row.count)
            for neighbour in row {
                own.append(
                    ReferenceHit(
                        reference: neighbour.id, subject: try subject(of: neighbour.id),
                        similarity: neighbour.similarity))
            }
            hits.append(own)
        }
        return hits
    }

    /// The subject of a reference that the index has found.
    private func subject(of id: ReferenceID) throws(StoreError) -> SubjectNumber {
        if let subject = try state.reader.subjectNumber(ofReference: id) { return subject }
        // Nobody must be left out of an answer in silence: the next candidate would be taken for the best.
        if unsafe try state.reader.vectorBytes(of: id) != nil {
            throw state.damaged("reference \(id) has a template but no record")
        }
        let fault = StoreError(
            IndexError.damaged(
                file: indexDirectory, problem: "it contains reference \(id), which is not in the gallery"))
        self.fault = fault
        throw fault
    }

    /// What errors call a search.
    private static let search = "the search"
    /// How many templates are compared between two checks for a cancellation.
    private static let templatesAtOnce = 1 << 14

    func nearestOfEachSubject(
        to probe: [Float], cancellation: Cancellation?
    ) throws(StoreError) -> [ReferenceHit] {
        var best: [SubjectNumber: ReferenceHit] = [:]
        var seen = 0
        try unsafe state.reader.forEachVector(after: 0) { id, vector throws(StoreError) in
            seen += 1
            if seen.isMultiple(of: Self.templatesAtOnce) { try cancellation?.check(Self.search) }
            guard let subject = try state.reader.subjectNumber(ofReference: id) else {
                throw state.damaged("reference \(id) has a template but no record")
            }
            let similarity = unsafe zip(probe, vector).reduce(Float(0)) { $0 + $1.0 * $1.1 }
            if let known = best[subject], known.similarity >= similarity { return }
            best[subject] = ReferenceHit(reference: id, subject: subject, similarity: similarity)
        }
        return best.values.sorted { ($0.similarity, $1.reference) > ($1.similarity, $0.reference) }
    }

    func subject(named name: String) throws(StoreError) -> Subject? { try state.subject(named: name) }

    func subject(formerlyNamed name: String) throws(StoreError) -> Subject? {
        try state.subject(formerlyNamed: name)
    }

    func name(of subject: SubjectNumber) throws(StoreError) -> String? { try state.name(of: subject) }

    func note(_ note: GalleryNote) throws(StoreError) -> [UInt8]? { try state.note(note) }

    func references(of subject: SubjectNumber) throws(StoreError) -> [Reference] {
        try state.references(of: subject)
    }

    func reference(_ id: ReferenceID) throws(StoreError) -> Reference? { try state.reference(id) }

    func reference(withDigest digest: [UInt8], subject: String) throws(StoreError) -> ReferenceID? {
        try state.reference(withDigest: digest, subject: subject)
    }

    func reference(withDigest digest: [UInt8]) throws(StoreError) -> Reference? {
        try state.reference(withDigest: digest)
    }

    func templates(
        of subject: SubjectNumber
    ) throws(StoreError) -> (ids: [ReferenceID], templates: [Float]) {
        try state.templates(of: subject)
    }
}

extension IndexSearchMode {
    init(_ mode: SearchMode) {
        self =
            switch mode {
            case .exact: .exact
            case .maxSearchLoss(let loss): .maxSearchLoss(loss)
            }
    }
}

public import TemplateStore
public import VectorIndex

extension LocalStorage {
    /// The nearest references of each probe, with the subjects they belong to.
    public func nearest(
        to probes: [Float], count: Int, mode: SearchMode, threads: Int
    ) throws(GalleryError) -> [[ReferenceHit]] {
        var index = try followedIndex()
        trainInBackground(index)
        while true {
            let neighbours = try wrap { () throws(IndexError) in
                try index.search(probes: probes, k: count, mode: mode, threads: threads)
            }
            if let hits = try hits(neighbours) { return hits }
            // A reference was removed since the index was brought up to date: it takes that in and searches again.
            // Where there is nothing to take in, the index is wrong, and makes place for a new one.
            let position = index.position
            index = try followedIndex()
            if index.position == position { index = try replaceIndex() }
        }
    }

    /// The subjects of neighbours; `nil` where one of the references has gone.
    private func hits(_ neighbours: [[Neighbour]]) throws(GalleryError) -> [[ReferenceHit]]? {
        try wrap { () throws(StoreError) in
            try store.read { reader throws(StoreError) in
                var rows: [[ReferenceHit]] = []
                for row in neighbours {
                    var hits: [ReferenceHit] = []
                    hits.reserveCapacity(row.count)
                    for neighbour in row {
                        guard let subject = try reader.subjectNumber(ofReference: neighbour.id) else {
                            return nil
                        }
                        hits.append(
                            ReferenceHit(
                                reference: neighbour.id, subject: subject, similarity: neighbour.similarity))
                    }
                    rows.append(hits)
                }
                return rows
            }
        }
    }

    /// The nearest reference of every subject, in descending similarity.
    ///
    /// O(references), straight from the store.
    public func nearestOfEachSubject(to probe: [Float]) throws(GalleryError) -> [ReferenceHit] {
        let best = try wrap { () throws(StoreError) in
            try store.read { reader throws(StoreError) in
                var best: [SubjectNumber: ReferenceHit] = [:]
                try unsafe reader.forEachVector(after: 0) { id, vector throws(StoreError) in
                    guard let subject = try reader.subjectNumber(ofReference: id) else { return }
                    let similarity = unsafe zip(probe, vector).reduce(Float(0)) { $0 + $1.0 * $1.1 }
                    if let known = best[subject], known.similarity >= similarity { return }
                    best[subject] = ReferenceHit(reference: id, subject: subject, similarity: similarity)
                }
                return best
            }
        }
        return best.values.sorted { ($0.similarity, $1.reference) > ($1.similarity, $0.reference) }
    }

    /// The templates of a subject's references, row-major, with their ids.
    public func templates(
        of subject: SubjectNumber
    ) throws(GalleryError) -> (ids: [ReferenceID], templates: [Float]) {
        try wrap { () throws(StoreError) in
            try store.read { reader throws(StoreError) in
                let ids = try reader.references(of: subject)
                var templates: [Float] = []
                templates.reserveCapacity(ids.count * settings.dimension)
                for id in ids {
                    unsafe try reader.withVector(id) { vector throws(StoreError) in
                        unsafe templates.append(contentsOf: vector)
                    }
                }
                return (ids, templates)
            }
        }
    }

    /// The references of a subject, in ascending id.
    public func references(of subject: SubjectNumber) throws(GalleryError) -> [Reference] {
        try wrap { () throws(StoreError) in
            try store.read { reader throws(StoreError) in
                var references: [Reference] = []
                for id in try reader.references(of: subject) {
                    if let reference = try reader.reference(id) { references.append(reference) }
                }
                return references
            }
        }
    }

    /// The reference of this id; `nil` where it has gone.
    public func reference(_ id: ReferenceID) throws(GalleryError) -> Reference? {
        try wrap { () throws(StoreError) in
            try store.read { reader throws(StoreError) in try reader.reference(id) }
        }
    }

    /// The names of subjects; `nil` for one that has gone.
    public func names(of subjects: [SubjectNumber]) throws(GalleryError) -> [String?] {
        try wrap { () throws(StoreError) in
            try store.read { reader throws(StoreError) in
                var names: [String?] = []
                for subject in subjects { names.append(try reader.subjectName(subject)) }
                return names
            }
        }
    }

    /// Whether a subject has a reference of this source.
    public func reference(withDigest digest: [UInt8], subject: String) throws(GalleryError) -> ReferenceID? {
        try wrap { () throws(StoreError) in
            try store.read { reader throws(StoreError) in
                try reader.reference(withDigest: digest, subject: subject)
            }
        }
    }

    /// The subject of this name.
    public func subject(named name: String) throws(GalleryError) -> Subject {
        try wrap { () throws(StoreError) in
            try store.read { reader throws(StoreError) in
                guard let subject = try reader.subject(named: name) else { throw .unknownSubject(name: name) }
                return subject
            }
        }
    }
}

import GalleryModel
import TemplateStore
import VectorIndex

extension LocalStorage: TemplateLending {
    /// Runs `body` on all references of one state of the store, where they are in its map.
    func withTemplates<Result>(_ body: (ComparedTemplates) throws -> Result) throws(StoreError) -> Result {
        try inStorage {
            try store.withReader { reader in
                let vectors = StoreVectorReader(transaction: reader.transaction, dimension: settings.dimension)
                // The reader owns copies of templates that lie badly in the map.
                return try withExtendedLifetime(vectors) { try body(compared(vectors)) }
            }
        }
    }

    /// Finds every template of the state that `reader` sees; O(references · log references).
    private func compared(_ reader: StoreVectorReader) throws(StoreError) -> ComparedTemplates {
        let ids = try reader.allReferences
        var pointers: [UnsafePointer<Float>] = unsafe []
        unsafe pointers.reserveCapacity(ids.count)
        var groups: [UInt32] = []
        groups.reserveCapacity(ids.count)
        var numbers: [SubjectNumber: UInt32] = [:]
        for id in ids {
            guard let vector = unsafe reader.vector(of: id),
                let subject = try reader.subjectNumber(ofReference: id)
            else {
                throw .damaged(path: path, reason: "reference \(id) has no template or no subject")
            }
            // Bounds on rounding hold for templates of length 1 alone: one that is no number would hide all others.
            let template = unsafe UnsafeBufferPointer(start: vector, count: settings.dimension)
            do throws(VectorProblem) {
                try UnitVector.check(unsafe template.span, dimension: settings.dimension)
            } catch {
                throw .damaged(path: path, reason: "the template of reference \(id) is invalid: \(error)")
            }
            unsafe pointers.append(vector)
            let next = UInt32(numbers.count)
            groups.append(numbers[subject] ?? next)
            if groups.last == next { numbers[subject] = next }
        }
        return ComparedTemplates(
            ids: ids, vectors: unsafe LentVectors(pointers, dimension: settings.dimension), groups: groups
        ) { [path] row throws(StoreError) in
            guard let reference = try reader.reference(ids[row]),
                let name = try reader.subjectName(reference.subject)
            else { throw .damaged(path: path, reason: "reference \(ids[row]) has no record or no subject") }
            return (name, reference)
        }
    }
}

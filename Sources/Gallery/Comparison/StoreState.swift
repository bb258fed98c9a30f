import TemplateStore
import VectorIndex

/// All references of one state of a store, where they lie, while its transaction lasts.
struct StoreState {
    let reader: StoreVectorReader
    let ids: [ReferenceID]
    let vectors: LentVectors
    /// The subject of each row, numbered from 0 in the order of their first references.
    let groups: [UInt32]
    /// Subjects there are.
    let groupCount: Int

    /// Finds every template of the state that `transaction` sees; O(references · log references).
    init(_ transaction: StoreTransaction, _ settings: StoreSettings, path: String) throws(StoreError) {
        reader = StoreVectorReader(transaction: transaction, dimension: settings.dimension)
        ids = try reader.allReferences
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
                throw .damaged(path: path, reason: "the template of reference \(id) is none: \(error)")
            }
            unsafe pointers.append(vector)
            let next = UInt32(numbers.count)
            groups.append(numbers[subject] ?? next)
            if groups.last == next { numbers[subject] = next }
        }
        unsafe vectors = LentVectors(pointers, dimension: settings.dimension)
        self.groups = groups
        groupCount = numbers.count
    }

    /// The reference of a row with its subject's name.
    func reference(_ row: Int, path: String) throws(StoreError) -> (subject: String, reference: Reference) {
        guard let reference = try reader.reference(ids[row]),
            let name = try reader.subjectName(reference.subject)
        else { throw .damaged(path: path, reason: "reference \(ids[row]) has no record or no subject") }
        return (name, reference)
    }
}

extension LocalStorage {
    /// Runs `body` on all references of one state of the store.
    func withState<Result>(_ body: (StoreState) throws -> Result) throws(GalleryError) -> Result {
        try wrapAll {
            try store.withReader { reader in
                let state = try StoreState(reader.transaction, settings, path: path)
                return try withExtendedLifetime(state.reader) { try body(state) }
            }
        }
    }
}

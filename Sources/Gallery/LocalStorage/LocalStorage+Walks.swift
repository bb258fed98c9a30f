public import GalleryModel
import TemplateStore

// A walk of the store knows only the store's own errors: an error of the caller's is kept aside while the walk
// is cancelled, and thrown after it.
extension LocalStorage {
    /// Calls `body` with every subject, sorted by name.
    public func forEachSubject(_ body: (Subject) throws -> Void) throws {
        try store.withReader { reader in
            var failure: (any Error)?
            do throws(StoreError) {
                try reader.forEachSubject { subject throws(StoreError) in
                    do { try body(subject) } catch {
                        failure = error
                        throw .cancelled
                    }
                }
            } catch {
                throw failure ?? error
            }
        }
    }

    /// Calls `begin` with the number of references, then `body` with every reference, its subject's name and its
    /// template, in ascending id; all of one state.
    public func forEachReference(
        begin: (Int) throws -> Void, _ body: (Reference, String, [Float]) throws -> Void
    ) throws {
        try store.withReader { reader in
            try begin(reader.referenceCount)
            var failure: (any Error)?
            do throws(StoreError) {
                try unsafe reader.forEachVector(after: 0) { id, vector throws(StoreError) in
                    guard let reference = try reader.reference(id),
                        let name = try reader.subjectName(reference.subject)
                    else {
                        throw .damaged(path: path, reason: "reference \(id) has a template but no subject")
                    }
                    do { try unsafe body(reference, name, [Float](vector)) } catch {
                        failure = error
                        throw .cancelled
                    }
                }
            } catch {
                throw failure ?? error
            }
        }
    }

    /// How many subjects and references there are.
    public func size() throws(StoreError) -> GallerySize {
        try store.read { reader throws(StoreError) in
            GallerySize(subjects: try reader.subjectCount, references: try reader.referenceCount)
        }
    }
}

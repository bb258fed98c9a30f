import Gallery
import Synchronization
import TemplateStore

/// What a gallery held of a subject when the job first met that subject: told by path and by digest without a walk
/// through the subject for every photo.
///
/// Safe from any thread. What this job enrols itself is not in it; that is noticed when it is committed. Memory: the
/// references of the subjects met last, 50,000 in all, or all of one subject that has more.
final class KnownReferences: Sendable {
    /// The references of one subject.
    ///
    /// Paths compare byte for byte, as file systems do and Swift's strings do not.
    struct OfSubject: Sendable {
        /// The name that it is enrolled under, or would be.
        let name: String
        fileprivate var bySource: [[UInt8]: Reference] = [:]
        fileprivate var byDigest: [[UInt8]: Reference] = [:]

        /// The latest reference that came from this path.
        func reference(from source: String) -> Reference? { bySource[Array(source.utf8)] }

        /// The first reference that came of a file with this digest.
        func reference(withDigest digest: [UInt8]) -> Reference? { byDigest[digest] }
    }

    private struct State {
        var subjects: [[UInt8]: OfSubject] = [:]
        var references = 0
    }

    private static let most = 50_000
    private let gallery: FaceGallery
    private let state = Mutex(State())

    init(_ gallery: FaceGallery) { self.gallery = gallery }

    /// What is known of the subject whom a name means; nothing of one that is not enrolled.
    ///
    /// - Throws: `.store` for a name that no subject can have.
    func subject(named name: String) throws(GalleryError) -> OfSubject {
        let key = Array(name.utf8)
        return try state.withLock { state throws(GalleryError) in
            if let known = state.subjects[key] { return known }
            var found = OfSubject(name: try gallery.enrolledName(of: name))
            // In ascending id: the latest of a path, the first of a digest.
            for reference in try references(of: found.name) {
                found.bySource[Array(reference.source.utf8)] = reference
                guard let digest = reference.sourceDigest, found.byDigest[digest] == nil else { continue }
                found.byDigest[digest] = reference
            }
            if state.references >= Self.most { state = State() }
            state.subjects[key] = found
            state.references += 1 + found.bySource.count
            return found
        }
    }

    private func references(of name: String) throws(GalleryError) -> [Reference] {
        do { return try gallery.references(of: name) } catch .store(.unknownSubject) { return [] }
    }
}

import Gallery
import GalleryModel

/// What would become of the photos of a job that writes nothing.
///
/// Memory: some 100 bytes a photo that would be enrolled.
struct PhotoRehearsal {
    /// The sources of photos that would be enrolled, by digest and subject, hashed.
    private var accepted: [Int: String] = [:]

    /// What would become of additions, after those that were given before; the ids mean nothing.
    mutating func outcomes(of additions: [ReferenceAddition]) -> [Addition] {
        additions.map { addition in
            var hasher = Hasher()
            hasher.combine(addition.reference.sourceDigest)
            hasher.combine(Array(addition.reference.subject.utf8))
            let key = hasher.finalize()
            if let earlier = accepted[key] { return .present(0, source: earlier) }
            accepted[key] = addition.reference.source
            return .added(0, replaced: addition.replaces?.reference)
        }
    }
}

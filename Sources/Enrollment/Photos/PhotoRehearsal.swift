import Gallery
import GalleryModel

/// What would become of the photos of a job that writes nothing.
///
/// Memory: some 100 bytes a photo that would be enrolled.
struct PhotoRehearsal {
    /// The photos that would be enrolled, by digest and subject, hashed, and by digest alone.
    private var accepted: [Int: (subject: String, source: String)] = [:]

    /// What would become of additions, after those that were given before; the ids mean nothing.
    mutating func outcomes(of additions: [ReferenceAddition]) -> [Addition] {
        additions.map { addition in
            let new = addition.reference
            var hasher = Hasher()
            hasher.combine(new.sourceDigest)
            let ofAnyone = hasher.finalize()
            hasher.combine(Array(new.subject.utf8))
            let key = hasher.finalize()
            if let earlier = accepted[key] { return .present(0, source: earlier.source) }
            if !addition.mayBeShared, let earlier = accepted[ofAnyone] {
                return .ofOther(0, subject: earlier.subject, source: earlier.source)
            }
            accepted[key] = (new.subject, new.source)
            accepted[ofAnyone] = accepted[ofAnyone] ?? (new.subject, new.source)
            return .added(0, replaced: addition.replaces?.reference)
        }
    }
}

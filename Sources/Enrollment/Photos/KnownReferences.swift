import Gallery
import GalleryModel
import Synchronization

/// What a gallery held of a subject when the job first met that subject: found by place and by digest without a walk
/// through the subject for every photo.
///
/// Safe from any thread. What this job enrols itself is not in it; that is noticed when it is committed. Memory: the
/// references of the subjects met last, 50,000 in all, or all of one subject that has more.
final class KnownReferences: Sendable {
    /// The references of one subject.
    ///
    /// Paths compare byte for byte, as file systems do and Swift's strings do not.
    final class OfSubject: Sendable {
        /// The name that it is enrolled under, or would be.
        let name: String
        private let bySource: [[UInt8]: [Reference]]
        private let byDigest: [[UInt8]: Reference]
        /// References by the place that their source stands for, of those whose source is written otherwise.
        private let byPlace = Mutex<[[UInt8]: [Reference]]?>(nil)

        /// - Parameter references: in ascending id.
        init(name: String, _ references: [Reference]) {
            self.name = name
            bySource = Dictionary(grouping: references) { Array($0.source.utf8) }
            byDigest = Dictionary(
                references.compactMap { reference in reference.sourceDigest.map { ($0, reference) } },
                uniquingKeysWith: { first, _ in first })
        }

        /// The reference of the photo at a place: the one whose file had this stamp, or else the latest.
        ///
        /// Galleries hold sources as they were typed once: such a path is taken from the working directory.
        func reference(at place: String, stamp: SourceStamp?) -> Reference? {
            let key = Array(place.utf8)
            guard let found = bySource[key] ?? typedOtherwise(key) else { return nil }
            return found.first { $0.sourceStamp == stamp } ?? found.last
        }

        /// The first reference that came of a file with this digest.
        func reference(withDigest digest: [UInt8]) -> Reference? { byDigest[digest] }

        private func typedOtherwise(_ place: [UInt8]) -> [Reference]? {
            byPlace.withLock { known in
                if let known { return known[place] }
                var places = PhotoPlaces()
                var found: [[UInt8]: [Reference]] = [:]
                for (source, references) in bySource {
                    guard let place = places.place(of: String(decoding: source, as: UTF8.self)) else {
                        continue
                    }
                    let key = Array(place.utf8)
                    if key != source { found[key, default: []] += references }
                }
                known = found.mapValues { $0.sorted { $0.id < $1.id } }
                return known?[place]
            }
        }
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
    /// - Parameter mayBeFormer: whether the name may be one that a subject had before.
    /// - Throws: `.store` for a name that no subject can have.
    func subject(named name: String, mayBeFormer: Bool = false) throws(GalleryError) -> OfSubject {
        let key = Array(name.utf8)
        return try state.withLock { state throws(GalleryError) in
            if let known = state.subjects[key] { return known }
            let name = try gallery.enrolledName(of: name, mayBeFormer: mayBeFormer)
            let references = try references(of: name)
            let found = OfSubject(name: name, references)
            if state.references >= Self.most { state = State() }
            state.subjects[key] = found
            state.references += 1 + references.count
            return found
        }
    }

    /// The lowest reference of another subject that came of a file with this digest.
    func other(
        withDigest digest: [UInt8], than name: String
    ) throws(GalleryError) -> (source: String, subject: String)? {
        guard let found = try gallery.reference(withDigest: digest),
            !found.subject.utf8.elementsEqual(name.utf8)
        else { return nil }
        return (found.reference.source, found.subject)
    }

    private func references(of name: String) throws(GalleryError) -> [Reference] {
        do { return try gallery.references(of: name) } catch .store(.unknownSubject) { return [] }
    }
}

public import TemplateStore
public import VectorIndex

/// One committed state of a gallery, lent to a question: everything it answers is true of that state.
///
/// Used by one thread, until the closure that it was lent to returns.
public protocol GalleryReading {
    /// The subject of this name; `nil` where there is none.
    func subject(named name: String) throws(GalleryError) -> Subject?

    /// The name of a subject; `nil` where there is none of this number.
    func name(of subject: SubjectNumber) throws(GalleryError) -> String?

    /// The references of a subject, in ascending id; none where there is no such subject.
    func references(of subject: SubjectNumber) throws(GalleryError) -> [Reference]

    /// The reference of this id; `nil` where there is none.
    func reference(_ id: ReferenceID) throws(GalleryError) -> Reference?

    /// The lowest reference of a subject whose source has this digest; `nil` where there is none.
    func reference(withDigest digest: [UInt8], subject: String) throws(GalleryError) -> ReferenceID?

    /// The templates of a subject's references, row-major, with their ids; none where there is no such subject.
    func templates(of subject: SubjectNumber) throws(GalleryError) -> (ids: [ReferenceID], templates: [Float])
}

/// A state that can be searched, too.
public protocol GallerySearching: GalleryReading {
    /// The nearest references of each probe, in descending similarity, at most `count` of them.
    ///
    /// - Parameter probes: row-major, unit length, as many numbers a row as the gallery's templates have.
    func nearest(
        to probes: [Float], count: Int, mode: SearchMode, threads: Int
    ) throws(GalleryError) -> [[ReferenceHit]]

    /// The nearest reference of every subject, in descending similarity; compares everything.
    func nearestOfEachSubject(to probe: [Float]) throws(GalleryError) -> [ReferenceHit]
}

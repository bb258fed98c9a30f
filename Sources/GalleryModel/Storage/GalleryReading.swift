public import Concurrency

/// One committed state of a gallery, lent to a closure; all its answers describe that state.
///
/// To be used by one thread, and only until the closure returns.
public protocol GalleryReading {
    /// The subject that a name means; `nil` if there is none.
    ///
    /// A name means the subject that has exactly this name, or else the subject with its canonical form
    /// (`SubjectName.canonical`).
    func subject(named name: String) throws(StoreError) -> Subject?

    /// The subject that had a name before it was renamed or merged; `nil` if there is none, or it was removed.
    ///
    /// If several had the name, the one that gave it up last. The name of a subject of today is no reason to look
    /// here.
    func subject(formerlyNamed name: String) throws(StoreError) -> Subject?

    /// The name of a subject; `nil` if there is none of this number.
    func name(of subject: SubjectNumber) throws(StoreError) -> String?

    /// The references of a subject, in ascending id; none if there is no such subject.
    func references(of subject: SubjectNumber) throws(StoreError) -> [Reference]

    /// The reference of this id; `nil` if there is none.
    func reference(_ id: ReferenceID) throws(StoreError) -> Reference?

    /// The lowest reference of a subject whose source has this digest; `nil` if there is none.
    func reference(withDigest digest: [UInt8], subject: String) throws(StoreError) -> ReferenceID?

    /// The lowest reference of any subject whose source has this digest; `nil` if there is none.
    func reference(withDigest digest: [UInt8]) throws(StoreError) -> Reference?

    /// The bytes that were kept as a note; `nil` if there are none.
    func note(_ note: GalleryNote) throws(StoreError) -> [UInt8]?

    /// The templates of a subject's references, row-major, with their ids; none if there is no such subject.
    func templates(of subject: SubjectNumber) throws(StoreError) -> (ids: [ReferenceID], templates: [Float])
}

/// A state that can also be searched.
public protocol GallerySearching: GalleryReading {
    /// The nearest references of each probe, in descending similarity, ties by ascending id.
    ///
    /// An exact search gives just the `request.count` nearest references, all if there are fewer. Others may miss
    /// some of them, but every reference they return has its exact similarity.
    ///
    /// - Parameters:
    ///   - probes: row-major, length 1, as many numbers per row as the gallery's templates have.
    ///   - request: how many, how exactly, on how many threads and until when.
    /// - Returns: a list of hits for each probe.
    /// - Throws: `cancelled` or `late` as `request.cancellation` says, and what reading throws.
    func nearest(to probes: [Float], _ request: SearchRequest) throws(StoreError) -> [[ReferenceHit]]

    /// The nearest reference of every subject, in descending similarity, ties by ascending id; compares everything.
    ///
    /// - Parameters:
    ///   - probe: length 1.
    ///   - cancellation: ends the comparison early; nil for never.
    func nearestOfEachSubject(
        to probe: [Float], cancellation: Cancellation?
    ) throws(StoreError) -> [ReferenceHit]

    /// The nearest subjects of a probe, each with its nearest reference, if the storage itself can group references
    /// by subject; `nil` if it cannot. The engine then groups what `nearest` returns.
    ///
    /// - Returns: at most `request.count` hits, each of another subject, in descending similarity.
    func nearestSubjects(to probe: [Float], _ request: SearchRequest) throws(StoreError) -> [ReferenceHit]?
}

extension GallerySearching {
    /// `nil`: the engine groups.
    public func nearestSubjects(
        to probe: [Float], _ request: SearchRequest
    ) throws(StoreError) -> [ReferenceHit]? { nil }
}

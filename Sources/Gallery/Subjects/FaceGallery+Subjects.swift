public import GalleryModel

extension FaceGallery {
    /// Enrols batches of given templates in one durable transaction.
    ///
    /// Use it for millions of templates.
    ///
    /// When this returns, the references survive a crash, and the next search of any process finds them. A template that
    /// its subject already has, number for number, is not added again.
    public func enroll(_ batches: [TemplateBatch]) throws(GalleryError) -> BatchOutcome {
        try requireCard()
        if let other = batches.first(where: { $0.dimension != settings.dimension }) {
            throw .wrongDimension(gallery: settings.dimension, given: other.dimension)
        }
        return try wrap { () throws(StoreError) in try storage.add(batches) }
    }

    /// A rehearsal of what enrolling batches of given templates would do; it writes nothing.
    public func rehearsal() -> any BatchRehearsing { storage.rehearsal() }

    /// Whether a subject already has a reference with this source digest.
    public func hasReference(withDigest digest: [UInt8], subject: String) throws(GalleryError) -> Bool {
        try read { state throws(StoreError) in
            try state.reference(withDigest: digest, subject: subject) != nil
        }
    }

    /// The lowest reference of any subject with this source digest, and the subject's name; `nil` if there is none.
    public func reference(
        withDigest digest: [UInt8]
    ) throws(GalleryError) -> (reference: Reference, subject: String)? {
        try read { state throws(StoreError) in
            guard let found = try state.reference(withDigest: digest) else { return nil }
            guard let name = try state.name(of: found.subject) else {
                throw damaged("subject \(found.subject) has references but no name")
            }
            return (found, name)
        }
    }

    /// The reference of this id; `nil` if it was removed.
    public func reference(_ id: ReferenceID) throws(GalleryError) -> Reference? {
        try read { state throws(StoreError) in try state.reference(id) }
    }

    /// The reference of this id and its subject's name, both of one state; `nil` if it was removed.
    public func namedReference(
        _ id: ReferenceID
    ) throws(GalleryError) -> (reference: Reference, subject: String)? {
        try read { state throws(StoreError) in
            guard let reference = try state.reference(id), let name = try state.name(of: reference.subject)
            else {
                return nil
            }
            return (reference, name)
        }
    }

    /// Gives a subject another name, which no other subject may have.
    ///
    /// Photos in a folder of the old name are still enrolled for this subject.
    public func rename(_ subject: String, to name: String) throws(GalleryError) {
        try wrap { () throws(StoreError) in try storage.rename(subject, to: name) }
    }

    /// Moves all references of one subject to another, and removes the first.
    ///
    /// References that came from the same file as one of the other subject are removed instead.
    @discardableResult
    public func merge(_ subject: String, into target: String) throws(GalleryError) -> MergeOutcome {
        try wrap { () throws(StoreError) in try storage.merge(subject, into: target) }
    }

    /// Removes a subject with all its references; returns how many there were.
    @discardableResult
    public func remove(subject: String) throws(GalleryError) -> Int {
        try wrap { () throws(StoreError) in try storage.remove(subject: subject) }
    }

    /// Removes one reference, and its subject with the last of them.
    public func remove(reference: ReferenceID) throws(GalleryError) {
        try wrap { () throws(StoreError) in try storage.remove(reference: reference) }
    }

    /// Calls `body` with every subject, sorted by name.
    public func forEachSubject(_ body: (Subject) throws -> Void) throws {
        try walking { try storage.forEachSubject(body) }
    }

    /// Calls `body` with every reference, its subject's name and its template, in ascending id.
    public func forEachReference(_ body: (Reference, String, [Float]) throws -> Void) throws {
        try forEachReference(begin: { _ in }, body)
    }

    /// The same; `begin` is called first, with the number of references that will come.
    public func forEachReference(
        begin: (Int) throws -> Void, _ body: (Reference, String, [Float]) throws -> Void
    ) throws {
        try walking { try storage.forEachReference(begin: begin, body) }
    }

    /// Runs a walk over the storage, whose own errors become the engine's; the caller's stay what they are.
    private func walking(_ walk: () throws -> Void) throws {
        do { try walk() } catch let error as StoreError { throw GalleryError.store(error) }
    }

    /// Runs a question on one committed state.
    func read<Answer>(
        _ question: (any GalleryReading) throws(StoreError) -> Answer
    ) throws(GalleryError) -> Answer {
        try wrap { () throws(StoreError) in try storage.read(question) }
    }

    /// The name under which the subject that `name` means is enrolled, or would be.
    ///
    /// - Parameters:
    ///   - name: the name of a subject of today, or of tomorrow.
    ///   - mayBeFormer: whether it may also be a name that a subject had before it was renamed or merged; a subject of
    ///     today comes first.
    /// - Throws: `.store` for a name that no subject has, and that none can get.
    public func enrolledName(of name: String, mayBeFormer: Bool = false) throws(GalleryError) -> String {
        try read { state throws(StoreError) in
            if let subject = try state.subject(named: name) { return subject.name }
            if mayBeFormer, let subject = try state.subject(formerlyNamed: name) { return subject.name }
            return try SubjectName.canonical(name)
        }
    }

    /// The references of a subject, in ascending id.
    ///
    /// - Throws: `.store` for an unknown subject.
    public func references(of name: String) throws(GalleryError) -> [Reference] {
        try references(ofEach: [name])[0]
    }

    /// The references of several subjects, each in ascending id, all of one state of the gallery.
    ///
    /// - Throws: `.store` for the first unknown subject.
    public func references(ofEach names: [String]) throws(GalleryError) -> [[Reference]] {
        try read { state throws(StoreError) in
            var all: [[Reference]] = []
            for name in names {
                guard let subject = try state.subject(named: name) else {
                    throw .unknownSubject(name: name)
                }
                all.append(try state.references(of: subject.number))
            }
            return all
        }
    }

    /// The subject that a name means: the one that has it byte for byte, and else the one of its canonical form.
    ///
    /// - Throws: `.store` for an unknown subject.
    public func subject(named name: String) throws(GalleryError) -> Subject {
        try read { state throws(StoreError) in
            guard let subject = try state.subject(named: name) else {
                throw .unknownSubject(name: name)
            }
            return subject
        }
    }

    /// The name of the subject with a number; nil if it was removed.
    package func subjectName(_ number: SubjectNumber) throws(GalleryError) -> String? {
        try read { state throws(StoreError) in try state.name(of: number) }
    }
}

public import Concurrency
public import GalleryModel

/// The same calls for tasks: they run on threads of `workers`, never on Swift's own, and are cancelled with their task,
/// upon which they throw `CancellationError`.
extension FaceGallery {
    /// Who the face of a template is.
    ///
    /// - Throws: as the call that blocks; `CancellationError`.
    public func identify(
        _ template: [Float], _ search: Search = Search(), on workers: Workers
    ) async throws -> Answer {
        try await workers.run(search.cancellation) { [self] wish in
            var search = search
            search.cancellation = wish
            return try identify(template, search)
        }
    }

    /// Who the faces of several templates are, one answer per row, all of one state of the gallery.
    ///
    /// - Throws: as the call that blocks; `CancellationError`.
    public func identify(
        probes: [Float], _ search: Search = Search(), on workers: Workers
    ) async throws -> [Answer] {
        try await workers.run(search.cancellation) { [self] wish in
            var search = search
            search.cancellation = wish
            return try identify(probes: probes, search)
        }
    }

    /// Whether a face is a subject's.
    ///
    /// - Throws: as the call that blocks; `CancellationError`.
    public func verify(
        _ template: [Float], subject name: String, fusion: Fusion = .max, minSimilarity: Double? = nil,
        on workers: Workers
    ) async throws -> Verification {
        try await workers.run { [self] _ in
            try verify(template, subject: name, fusion: fusion, minSimilarity: minSimilarity)
        }
    }

    /// Enrols references in one durable transaction; once it is begun, it is carried out.
    ///
    /// - Throws: as the call that blocks; `CancellationError` where the task was cancelled before it was begun, or
    ///   meanwhile: then the references may be enrolled.
    public func enroll(_ references: [NewReference], on workers: Workers) async throws -> [Addition] {
        try await workers.run { [self] _ in try enroll(references) }
    }

    /// Removes a subject with all its references; returns how many there were.
    ///
    /// - Throws: as the call that blocks; `CancellationError` as `enroll`.
    @discardableResult
    public func remove(subject: String, on workers: Workers) async throws -> Int {
        try await workers.run { [self] _ in try remove(subject: subject) }
    }

    /// Every pair of subjects that look like one person.
    ///
    /// - Throws: as the call that blocks; `CancellationError`.
    public func duplicates(
        minSimilarity: Double? = nil, limit: Int = 100_000, threads: Int = 1, on workers: Workers
    ) async throws -> DuplicateReport {
        try await workers.run { [self] wish in
            try duplicates(minSimilarity: minSimilarity, limit: limit, threads: threads, cancellation: wish)
        }
    }

    /// Looks for references that look like nobody's or everybody's, or like others than their subject.
    ///
    /// - Throws: as the call that blocks; `CancellationError`.
    public func audit(_ search: AuditSearch = AuditSearch(), on workers: Workers) async throws -> AuditReport {
        try await workers.run(search.cancellation) { [self] wish in
            var search = search
            search.cancellation = wish
            return try audit(search)
        }
    }
}

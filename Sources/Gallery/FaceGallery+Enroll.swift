public import GalleryModel

extension FaceGallery {
    /// Enrols references in one durable transaction.
    ///
    /// When this returns, the references survive a crash, and the next search of any process finds them. Templates are
    /// scaled to unit length. A reference whose source digest its subject already has is not added again.
    ///
    /// - Throws: `.badTemplate` or `.wrongDimension` for the first template that cannot be stored; then none is stored.
    public func enroll(_ references: [NewReference]) throws(GalleryError) -> [Addition] {
        try change(adding: references.map { ReferenceAddition($0) }, updating: []).additions
    }

    /// Updates references and then enrols others, in one durable transaction.
    ///
    /// - Returns: the outcome of each, in the order given.
    /// - Throws: as `enroll`; `.store` for metadata or a source over 65,535 bytes. Then nothing is changed.
    public func change(
        adding additions: [ReferenceAddition], updating updates: [ReferenceUpdate]
    ) throws(GalleryError) -> (additions: [Addition], updates: [UpdateOutcome]) {
        if !additions.isEmpty { try requireCard() }
        var unit = additions
        for row in unit.indices {
            guard unit[row].reference.template.count == settings.dimension else {
                throw .wrongDimension(gallery: settings.dimension, given: unit[row].reference.template.count)
            }
            do { try UnitVector.normalise(&unit[row].reference.template) } catch {
                throw .badTemplate(row: row, reason: "\(error)")
            }
        }
        return try wrap { [unit] () throws(StoreError) in try storage.change(adding: unit, updating: updates) }
    }
}

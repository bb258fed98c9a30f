internal import PhotoManifest

/// The photos of a manifest, all at once.
package enum ManifestPhotos {
    /// Reads every row; one that names no photo has a `problem`.
    ///
    /// - Throws: `ManifestError` where the list cannot be read, `EnrollmentError` for its place.
    package static func all(of path: String) throws -> [PhotoItem] {
        var supply = try PhotoSupply(.manifest(path), stop: NeverStop())
        var items: [PhotoItem] = []
        while let item = try supply.next() { items.append(item) }
        return items
    }
}

/// The reading of a list is short.
private struct NeverStop: StopSignal {
    var isRequested: Bool { false }
}

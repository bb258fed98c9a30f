import Gallery

/// Which templates `identify` does not know.
struct UnknownFaces {
    private static let batch = 1024
    let gallery: FaceGallery
    let threads: Int

    /// Whether each row, one after the other, is of nobody that the gallery knows.
    ///
    /// - Throws: `CommandFailure` where no threshold is known.
    func unknown(_ templates: [Float]) throws -> [Bool] {
        guard try gallery.identificationThreshold() != nil else {
            throw CommandFailure(
                "no threshold is known for \(gallery.settings.networkName), so nobody can be told to be unknown; "
                    + "leave out --unknown", .usage)
        }
        defer { gallery.share() }
        var search = FaceGallery.Search()
        search.threads = threads
        let step = Self.batch * gallery.settings.dimension
        return try stride(from: 0, to: templates.count, by: step).flatMap { start in
            try gallery.identify(
                probes: Array(templates[start..<min(templates.count, start + step)]), search
            ).map { $0.decision == .unknown }
        }
    }
}

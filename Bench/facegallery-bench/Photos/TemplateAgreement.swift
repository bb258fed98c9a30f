import Gallery

/// How like templates are to those that another program made of the same photos.
struct TemplateAgreement: Encodable {
    var bench = "lfw templates"
    var machine = Machine.this
    var network: String
    /// Photos that both have a template of.
    var photos: Int
    var medianCosine: Double
    /// The cosine that a hundredth, and a tenth, of the photos stay below.
    var firstPercentile: Double
    var firstDecile: Double
    /// Photos whose two templates are less alike than 0.5: most likely of two different faces.
    var below05: Int

    /// - Parameter templates: by photo.
    /// - Throws: as `PhotoTemplates`, and `BenchFault` where the folder has no template of these photos, or templates of
    ///   another length.
    init(_ templates: [String: [Float]], network: String, folder: String) throws {
        let others = try PhotoTemplates(folder: folder)
        var cosines: [Double] = []
        for (row, photo) in others.photos.enumerated() {
            guard let template = templates[photo] else { continue }
            guard template.count == others.dimension else {
                throw BenchFault(
                    "\(folder): rows of \(others.dimension) numbers, but \(network) gives \(template.count)"
                )
            }
            cosines.append(Double(Similarity.cosine(template[...], others.template(row)[...])))
        }
        guard !cosines.isEmpty else { throw BenchFault("\(folder): lfw-dev.txt names none of the photos") }
        cosines.sort()
        self.network = network
        photos = cosines.count
        medianCosine = cosines[cosines.count / 2]
        firstPercentile = cosines[cosines.count / 100]
        firstDecile = cosines[cosines.count / 10]
        below05 = cosines.count { $0 < 0.5 }
    }
}

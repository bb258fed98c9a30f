import Gallery
import VectorFiles

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

    /// - Parameters:
    ///   - templates: by photo.
    ///   - folder: with `lfw-dev.npy`, unit vectors, and `lfw-dev.txt`, the photo of each row.
    /// - Throws: `VectorFileError`, or `BenchFault` where the two files do not fit together or name no such photo.
    init(_ templates: [String: [Float]], network: String, folder: String) throws {
        let matrix = try NpyMatrixMap(path: "\(folder)/lfw-dev.npy")
        let names = try NamesReader(path: "\(folder)/lfw-dev.txt")
        var cosines: [Double] = []
        var row = 0
        while let photo = try names.next() {
            guard row < matrix.rows else { throw BenchFault("\(folder): lfw-dev.txt names more than its rows") }
            if let template = templates[photo] {
                guard template.count == matrix.columns else {
                    throw BenchFault(
                        "\(folder): rows of \(matrix.columns) numbers, but \(network) gives \(template.count)")
                }
                cosines.append(
                    Double(Similarity.cosine(template[...], matrix.floats(row..<row + 1)[...])))
            }
            row += 1
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

extension FaceGraph {
    /// The groups of faces that seem to be one person each.
    ///
    /// The two most similar groups are put together until no two have a likeness of `minSimilarity`; at first each face
    /// is a group. The likeness of two single faces is their cosine, and that of groups the mean of two measures: the
    /// mean cosine over all pairs of faces, and the cosine of the groups' sums.
    ///
    /// Groups are numbered from 1, the largest first, and of equally large ones by their templates' numbers, so that
    /// neither groups nor numbers depend on the order of faces.
    ///
    /// - Parameters:
    ///   - faces: the row of each face, as `add` returned it; nil leaves a face out.
    ///   - threads: threads that compare, 1 or more.
    ///   - goesOn: whether to go on.
    /// - Returns: the number of each face's group; nil where a face stands alone, or was left out.
    /// - Throws: `damaged` for a row that is not there or not compared; `cancelled`, `index`.
    /// - Complexity: about O(faces · 64 · dimension) for people with up to a few hundred photos.
    public func clusters(
        of faces: [Int?], threads: Int, goesOn: @escaping @Sendable () -> Bool = { true }
    ) throws(ClusteringError) -> [Int?] {
        var weights = [Int](repeating: 0, count: rows)
        for case let row? in faces {
            guard (0..<comparedRows).contains(row), comparedRows == rows else {
                throw .damaged("row \(row) is not compared")
            }
            weights[row] += 1
        }
        var agglomeration = Agglomeration(self, weights: weights)
        let groups = try agglomeration.run(threads: threads, goesOn: goesOn)
        let ranks = ranks
        var sizes = [Int](repeating: 0, count: rows)
        for row in 0..<rows { sizes[Int(groups[Int(ranks[row])])] += weights[row] }
        let ordered = sizes.indices.filter { sizes[$0] > 1 }.sorted {
            (-sizes[$0], $0) < (-sizes[$1], $1)
        }
        var numbers = [Int?](repeating: nil, count: rows)
        for (place, group) in ordered.enumerated() { numbers[group] = place + 1 }
        return faces.map { face in face.flatMap { numbers[Int(groups[Int(ranks[$0])])] } }
    }
}

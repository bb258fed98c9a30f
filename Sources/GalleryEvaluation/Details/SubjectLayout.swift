internal import Gallery
internal import GalleryModel

/// Which rows of a gallery are whose: rows in the order of their subjects.
struct SubjectLayout: Sendable {
    /// Rows, those of a subject together, in ascending id.
    let rows: [Int32]
    /// Where the rows of each subject begin, and at the end how many there are.
    let starts: [Int32]

    var subjects: Int { starts.count - 1 }

    /// Counts, then places; O(references).
    init(_ groups: [UInt32]) {
        let count = Int(groups.max().map { $0 + 1 } ?? 0)
        var starts = [Int32](repeating: 0, count: count + 1)
        for group in groups { starts[Int(group) + 1] += 1 }
        for place in 1..<starts.count { starts[place] += starts[place - 1] }
        var next = starts
        var rows = [Int32](repeating: 0, count: groups.count)
        for (row, group) in groups.enumerated() {
            rows[Int(next[Int(group)])] = Int32(row)
            next[Int(group)] += 1
        }
        (self.rows, self.starts) = (rows, starts)
    }

    /// References of a subject.
    func count(of subject: Int) -> Int { Int(starts[subject + 1] - starts[subject]) }

    /// The similarity of a probe with each subject, by the first `limit` references of each.
    func fused(_ products: [Float], limit: Int = .max, mean: Bool = false) -> [Float] {
        var fused = [Float](repeating: 0, count: subjects)
        for subject in 0..<subjects {
            let first = Int(starts[subject])
            let end = min(Int(starts[subject + 1]), first + min(limit, Int(Int32.max)))
            var value: Float = mean ? 0 : -2
            for place in first..<end {
                let product = products[Int(rows[place])]
                value = mean ? value + product : max(value, product)
            }
            fused[subject] = Cosine.settled(mean ? value / Float(max(1, end - first)) : value)
        }
        return fused
    }
}

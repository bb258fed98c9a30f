import VectorIndex

/// Exact search without any index: every vector compared, all answers sorted.
enum BruteForce {
    /// The best `k` of `rows`; sums in the order that the index promises, sixteen lanes folded by halves.
    ///
    /// Products are rounded before they are added, so that similarities can be compared bit for bit.
    static func answers(_ probe: ArraySlice<Float>, _ rows: [Int64: [Float]], k: Int) -> [Neighbour] {
        let probe = Array(probe)
        return Array(rows.map { Neighbour(id: $0, similarity: product(probe, $1)) }.sorted().prefix(k))
    }

    static func product(_ probe: [Float], _ row: [Float]) -> Float {
        unsafe probe.withUnsafeBufferPointer { probe in
            unsafe row.withUnsafeBufferPointer { row in
                var lanes = SIMD16<Float>()
                for place in 0..<probe.count {
                    let product = unsafe probe[place] * row[place]
                    lanes[place & 15] += product
                }
                let eight = lanes.lowHalf + lanes.highHalf
                let four = eight.lowHalf + eight.highHalf
                let two = four.lowHalf + four.highHalf
                return two.x + two.y
            }
        }
    }
}

extension FaceGraph {
    /// The lists of neighbours as bytes, little-endian: for each compared row one byte (how many neighbours are kept,
    /// and 128 where there were more) and then 8 bytes for each, its row as UInt32 and its similarity as float32.
    ///
    /// O(rows · 64).
    package var neighbourBytes: [UInt8] {
        var bytes: [UInt8] = []
        for row in 0..<comparedRows {
            bytes.append(UInt8(lists.lists[row].count) | (lists.isFull[row] ? 128 : 0))
            for neighbour in lists.lists[row] {
                bytes.append(littleEndian: UInt32(neighbour.row))
                bytes.append(littleEndian: neighbour.similarity.bitPattern)
            }
        }
        return bytes
    }

    /// A graph from what `templates` and `neighbourBytes` were.
    ///
    /// - Parameter compared: how many rows are compared.
    /// - Throws: `damaged` where the parts contradict each other; `badTemplate`, `wrongDimension`, `badSimilarity`.
    package init(
        dimension: Int, minSimilarity: Double, templates: [Float], compared: Int,
        neighbourBytes: ArraySlice<UInt8>
    ) throws(ClusteringError) {
        var (lists, isFull) = ([[NeighbourLists.Neighbour]](), [Bool]())
        var rest = neighbourBytes
        for row in 0..<max(0, compared) {
            guard let head = rest.popFirst(), rest.count >= Int(head & 127) * 8 else {
                throw .damaged("the list of row \(row) is cut off")
            }
            var list: [NeighbourLists.Neighbour] = []
            for place in 0..<Int(head & 127) {
                let start = rest.startIndex + place * 8
                let similarity = Float(bitPattern: rest.littleEndian(at: start + 4))
                list.append(
                    .init(row: Int32(truncatingIfNeeded: rest.littleEndian(at: start)), similarity: similarity))
            }
            rest = rest.dropFirst(Int(head & 127) * 8)
            lists.append(list)
            isFull.append(head & 128 != 0)
        }
        guard rest.isEmpty, compared >= 0 else { throw .damaged("there are more lists than rows") }
        try self.init(
            dimension: dimension, minSimilarity: minSimilarity, templates: templates,
            lists: NeighbourLists(most: Self.mostNeighbours, lists: lists, isFull: isFull))
    }
}

extension [UInt8] {
    /// Adds the four bytes of a number, the lowest first.
    package mutating func append(littleEndian number: UInt32) {
        for shift in stride(from: 0, to: 32, by: 8) {
            append(UInt8(truncatingIfNeeded: number >> UInt32(shift)))
        }
    }
}

extension ArraySlice<UInt8> {
    /// The number of the four bytes from `start` on.
    package func littleEndian(at start: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(self[start + $1]) << UInt32(8 * $1) }
    }
}

/// One answer of a search: a vector's id and its similarity.
public struct Neighbour: Equatable, Hashable, Sendable, Comparable {
    /// The id the vector was added under.
    public let id: Int64

    /// Inner product of the two unit vectors, their cosine: −1…1 except for rounding; higher is more alike.
    public let similarity: Float

    /// A neighbour of these facts.
    public init(id: Int64, similarity: Float) {
        self.id = id
        self.similarity = similarity
    }

    /// The order of answers: similarity descending, equal similarities by ascending id.
    public static func < (left: Neighbour, right: Neighbour) -> Bool {
        left.similarity != right.similarity ? left.similarity > right.similarity : left.id < right.id
    }
}

/// How much of the index a search may skip.
public enum IndexSearchMode: Equatable, Hashable, Sendable {
    /// Every vector is compared.
    case exact

    /// So many lists are read that the fraction of probes whose best answer differs from that of exact search
    /// stays below this number, 0…1, as measured when the lists were built.
    ///
    /// A loss smaller than what that measurement can vouch for (about one in its number of probes) reads
    /// everything. Additions since the lists were built are always compared, all of them.
    case maxSearchLoss(Double)
}

/// How far an index has followed its store.
public struct IndexPosition: Codable, Equatable, Hashable, Sendable {
    /// The highest id ever added; 0 if there was none.
    public var highestID: Int64

    /// The number of the store's removals that the index has carried out.
    public var removals: UInt64

    /// A position of these facts.
    public init(highestID: Int64, removals: UInt64) {
        self.highestID = highestID
        self.removals = removals
    }
}

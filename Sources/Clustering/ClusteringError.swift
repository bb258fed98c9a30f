public import VectorIndex

/// Why faces could not be grouped.
public enum ClusteringError: Error, Sendable, CustomStringConvertible {
    /// Numbers that are not a whole number of templates.
    case wrongDimension(numbers: Int, dimension: Int)
    /// A template that has no direction: not finite, or not of length 1; `item` counts from 0.
    case badTemplate(item: Int)
    /// A similarity that groups cannot be made with.
    case badSimilarity(Double)
    /// More faces than row numbers of 32 bits can tell apart.
    case tooMany(Int)
    /// Stored neighbours that contradict each other.
    case damaged(String)
    /// The caller said not to go on.
    case cancelled
    /// The comparison failed.
    case index(IndexError)

    /// One line that says what is wrong.
    public var description: String {
        switch self {
        case .wrongDimension(let numbers, let dimension):
            "\(numbers) numbers are not a whole number of templates of \(dimension)"
        case .badTemplate(let item): "template \(item) is not a finite vector of length 1"
        case .badSimilarity(let similarity):
            "faces cannot be grouped from a similarity of \(similarity) on; it must be 0 to 1"
        case .tooMany(let count): "\(count) different templates are too many to be grouped"
        case .damaged(let reason): "stored neighbours are damaged: \(reason)"
        case .cancelled: "the comparison was stopped"
        case .index(let error): "\(error)"
        }
    }
}

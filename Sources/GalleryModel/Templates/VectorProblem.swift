/// Why a vector cannot be a template.
public enum VectorProblem: Error, Sendable, Equatable {
    /// It has another dimension than the gallery's templates.
    case dimension(expected: Int, found: Int)
    /// It contains NaN or an infinity, or numbers so large that its length is not finite.
    case notFinite
    /// Its length is zero (or too small to divide by).
    case zero
    /// Its length is not 1.
    case notUnitLength(length: Double)
}

extension VectorProblem: CustomStringConvertible {
    /// One line: what is wrong and what to do.
    public var description: String {
        switch self {
        case .dimension(let expected, let found):
            "it has \(found) numbers, but the gallery's templates have \(expected); use the gallery's own network"
        case .notFinite:
            "it contains NaN, an infinity or a number that is too large; compute the template again"
        case .zero: "its length is zero; compute the template again"
        case .notUnitLength(let length): "its length is \(length) instead of 1; scale it to unit length first"
        }
    }
}

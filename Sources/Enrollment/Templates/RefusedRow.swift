import GalleryModel

/// A row of an input that cannot be enrolled.
package struct RefusedRow: Sendable {
    /// Its number, as in the source of a reference.
    package let row: Int
    /// Why, in a word.
    package let reason: RefusalReason
    /// What is wrong with it, in a line.
    package let fault: String
    /// What was measured, where the reason is a limit.
    package private(set) var measured: Double?
    /// The limit it missed.
    package private(set) var limit: Double?

    init(_ row: Int, _ reason: RefusalReason, _ fault: String) {
        (self.row, self.reason, self.fault) = (row, reason, fault)
    }

    init(_ row: Int, _ error: StoreError) {
        switch error {
        case .badVector(_, .dimension(let expected, let found)):
            self.init(row, dimension: found, expected: expected)
        // Without the place it had in a batch.
        case .badVector(_, let problem): self.init(row, .badTemplate, "\(problem)")
        case .invalidName: self.init(row, .badName, "\(error)")
        default: self.init(row, .badEntry, "\(error)")
        }
    }

    init(_ row: Int, dimension: Int, expected: Int) {
        self.init(
            row, .wrongDimension,
            "its embedding has \(dimension) numbers, but the gallery's templates have \(expected)")
        (measured, limit) = (Double(dimension), Double(expected))
    }
}

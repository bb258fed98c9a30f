/// A network that detects faces in pictures, such as YuNet.
///
/// Any number of threads may use one at once.
public protocol DetectionNetwork: Sendable {
    /// What the network makes of one picture: its outputs by name, each in the order of its elements.
    ///
    /// - Parameters:
    ///   - width: pixels across, a multiple of 32. Few sizes are asked for, again and again.
    ///   - height: pixels down, a multiple of 32.
    ///   - fill: writes all `3 * width * height` values 0…255 of the picture: blue, green, red of each pixel, row by row.
    ///     Called once; what was in its place before is of no interest.
    /// - Throws: anything; its description becomes the reason of `DetectorError.failed`.
    func outputs(
        width: Int, height: Int, fill: (_ picture: inout MutableSpan<Float>) -> Void
    ) throws -> [String: [Float]]
}

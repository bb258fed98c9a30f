/// A network that detects faces in pictures, such as YuNet.
///
/// Any number of threads may use one at once.
public protocol DetectionNetwork: Sendable {
    /// What the network makes of one picture: its outputs by name, each in the order of its elements.
    ///
    /// - Parameters:
    ///   - pixels: `3 * width * height` values 0…255: blue, green, red of each pixel, row by row.
    ///   - width: pixels across, a multiple of 32. Few sizes are asked for, again and again.
    ///   - height: pixels down, a multiple of 32.
    /// - Throws: anything; its description becomes the reason of `DetectorError.failed`.
    func outputs(of pixels: [Float], width: Int, height: Int) throws -> [String: [Float]]
}

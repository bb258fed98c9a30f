internal import CVips

extension FaceChip {
    /// The chip as the bytes of a PNG file; nil where libvips makes none.
    ///
    /// Without loss. Safe from any thread.
    public func png() -> [UInt8]? {
        guard side > 0, pixels.count == 3 * side * side, let side = Int32(exactly: side) else { return nil }
        var bytes: UnsafeMutablePointer<UInt8>?
        var length = 0
        let status = unsafe pixels.withUnsafeBufferPointer { pixels in
            guard let start = pixels.baseAddress else { return CVIPS_DAMAGED }
            return unsafe cvips_encode_png(start, side, side, &bytes, &length)
        }
        guard status == CVIPS_OK, let start = unsafe bytes else { return nil }
        defer { unsafe cvips_free(start) }
        return unsafe Array(UnsafeBufferPointer(start: start, count: length))
    }
}

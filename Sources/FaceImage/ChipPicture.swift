internal import CVips

extension FaceChip {
    /// The chip as the bytes of a PNG file; nil if libvips makes none.
    ///
    /// Without loss. Safe from any thread.
    public func png() -> [UInt8]? {
        unsafe encoded { unsafe cvips_encode_png($0, $1, $1, $2, $3) }
    }

    /// The chip as the bytes of a JPEG file with all its colours; nil if libvips makes none.
    ///
    /// Safe from any thread.
    /// - Parameter quality: 1...100.
    func jpeg(quality: Int32) -> [UInt8]? {
        unsafe encoded { unsafe cvips_encode_jpeg($0, $1, $1, quality, $2, $3) }
    }

    private func encoded(
        by encode: (
            UnsafePointer<UInt8>, Int32, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>,
            UnsafeMutablePointer<Int>
        ) -> cvips_status
    ) -> [UInt8]? {
        guard side > 0, pixels.count == 3 * side * side, let side = Int32(exactly: side) else { return nil }
        var bytes: UnsafeMutablePointer<UInt8>?
        var length = 0
        let status = unsafe pixels.withUnsafeBufferPointer { pixels in
            guard let start = pixels.baseAddress else { return CVIPS_DAMAGED }
            return unsafe encode(start, side, &bytes, &length)
        }
        guard status == CVIPS_OK, let start = unsafe bytes else { return nil }
        defer { unsafe cvips_free(start) }
        return unsafe Array(UnsafeBufferPointer(start: start, count: length))
    }
}

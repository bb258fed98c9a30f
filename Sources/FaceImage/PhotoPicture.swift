internal import CVips

extension Photo {
    /// The photo as the bytes of a JPEG file with all its colours; nil if libvips makes none.
    ///
    /// - Parameter quality: 1...100.
    public func jpeg(quality: Int32) -> [UInt8]? {
        guard let width = Int32(exactly: width), let height = Int32(exactly: height), width > 0, height > 0,
            pixels.count == 3 * self.width * self.height
        else { return nil }
        var bytes: UnsafeMutablePointer<UInt8>?
        var length = 0
        let status = unsafe pixels.withUnsafeBufferPointer { pixels in
            guard let start = pixels.baseAddress else { return CVIPS_DAMAGED }
            return unsafe cvips_encode_jpeg(start, width, height, quality, &bytes, &length)
        }
        guard status == CVIPS_OK, let start = unsafe bytes else { return nil }
        defer { unsafe cvips_free(start) }
        return unsafe Array(UnsafeBufferPointer(start: start, count: length))
    }
}

/// A line of text as a picture: how much of each pixel is ink.
public struct TextPicture: Sendable, Equatable {
    /// Pixels across.
    public let width: Int
    /// Pixels down.
    public let height: Int
    /// 0…255 for each pixel, row by row from the top left.
    public let ink: [UInt8]

    /// Draws a line in bold letters of the system's sans-serif font; nil if there is no font, or nothing to draw.
    ///
    /// - Parameters:
    ///   - text: without line ends; other characters that cannot be seen are left out.
    ///   - size: about the height of a line in pixels, 1...1000.
    public init?(_ text: String, size: Int) {
        guard let size = Int32(exactly: size), !text.isEmpty else { return nil }
        var markup = ""
        for scalar in text.unicodeScalars where scalar.properties.generalCategory != .control {
            switch scalar {
            case "&": markup += "&amp;"
            case "<": markup += "&lt;"
            case ">": markup += "&gt;"
            default: markup.unicodeScalars.append(scalar)
            }
        }
        var bytes: UnsafeMutablePointer<UInt8>?
        var (width, height): (Int32, Int32) = (0, 0)
        guard unsafe cvips_draw_text(markup, size, &bytes, &width, &height) == CVIPS_OK,
            let start = unsafe bytes
        else { return nil }
        defer { unsafe cvips_free(start) }
        (self.width, self.height) = (Int(width), Int(height))
        ink = unsafe Array(UnsafeBufferPointer(start: start, count: Int(width) * Int(height)))
    }
}

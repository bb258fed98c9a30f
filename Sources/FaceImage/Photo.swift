/// A decoded photo: upright, 8 bits a channel, red, green, blue.
///
/// The orientation a camera recorded (EXIF 1…8) has been applied. Transparent pixels lie on white; grey,
/// 16-bit and CMYK pictures have been converted to sRGB, CMYK by its own ink profile when it carries one.
/// RGB values are taken as they are stored: a wide-gamut profile is not applied, because face networks were
/// trained on such values. Of an animation or a document of several pages it is the first picture.
public struct Photo: Sendable, Equatable {
    /// What errors call this photo.
    public let name: String
    /// Pixels across, at least 1.
    public let width: Int
    /// Pixels down, at least 1.
    public let height: Int
    /// Red, green and blue of every pixel, row by row from the top left: `3 * width * height` values.
    public let pixels: [UInt8]

    /// A picture from pixels: `3 * width * height` values, red, green, blue, row by row.
    ///
    /// `FaceDetector` refuses to search a photo with another number of values.
    public init(name: String, width: Int, height: Int, pixels: [UInt8]) {
        self.name = name
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// Reads and decodes `source`; see `init(_:limits:shouldStop:)` of a `PhotoFile`.
    public init(
        _ source: PhotoSource, limits: DecodeLimits = .standard,
        shouldStop: @escaping @Sendable () -> Bool = { false }
    ) throws(PhotoError) {
        try self.init(
            PhotoFile(source, limits: limits, shouldStop: shouldStop), limits: limits, shouldStop: shouldStop)
    }

    /// Decodes `file`, told apart by its first bytes and never by its name.
    ///
    /// The formats of `PhotoFormat.readable` are read; no other decoder is reachable. What the file announces is
    /// compared with the limits and with the file's own length before any pixel is decoded. One thread is used (HEIC,
    /// AVIF, JPEG XL and JPEG 2000: one or a few of the decoder's own), and any number of threads may decode at once:
    /// all together hold no more than 1 GiB, or one photo, in decoding, and wait for each other beyond it. Time is
    /// linear in the pixels and the bytes; memory is 3 bytes a pixel and, while it decodes, what the decoder keeps.
    ///
    /// - Parameters:
    ///   - file: the bytes of the photo.
    ///   - limits: the largest and slowest photo that is decoded.
    ///   - shouldStop: asked all the while, from any thread; true ends the decoding within some hundredths of a second
    ///     for JPEG, PNG, TIFF, PNM and BMP, for the other formats between two pieces of the picture.
    /// - Throws: `PhotoError.notAPhoto`, `.notReadableHere`, `.damaged`, `.cameraRaw`, `.unusualPixels`, `.tooFewBytes`,
    ///   `.tooManyPixels`, `.tooManyParts`, `.tooSlow`, `.stopped` or `.decoderUnavailable`.
    public init(
        _ file: PhotoFile, limits: DecodeLimits = .standard,
        shouldStop: @escaping @Sendable () -> Bool = { false }
    ) throws(PhotoError) {
        let decoder = try PhotoDecoder(file, limits: limits, shouldStop: shouldStop)
        (width, height, pixels) = try decoder.decode()
        name = file.name
    }
}

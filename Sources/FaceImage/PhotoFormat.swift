private import CVips

/// A format of photos, told by a file's first bytes and never by its name.
///
/// Safe from any thread.
public enum PhotoFormat: Int32, Sendable, CaseIterable {
    case jpeg = 1
    case png, webP, tiff, heif, gif, pnm, jpeg2000, jpegXL, bmp

    /// How many of a file's first bytes are enough for `of(firstBytes:)`: 64.
    public static let headLength = Int(CVIPS_HEAD_LENGTH)

    /// The format of a file that begins with these bytes; nil for everything that is no photo.
    ///
    /// Looks at the first `headLength` bytes at most and decodes nothing. Raw files of some cameras (NEF, DNG, ARW)
    /// begin as TIFF does. Whether this machine can decode the format is `isReadable`.
    public static func of(firstBytes: some Collection<UInt8>) -> PhotoFormat? {
        let head = Array(firstBytes.prefix(headLength))
        let format = unsafe head.withUnsafeBufferPointer { buffer in
            // An empty array may have no address.
            unsafe buffer.baseAddress.map { unsafe cvips_format_of($0, buffer.count) } ?? CVIPS_FORMAT_NONE
        }
        return PhotoFormat(rawValue: format.rawValue)
    }

    /// Lets a program of few photos start faster: decoders that libvips has in modules are loaded with the first photo
    /// of their format.
    ///
    /// Changes the environment, so that it is to be called before there is a second thread.
    package static func loadDecodersWhenNeeded() { cvips_leave_out_modules() }

    /// Whether the decoders of this machine read the format.
    public var isReadable: Bool { Self.readable.contains(self) }

    /// The formats that the decoders of this machine read; the first use starts libvips (some 20 ms).
    public static let readable: [PhotoFormat] = allCases.filter {
        cvips_can_read(cvips_format($0.rawValue)) != 0
    }

    /// `JPEG, PNG, …`: the names of `readable`, for messages.
    public static var readableNames: String { readable.map(\.name).joined(separator: ", ") }

    /// The name that people know the format by, such as `JPEG 2000`.
    public var name: String {
        switch self {
        case .jpeg: "JPEG"
        case .png: "PNG"
        case .webP: "WebP"
        case .tiff: "TIFF"
        case .heif: "HEIC/AVIF"
        case .gif: "GIF"
        case .pnm: "PNM"
        case .jpeg2000: "JPEG 2000"
        case .jpegXL: "JPEG XL"
        case .bmp: "BMP"
        }
    }
}

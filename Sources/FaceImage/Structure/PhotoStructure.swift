/// What a photo's parts tell before a decoder sees them: the walk over them is linear in the file's length.
///
/// Codecs keep their own lists of parts, some of them in time that grows with the square of the number, and cannot be
/// interrupted while they do. No camera or editor comes near the limits of `parts` below.
struct PhotoStructure {
    /// The most pixels that this many bytes can be, in this format; nil if the format sets no bound.
    var capacity: Int?
    /// Whether the decoder holds the whole picture in a form of its own before the first row comes.
    var isHeldWhole = false
    /// Channels that the decoder then holds, where the header tells.
    var channels = 4
    /// What shows that the file has no end, where the decoder alone decides what becomes of it.
    var missingEnd: String?
    /// TIFF: which of the file's pictures is the photo, from 0.
    var page = 0
    /// TIFF: which of the pictures that belong to that one is the photo, from 0; nil if it is the photo itself.
    var subDirectory: Int?
    /// TIFF: whether the channel behind the colours is no transparency.
    var hasUnrelatedChannel = false

    /// What ends a walk.
    enum Fault: Error {
        /// The parts contradict each other or the file's end; the reason, as an error tells it.
        case damaged(String)
        /// More parts of one kind than are taken.
        case tooMany(Parts, count: Int)
        /// A camera's raw file.
        case cameraRaw
        /// Pixels of which no photo can be made; what they are, as an error tells it.
        case unusualPixels(String)
    }

    /// Parts that are counted, with the most of each that are taken.
    enum Parts: String {
        /// JPEG: passes over the whole picture. Cameras and editors write one to a dozen.
        case scans
        /// JPEG: segments of metadata and tables. libjpeg's time grows with their square. 128 MiB of metadata, cut into
        /// the largest segments, are 2,048.
        case segments
        /// PNG: chunks that hold no pixels.
        case chunks
        /// PNG: compressed texts and profiles; libpng unpacks each to as much as 8 MB.
        case compressedTexts = "compressed texts"
        /// TIFF: pictures in the file.
        case directories
        /// GIF and WebP: pictures of an animation.
        case frames
        /// HEIC, AVIF, JPEG 2000 and JPEG XL: boxes at the top of the file.
        case boxes
        /// HEIC and AVIF: boxes within one of those, items, and units of what they hold.
        case entries
        /// HEIC and AVIF: coded pictures of one item. Layered pictures have up to four.
        case pictures
        /// HEIC: pieces of one item that are coded one by one; 600 is the most that the standard's levels allow.
        case slices
        /// JPEG 2000: pieces that each tile's decoder looks for.
        case packets
        /// JPEG 2000: rectangles that are compressed one by one.
        case tiles

        var limit: Int {
            switch self {
            case .scans: 100
            case .segments: 4_096
            case .chunks: 4_096
            case .compressedTexts: 32
            case .directories: 1_000
            case .frames, .boxes, .tiles: 10_000
            case .entries: 1_000_000
            case .pictures: 8
            case .slices: 600
            case .packets: 4_000_000
            }
        }
    }

    /// Pixels a byte that no photo of a person reaches: a plain wall has a hundred.
    private static let plausiblePixels = 10_000
    /// Pictures up to this many pixels may be as empty as they like.
    private static let harmlessPixels = 4_000_000

    /// Walks over the parts of a photo.
    ///
    /// - Throws: `Fault`.
    init(of bytes: UnsafeRawBufferPointer, format: PhotoFormat) throws(Fault) {
        let file = unsafe Bytes(bytes)
        switch format {
        case .jpeg: try walkJPEG(file)
        case .png: try walkPNG(file)
        case .pnm: try walkPNM(file)
        case .gif: try walkGIF(file)
        case .webP: try walkWebP(file)
        case .tiff: try walkTIFF(file)
        case .bmp: try walkBMP(file)
        case .heif: try walkHEIF(file)
        case .jpegXL: if file.number(at: 0, bytes: 2) != 0xff0a { try walkBoxes(file) }
        case .jpeg2000: try walkJPEG2000(file)
        }
        if capacity == nil {
            capacity = max(Self.harmlessPixels, product(Self.plausiblePixels, file.count) ?? .max)
        }
    }

    /// Refuses the part after the last that is taken.
    static func require(_ count: Int, _ parts: Parts) throws(Fault) {
        if count > parts.limit { throw .tooMany(parts, count: count) }
    }
}

/// The product of numbers from a file; nil if it is beyond `Int`.
func product(_ first: Int, _ others: Int...) -> Int? {
    var result = first
    for other in others {
        let (next, overflows) = result.multipliedReportingOverflow(by: other)
        if overflows { return nil }
        result = next
    }
    return result
}

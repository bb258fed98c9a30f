/// Where the bytes of a photo come from.
public enum PhotoSource: Sendable, Equatable {
    /// A file. A folder, a pipe or a device at that path is refused.
    case path(String)
    /// Bytes already in memory; `name` is what errors call them.
    case bytes([UInt8], name: String)
    /// Everything that standard input still has.
    case standardInput

    /// What errors call this photo: the path as given, the name of the bytes, or `standard input`.
    public var name: String {
        switch self {
        case .path(let path): path
        case .bytes(_, let name): name
        case .standardInput: "standard input"
        }
    }
}

/// The most that one photo may cost; a photo beyond it is refused.
public struct DecodeLimits: Sendable, Equatable {
    /// The longest file that is read, in bytes.
    public var bytes: Int
    /// The largest picture that is decoded, in pixels (width × height).
    ///
    /// A decoded pixel takes 3 bytes.
    public var pixels: Int
    /// The longest that a decoder may work on a picture, in seconds of processor time.
    ///
    /// Time in which other work has the processor does not count.
    public var seconds: Double

    /// Limits of `bytes` a file (128 MiB unless given), `pixels` a picture (200 million unless given) and `seconds` of
    /// processor time a picture (20 unless given).
    public init(bytes: Int = 128 << 20, pixels: Int = 200_000_000, seconds: Double = 20) {
        self.bytes = bytes
        self.pixels = pixels
        self.seconds = seconds
    }

    /// 128 MiB, 200 million pixels and 20 seconds: above every camera, below what a small machine cannot bear.
    public static let standard = DecodeLimits()
}

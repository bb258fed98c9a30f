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

/// The most that one photo may cost; a photo beyond it is refused before the cost arises.
public struct DecodeLimits: Sendable, Equatable {
    /// The longest file that is read, in bytes.
    public var bytes: Int
    /// The largest picture that is decoded, in pixels (width × height).
    ///
    /// A decoded pixel takes 3 bytes.
    public var pixels: Int

    /// Limits of `bytes` a file (128 MiB unless given) and `pixels` a picture (200 million unless given).
    public init(bytes: Int = 128 << 20, pixels: Int = 200_000_000) {
        self.bytes = bytes
        self.pixels = pixels
    }

    /// 128 MiB and 200 million pixels: above every camera, below what a small machine cannot bear.
    public static let standard = DecodeLimits()
}

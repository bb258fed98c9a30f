/// One file of a saved index as its manifest describes it.
struct SavedFile: Codable, Equatable, Sendable {
    /// The name inside the directory.
    let name: String
    /// Bytes.
    let size: Int
    /// CRC-32C of all bytes.
    let checksum: UInt32
    /// The first bytes, which are checked at opening; the rest only by `verify`.
    let headBytes: Int
    /// CRC-32C of the first `headBytes`.
    let headChecksum: UInt32
}

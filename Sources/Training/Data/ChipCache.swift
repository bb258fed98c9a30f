internal import CLMDB
internal import FoundationEssentials
internal import Glibc
internal import Network

/// Chips kept in a folder, so that a second run need not search the photos for faces again.
///
/// An LMDB environment (`data.mdb`, mode 0600, in a folder of mode 0700) with one record a chip: the key is the
/// SHA-256 of the photo's path, size, time of change and how its chip is cut; the value a checksum of 8 bytes and
/// the pixels. Any number of threads and processes may use one cache at once. What was stored before a process
/// was killed stays; a damaged or foreign file is replaced, since everything in it can be made again.
@safe
public final class ChipCache: Sendable {
    /// The folder.
    public let path: String
    /// Why an earlier cache was thrown away when this one was opened; nil if none was.
    public let notice: String?
    private let environment: CacheEnvironment

    /// What a chip is kept under.
    public struct Key: Hashable, Sendable {
        let bytes: [UInt8]
    }

    /// Opens the cache in a folder, which is made where it is not there; its parent must be.
    ///
    /// - Throws: `cache` or `noSpace`.
    public convenience init(path: String) throws(TrainingError) {
        try self.init(path: path, firstMap: 1 << 30)
    }

    init(path: String, firstMap: Int) throws(TrainingError) {
        self.path = path
        environment = try CacheEnvironment(path: path)
        notice = try environment.open(firstMap: firstMap)
    }

    /// The key of a photo's chip; nil if the photo cannot be examined.
    ///
    /// - Parameters:
    ///   - photo: the path of the photo.
    ///   - cut: how chips are cut, with everything that changes their pixels.
    public static func key(photo: String, cut: String) -> Key? {
        var status = stat()
        guard unsafe stat(photo, &status) == 0 else { return nil }
        let time = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
        let text = "\(cut)\0\(status.st_size)\0\(time)\0\(photo)"
        return Key(bytes: SHA256.digest(of: Array(text.utf8)))
    }

    /// Copies the chips that are kept to where `place` says, `size` bytes each.
    ///
    /// A chip whose checksum is wrong counts as none.
    /// - Throws: `cache`.
    func read(
        _ keys: [Key?], size: Int, to place: (Int) -> UnsafeMutableRawPointer
    ) throws(TrainingError) -> [CachedChip] {
        var found = [CachedChip](repeating: .none, count: keys.count)
        try environment.read { transaction in
            for (index, key) in keys.enumerated() {
                guard let key else { continue }
                let status = unsafe transaction.copy(key, size: size, to: place(index), &found[index])
                if status != 0 { return status }
            }
            return 0
        }
        return found
    }

    /// Keeps chips, all or none of them; one without pixels is that of a photo without a face.
    ///
    /// - Throws: `cache` or `noSpace`.
    func store(_ chips: [(key: Key, pixels: UnsafeRawBufferPointer)]) throws(TrainingError) {
        if unsafe chips.isEmpty { return }
        try environment.write { transaction in
            for index in unsafe chips.indices {
                let status = unsafe transaction.put(chips[index].key, chips[index].pixels)
                if status != 0 { return status }
            }
            return 0
        }
    }
}

internal import Files
internal import GalleryModel
internal import Glibc

/// The note in a gallery's folder that says which machine and user last wrote the data file, and how it stood then.
///
/// LMDB trusts its pages. A data file that this machine and this user have written is opened as it is; any other one
/// is walked first (`PageWalk`). A note is believed if its checksum, whose key is the machine's own secret number, is
/// right and it is of just this file at just this commit. Before each commit a writer notes the commit that it is about
/// to make, under LMDB's lock, so that a process that is killed at any moment leaves a note that holds; who closes the
/// gallery seals the note with the time at which the file was last changed, so that a change from outside is seen.
///
/// It is no defence against who can write into the folder while the gallery is open: nothing is, as LMDB maps the file.
struct LastWriter: Equatable {
    static let fileName = "last-writer"
    static let size = 72
    private static let magic: UInt32 = 0x574C_4746  // "FGLW"
    private static let version: UInt32 = 1

    /// The data file.
    var inode: UInt64
    /// The user who wrote it.
    var user: UInt32
    /// The latest commit, or the one that was about to be made.
    var commit: UInt64
    /// How the file stood when nobody was writing; nil while somebody is, or after a writer was killed.
    var seal: Seal?

    /// How a closed data file stands.
    struct Seal: Equatable {
        var seconds: Int64
        var nanoseconds: Int64
        var size: Int64
    }

    /// Whether the note is of a file that stands so, at a commit.
    func vouches(for file: DataFile.Standing, at commit: UInt64) -> Bool {
        guard inode == file.inode, Owners.isTrusted(user) else { return false }
        if let seal { return commit == self.commit && seal == file.seal }
        return commit == self.commit || commit &+ 1 == self.commit
    }

    // MARK: bytes

    /// The bytes of the file.
    func encoded(machine: SipHash) -> [UInt8] {
        var record = RecordBytes()
        record.append(Self.magic)
        record.append(Self.version)
        record.append(inode)
        record.append(UInt64(user))
        record.append(commit)
        record.append(UInt64(seal == nil ? 0 : 1))
        record.append(seal?.seconds ?? 0)
        record.append(seal?.nanoseconds ?? 0)
        record.append(seal?.size ?? 0)
        record.append(machine.checksum(record.bytes))
        return record.bytes
    }

    /// The note that bytes hold; nil for anything but a note that this machine has written.
    init?(_ bytes: [UInt8], machine: SipHash) {
        guard bytes.count == Self.size else { return nil }
        let note = Page(bytes)
        guard note.number64(0) == UInt64(Self.version) << 32 | UInt64(Self.magic),
            note.number64(16) <= UInt32.max,
            note.number64(64) == machine.checksum(Array(bytes[..<64]))
        else { return nil }
        inode = note.number64(8)
        user = UInt32(note.number64(16))
        commit = note.number64(24)
        if note.number64(32) != 0 {
            seal = Seal(
                seconds: Int64(bitPattern: note.number64(40)),
                nanoseconds: Int64(bitPattern: note.number64(48)),
                size: Int64(bitPattern: note.number64(56)))
        }
    }

    init(inode: UInt64, user: UInt32, commit: UInt64, seal: Seal? = nil) {
        (self.inode, self.user, self.commit, self.seal) = (inode, user, commit, seal)
    }
}

/// The machine's own number, which nobody else knows: the key of the note's checksum.
enum Machine {
    /// Files that hold it: the system's own, D-Bus's, and for where there is neither one that changes with each start.
    private static let files = [
        "/etc/machine-id", "/var/lib/dbus/machine-id", "/proc/sys/kernel/random/boot_id",
    ]

    /// Nil where the system has no such number: then no note is believed or written.
    static let key: SipHash? = files.lazy.compactMap { read($0) }.first

    private static func read(_ path: String) -> SipHash? {
        guard let file = try? InputFile(path) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = try? unsafe withUnsafeMutableBytesTyped(&bytes) { buffer throws(StoreError) in
            do throws(FileError) { return try unsafe file.read(at: 0, into: buffer) } catch {
                throw .io(path: path, doing: "reading", reason: "\(error)")
            }
        }
        let digits = bytes[..<(count ?? 0)].filter { $0 != UInt8(ascii: "-") && $0 > 0x20 }
        guard digits.count == 32 else { return nil }
        let text = String(decoding: digits, as: UTF8.self)
        guard let first = UInt64(text.prefix(16), radix: 16), let second = UInt64(text.suffix(16), radix: 16)
        else {
            return nil
        }
        return SipHash(key: (first, second))
    }
}

import Files
import FoundationEssentials
import Glibc

/// Why the keys cannot be read or changed.
public enum KeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file is damaged, or of a later version.
    case unusable(path: String, reason: String)
    /// The system refused.
    case system(path: String, reason: String)
    /// There is no key of this id.
    case unknown(id: String, path: String)

    /// One line that says so, and what to do.
    public var description: String {
        switch self {
        case .unusable(let path, let reason):
            "\(path): the keys cannot be used: \(reason); put the file back from a copy, or remove it and make new keys"
        case .system(let path, let reason): "\(path): \(reason)"
        case .unknown(let id, let path): "there is no key '\(id)' in \(path); list the keys to see them"
        }
    }
}

/// The keys of a gallery, or of a folder of galleries: the file `access-keys.json` in it.
///
/// Any number of processes may use it at once.
public struct KeyFile: Sendable {
    /// The file's name.
    public static let name = "access-keys.json"

    private struct Content: Codable {
        var format = 1
        var keys: [AccessKey] = []
    }

    /// Bytes that it may have: of some hundred thousand keys.
    private static let longest = 64 << 20
    /// Where it is.
    public let path: String

    /// The keys of a folder.
    public init(in folder: String) {
        path = folder.hasSuffix("/") ? folder + Self.name : "\(folder)/\(Self.name)"
    }

    /// The keys; nil where there is no file.
    ///
    /// - Throws: `unusable`, `system`.
    public func read() throws(KeyError) -> [AccessKey]? {
        let bytes: [UInt8]
        do throws(FileError) {
            guard try FileStatus.of(path) != nil else { return nil }
            bytes = try InputFile(path).readAll(limit: Self.longest)
        } catch .missing {
            return nil
        } catch {
            throw .system(path: path, reason: "\(error)")
        }
        guard let content = try? JSONDecoder().decode(Content.self, from: Data(bytes)) else {
            throw .unusable(path: path, reason: "it is no list of keys")
        }
        guard content.format == 1 else {
            throw .unusable(
                path: path, reason: "it has format \(content.format), but this program knows only 1")
        }
        return content.keys
    }

    /// Makes a key and keeps its hash; returns what is kept, and the key itself.
    ///
    /// - Parameters:
    ///   - role: what it allows.
    ///   - galleries: that it is for; nil for all.
    ///   - lifetime: seconds from now; nil for ever.
    public func create(
        _ role: Role, galleries: [String]? = nil, lifetime: Double? = nil
    ) throws(KeyError) -> (kept: AccessKey, key: String) {
        let now = Self.now
        return try change { keys in
            var made = AccessKey.make(role, galleries: galleries, now: now, expires: lifetime.map { now + $0 })
            while keys.contains(where: { $0.id == made.kept.id }) {
                made = AccessKey.make(role, galleries: galleries, now: now, expires: lifetime.map { now + $0 })
            }
            keys.append(made.kept)
            return made
        }
    }

    /// Takes a key out: it is good for nothing from now on.
    ///
    /// - Throws: `unknown`.
    public func revoke(_ id: String) throws(KeyError) {
        let isKnown = try change { keys in
            let count = keys.count
            keys.removeAll { $0.id == id }
            return keys.count < count
        }
        if !isKnown { throw .unknown(id: id, path: path) }
    }

    static var now: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// What changes when another file takes its place; empty where there is none.
    static func stamp(of path: String) -> [Int] {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return [] }
        return [Int(status.st_ino), Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }

    private func change<Result>(_ body: (inout [AccessKey]) -> Result) throws(KeyError) -> Result {
        // Two commands at once must not lose each other's key.
        let lock = unsafe open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX) == 0 else {
            throw .system(path: path, reason: "cannot be locked: \(unsafe String(cString: strerror(errno)))")
        }
        defer { close(lock) }
        var content = Content(keys: try read() ?? [])
        let result = body(&content.keys)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        guard let data = try? encoder.encode(content) else {
            throw .unusable(path: path, reason: "a key cannot be written")
        }
        do throws(FileError) {
            try ScratchFile.replace(path, with: [UInt8](data) + [UInt8(ascii: "\n")], mode: 0o600)
        } catch {
            throw .system(path: path, reason: "\(error)")
        }
        return result
    }
}

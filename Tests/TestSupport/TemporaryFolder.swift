import Foundation

/// A folder of its own for one test, removed with everything in it when the owner goes.
public final class TemporaryFolder: Sendable {
    /// Absolute path, without a trailing slash.
    public let path: String

    /// Makes an empty folder, readable by its owner only, below the system's temporary folder.
    public init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("facegallery-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of `name` inside the folder; nothing is created.
    public func file(_ name: String) -> String { path + "/" + name }

    /// Writes `bytes` to `name` inside the folder and returns its path.
    @discardableResult
    public func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }
}

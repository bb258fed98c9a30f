import CConfinement
import Glibc

/// Where this process writes what it has read, and why it could not.
enum HelperOutput {
    /// Nobody reads standard output any more.
    struct Unread: Error {}

    /// Writes all bytes to standard output.
    static func write(_ bytes: UnsafeRawBufferPointer) throws(Unread) {
        var rest = unsafe bytes
        while unsafe !rest.isEmpty {
            let count = unsafe Glibc.write(STDOUT_FILENO, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Unread() }
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        confinement_has_written()
    }

    /// Writes all bytes to standard output.
    static func write(_ bytes: [UInt8]) throws {
        try unsafe bytes.withUnsafeBytes { try unsafe write($0) }
    }

    /// Says on standard error why this process does not do its work.
    static func explain(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

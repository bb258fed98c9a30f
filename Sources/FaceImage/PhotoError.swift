/// Why a photo cannot be used.
///
/// Every case carries the photo's name; `description` is one line that says what
/// is wrong with which photo and, where there is one, the remedy.
public enum PhotoError: Error, Sendable, Equatable {
    /// There is no file of that name.
    case missing(name: String)
    /// The file exists and this user may not read it.
    case notReadable(name: String)
    /// The path leads to a folder.
    case isFolder(name: String)
    /// The path leads to a pipe, a socket or a device.
    case notAFile(name: String)
    /// The system failed to read the file; `reason` is its own words.
    case unreadable(name: String, reason: String)
    /// The file has no bytes.
    case empty(name: String)
    /// The file is longer than the limit; `bytes` is nil where the length is not known in advance (a pipe).
    case tooManyBytes(name: String, bytes: Int?, limit: Int)
    /// The picture's header announces more pixels than the limit.
    case tooManyPixels(name: String, width: Int, height: Int, limit: Int)
    /// The bytes are not of a format that is read, whatever the name ends with.
    case notAPhoto(name: String)
    /// The bytes are of a format that the libraries of this machine do not decode.
    case notReadableHere(name: String, format: PhotoFormat)
    /// The bytes begin like a photo and cannot be decoded: cut short, or at odds with their own header.
    case damaged(name: String, reason: String)
    /// A camera's raw file: what its sensor saw, with a small preview at best.
    case cameraRaw(name: String)
    /// The pixels are of a kind that no photo of a face has; `what` says of which.
    case unusualPixels(name: String, what: String)
    /// The picture's header announces more pixels than so few bytes can be.
    case tooFewBytes(name: String, bytes: Int, width: Int, height: Int)
    /// The file has more parts of a kind (`scans`, `segments`, `frames`, …) than any camera or editor writes.
    case tooManyParts(name: String, parts: String, count: Int, limit: Int)
    /// The decoder worked longer than the limit, in seconds of processor time.
    case tooSlow(name: String, seconds: Double, limit: Double)
    /// The caller wanted to stop before the photo was decoded; nothing is wrong with it.
    case stopped(name: String)
    /// The image library did not start; no photo is at fault.
    case decoderUnavailable(name: String, reason: String)

    /// What kind of failure it is, as far as a caller acts on it.
    public enum Kind: Sendable, Equatable {
        /// There is nothing to read (exit code 66).
        case missing
        /// There is something, and it is no usable photo (exit code 65).
        case badData
        /// The machine failed, not the photo (exit code 74).
        case system
        /// The caller wanted to stop (exit code 75).
        case stopped
    }

    /// What kind of failure it is: nothing there, bad data, a failing machine, or none.
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

    /// The photo that is at fault, as the caller named it.
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
    /// One line: the photo, what is wrong with it, and the remedy where there is one.
    public var description: String {
        switch self {
        case .missing:
            "\(name): no such file"
        case .notReadable:
            "\(name): permission to read it is missing"
        case .isFolder:
            "\(name): is a folder; name the photos in it"
        case .notAFile:
            "\(name): is a pipe or a device, not a file; give a photo that is piped on standard input"
        case .unreadable(_, let reason):
            "\(name): cannot be read: \(reason)"
        case .empty:
            "\(name): is empty (0 bytes)"
        case .tooManyBytes(_, let bytes, let limit):
            "\(name): \(bytes.map { "is \($0) bytes" } ?? "goes on"), beyond the limit of \(limit) bytes a photo"
        case .tooManyPixels(_, let width, let height, let limit):
            "\(name): is \(width)x\(height) pixels, beyond the limit of \(limit) pixels a photo; "
                + "make it smaller first"
        case .notAPhoto:
            "\(name): is not a photo that this program reads (\(PhotoFormat.readableNames))"
        case .notReadableHere(_, let format):
            "\(name): is a \(format.name) photo, which the libraries of this machine do not decode "
                + "(\(PhotoFormat.readableNames) they do)"
        case .damaged(_, let reason):
            "\(name): is damaged: \(reason)"
        case .cameraRaw:
            "\(name): is a camera's raw file, which holds no finished picture; save it as a JPEG and give that"
        case .unusualPixels(_, let what):
            "\(name): its pixels \(what); save it with 8 or 16 bits a channel, grey or in colours"
        case .tooFewBytes(_, let bytes, let width, let height):
            "\(name): is damaged: \(bytes) bytes cannot be a photo of \(width)x\(height) pixels"
        case .tooManyParts(_, let parts, let count, let limit):
            "\(name): has \(count) \(parts) or more, beyond the limit of \(limit) a photo; "
                + "save it again with an image editor"
        case .tooSlow(_, let seconds, let limit):
            "\(name): took \(tenths(seconds)) s of processor time, beyond the limit of \(tenths(limit)) s a photo; "
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

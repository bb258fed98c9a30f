import ArgumentParsing
import Concurrency
import FaceImage
import Gallery
import Glibc

/// A command: how it is typed and what it does.
struct Verb: Sendable {
    let specification: CommandSpecification
    /// Carries it out; returns the exit code, or throws what ended it.
    let run: @Sendable (ParsedArguments, Console) async throws -> ExitCode
}

/// Options that several commands share.
enum Shared {
    static let gallery = OptionSpecification(
        "-g", "--gallery", value: "DIR", help: "The gallery; FACEGALLERY_GALLERY where it is not given.")
    static let json = OptionSpecification("--json", help: "Print JSON Lines.")
    static let network = OptionSpecification(
        "--network", value: "NAME",
        help: "A network's name in the cache, or its directory, with a / (default: sface).")
    static let largestFace = OptionSpecification(
        "--largest-face", help: "Take the largest face of a photo that shows several.")
    static let detector = OptionSpecification(
        "--detector", value: "NAME",
        help: "Who finds faces: yunet or dlib (default: as the network was trained; docs/networks.md).")
    static let anyRotation = OptionSpecification(
        "--any-rotation", help: "Look for faces in all four turns of a photo, at up to four times the time.")
    static let jobs = OptionSpecification(
        "--jobs", value: "N", help: "Photos in work at once (default: all cores).")
    static let maxBytes = OptionSpecification(
        "--max-bytes", value: "N", help: "Largest photo file that is read (default: 134217728).")
    static let exclude = OptionSpecification(
        "--exclude", value: "PATTERN", repeats: true,
        help: "Leave files and folders of this name or path out, such as 'old*' or 'Ada/raw/'; may be repeated."
    )
    static let maxPixels = OptionSpecification(
        "--max-pixels", value: "N", help: "Largest photo that is decoded, in pixels (default: 200000000).")
    static let maxSeconds = OptionSpecification(
        "--max-seconds", value: "S", help: "Longest processor time for the decoding of a photo (default: 20).")
    static let minSimilarity = OptionSpecification(
        "--min-similarity", value: "S", help: "Cosine at or above which faces match (default: the network's).")
    static let fusion = OptionSpecification(
        "--fusion", value: "RULE", help: "A subject's references count by their max (default) or mean.")
}

extension ParsedArguments {
    /// The gallery that the user means.
    func galleryPath() throws(UsageError) -> String {
        if let path = value("--gallery") { return path }
        if let path = unsafe getenv("FACEGALLERY_GALLERY") {
            let path = unsafe String(cString: path)
            if !path.isEmpty { return path }
        }
        throw UsageError(
            "no gallery is named; give -g DIR or set FACEGALLERY_GALLERY", command: command.name)
    }

    func jobs() throws(UsageError) -> Int {
        try integer("--jobs", in: 1...256) ?? ProcessorCount.online
    }

    /// How large a photo may be, and how long it may take.
    func limits() throws(UsageError) -> DecodeLimits {
        DecodeLimits(
            bytes: try integer("--max-bytes", in: 1...1 << 40) ?? DecodeLimits.standard.bytes,
            pixels: try integer("--max-pixels", in: 1...1 << 34) ?? DecodeLimits.standard.pixels,
            seconds: try real("--max-seconds", in: 0.001...1e6) ?? DecodeLimits.standard.seconds)
    }

    /// How faces are found.
    func finding() throws(UsageError) -> FaceSearchChoice {
        FaceSearchChoice(
            finder: try choice("--detector", as: FinderKind.self), anyRotation: flag("--any-rotation"))
    }

    /// What is left out of folders of photos.
    func patterns() throws(UsageError) -> [String] {
        let patterns = allValues("--exclude")
        guard patterns.allSatisfy({ $0 != "" && $0 != "/" }) else {
            throw UsageError("'--exclude' needs a pattern, such as 'old*'", command: command.name)
        }
        return patterns
    }

    func minSimilarity() throws(UsageError) -> Double? { try real("--min-similarity", in: -1...1) }
}

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
        "-g", "--gallery", value: "DIR",
        help: "The gallery (default: the environment variable FACEGALLERY_GALLERY).")
    static let json = OptionSpecification("--json", help: "Print JSON Lines.")
    static let cache = OptionSpecification(
        "--cache", value: "DIR",
        help: "The folder of networks and detectors (default: FACEGALLERY_CACHE, else the user's cache).")
    static let network = OptionSpecification(
        "--network", value: "NAME", completion: .folders,
        help: "A network: its name in the cache, or its directory with a / in it (default: sface).")
    static let largestFace = OptionSpecification(
        "--largest-face", help: "If a photo shows several faces, take the largest.")
    static let detector = OptionSpecification(
        "--detector", value: "NAME", completion: .choice(of: FinderKind.self),
        help: "The face finder: yunet or dlib (default: the one that the network was trained with).")
    static let anyRotation = OptionSpecification(
        "--any-rotation",
        help: "Look for faces in all four rotations of a photo; takes up to four times as long.")
    static let jobs = OptionSpecification(
        "--jobs", value: "N", help: "How many photos to process at once (default: one per core).")
    static let maxBytes = OptionSpecification(
        "--max-bytes", value: "N", help: "Largest photo file to read, in bytes (default: 134217728).")
    static let exclude = OptionSpecification(
        "--exclude", value: "PATTERN", repeats: true,
        help: "Skip files and folders with this name or path, such as 'old*' or 'Ada/raw/'; may be repeated."
    )
    static let maxPixels = OptionSpecification(
        "--max-pixels", value: "N", help: "Largest photo to decode, in pixels (default: 200000000).")
    static let maxSeconds = OptionSpecification(
        "--max-seconds", value: "S", help: "Most processor time for decoding a photo, in seconds (default: 20)."
    )
    static let minSimilarity = OptionSpecification(
        "--min-similarity", value: "S",
        help: "Faces match from this cosine on, -1 to 1 (default: the network's threshold).")
    static let fusion = OptionSpecification(
        "--fusion", value: "RULE", completion: .choice(of: Fusion.self),
        help: "How several references of a subject count: max (default) or mean.")
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
            "no gallery is given: use -g DIR, or set FACEGALLERY_GALLERY", command: command.name)
    }

    /// Makes the folder of models that the user names the one of this process.
    func applyCache() {
        guard command.options.contains(where: { $0.canonicalName == Shared.cache.canonicalName }),
            let folder = value("--cache")
        else { return }
        unsafe setenv(ModelCache.variable, folder, 1)
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

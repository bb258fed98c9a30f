import Foundation

/// Where the set-up keeps models and sample photos; tests that need them are skipped without.
public enum SetUpCache {
    /// The folder: `FACEGALLERY_CACHE`, else `facegallery` in `XDG_CACHE_HOME`, else in `~/.cache`.
    public static let folder: String = {
        let environment = ProcessInfo.processInfo.environment
        if let folder = environment["FACEGALLERY_CACHE"] { return folder }
        return (environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache") + "/facegallery"
    }()

    /// The path of something in it.
    public static func file(_ name: String) -> String { "\(folder)/\(name)" }
}

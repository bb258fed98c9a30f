import Foundation
import Glibc

/// How long and how heavy a fuzzed reader may be.
public struct FuzzTime {
    private let end: ContinuousClock.Instant
    private let residentAtFirst = FuzzTime.residentBytes

    /// Two seconds, or as many as the environment's FACEGALLERY_FUZZ_SECONDS says.
    public init() {
        let seconds = ProcessInfo.processInfo.environment["FACEGALLERY_FUZZ_SECONDS"].flatMap(Double.init) ?? 2
        end = .now + .seconds(seconds)
    }

    /// Whether there is time for another input.
    public var isLeft: Bool { ContinuousClock.now < end }

    /// Bytes by which this process has grown.
    public var growth: Int { Self.residentBytes - residentAtFirst }

    private static var residentBytes: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}

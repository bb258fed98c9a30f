import Glibc

/// What a bench is called and what it runs.
private let benches: [(name: String, run: @Sendable ([String]) throws -> Void)] = [
    ("network", runNetworkBench), ("pipeline", runPipelineBench), ("lfw", runLFWBench),
    ("search", runSearchBench), ("chips", runChipsBench), ("training", runTrainingBench),
]

@main struct Main {
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        guard let bench = benches.first(where: { $0.name == words.first }) else {
            let names = benches.map(\.name).joined(separator: "|")
            note("usage: facegallery-bench \(names) [options]; Bench/README.md shows them")
            exit(64)
        }
        do { try bench.run(Array(words.dropFirst())) } catch {
            note("error: \(error)")
            exit(1)
        }
    }
}

/// Tells something on standard error.
func note(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

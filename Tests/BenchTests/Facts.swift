import Foundation
import TestSupport
import Testing
import VectorFiles

/// The measuring program, and what its files and lines hold.
struct BenchProgram {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Runs it in the folder; its end must be a good one.
    @discardableResult
    func callAsFunction(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) throws
        -> TestedProgram.Result
    {
        let result = try run(arguments)
        #expect(result.exitCode == 0, "\(result.err)", sourceLocation: sourceLocation)
        return result
    }

    func run(_ arguments: [String]) throws -> TestedProgram.Result {
        var environment = ProcessInfo.processInfo.environment
        environment["FACEGALLERY_COMMIT"] = "tested"
        return try TestedProgram(named: "facegallery-bench").run(
            arguments, in: folder, environment: environment)
    }

    /// The rows of a matrix in the folder.
    func rows(_ name: String) throws -> [[Float]] {
        let matrix = try NpyMatrixMap(path: folder.file(name))
        return (0..<matrix.rows).map { matrix.floats($0..<$0 + 1) }
    }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: folder.file(name))) }
}

func product(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

extension [String: Any] {
    func number(_ key: String) -> Double? { (self[key] as? NSNumber)?.doubleValue }
}

import Foundation
import Glibc

/// A program of this package under test, run as a user runs it.
public struct TestedProgram: Sendable {
    /// What a run left behind.
    public struct Result: Sendable {
        /// The exit code, or the negative number of the signal that ended it.
        public let exitCode: Int32
        /// Standard output.
        public let out: String
        /// Standard error.
        public let err: String

        /// The lines of standard output.
        public var lines: [Substring] { out.split(separator: "\n") }

        /// The lines of standard output as JSON objects.
        public func objects() throws -> [[String: Any]] {
            try lines.map { line in
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            }
        }
    }

    /// The folder of the programs that were built with the tests.
    private static let products: URL = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: tests).deletingLastPathComponent()
        if FileManager.default.isExecutableFile(atPath: beside.appendingPathComponent("facegallery").path) {
            return beside
        }
        // The test runner of the toolchain loads the tests from the folder that it is told.
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? ""
        return URL(fileURLWithPath: bundle).deletingLastPathComponent()
    }()

    /// Where the program is.
    public let path: String

    /// The product of this package with a name.
    public init(named name: String) { path = Self.products.appendingPathComponent(name).path }

    /// The program at a path.
    public init(path: String) { self.path = path }

    /// Runs it in a folder and waits for its end.
    ///
    /// - Parameters:
    ///   - environment: in the place of this process's own, where given.
    ///   - input: the file that is its standard input; none without it.
    public func run(
        _ arguments: [String], in folder: TemporaryFolder,
        environment: [String: String]? = nil, input: String? = nil
    ) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.environment = environment ?? ProcessInfo.processInfo.environment
        let name = UUID().uuidString
        let (out, err) = (folder.file("out-\(name)"), folder.file("err-\(name)"))
        for path in [out, err] { try Data().write(to: URL(fileURLWithPath: path)) }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: err))
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: input ?? "/dev/null"))
        try process.run()
        process.waitUntilExit()
        defer {
            try? FileManager.default.removeItem(atPath: out)
            try? FileManager.default.removeItem(atPath: err)
        }
        return Result(
            exitCode: process.terminationReason == .exit
                ? process.terminationStatus : -process.terminationStatus,
            out: try String(contentsOfFile: out, encoding: .utf8),
            err: try String(contentsOfFile: err, encoding: .utf8))
    }
}

import Foundation
import Glibc
import TestSupport

/// The program under test, run as a user runs it.
struct Facegallery: Sendable {
    struct Result: Sendable {
        let exitCode: Int32
        let out: String
        let err: String

        /// The lines of standard output.
        var lines: [Substring] { out.split(separator: "\n") }

        /// The lines of standard output as JSON objects.
        func objects() throws -> [[String: Any]] {
            try lines.map { line in
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            }
        }
    }

    /// The program stands beside the tests that were built with it.
    static let path: String = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let besideTests = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent(
            "facegallery")
        if FileManager.default.isExecutableFile(atPath: besideTests.path) { return besideTests.path }
        // The test runner of the toolchain loads the tests from the folder that it is told.
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? ""
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("facegallery")
            .path
    }()

    /// Whether the models that the set-up fetches are on this machine.
    static let hasModels: Bool = {
        FileManager.default.fileExists(atPath: SetUpCache.file("networks/dlib-resnet/weights.safetensors"))
            && FileManager.default.fileExists(atPath: portrait("biden.jpg"))
    }()

    static func portrait(_ name: String) -> String { SetUpCache.file("photos/\(name)") }

    let folder: TemporaryFolder
    var environment: [String: String] = [:]

    init(_ folder: TemporaryFolder) {
        self.folder = folder
    }

    /// Runs the program in its folder and waits for its end.
    func callAsFunction(_ arguments: String..., input: String? = nil) throws -> Result {
        try run(arguments, input: input)
    }

    func run(_ arguments: [String], program: String = Facegallery.path, input: String? = nil) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.environment = ProcessInfo.processInfo.environment
            .filter { $0.key != "FACEGALLERY_GALLERY" }.merging(environment) { $1 }
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

/// A matrix of float32 rows as an `.npy` file.
func npy(_ rows: [[Float]], descr: String = "<f4") -> [UInt8] {
    let text =
        "{'descr': '\(descr)', 'fortran_order': False, 'shape': (\(rows.count), \(rows.first?.count ?? 0)), }"
    let header = text + String(repeating: " ", count: 117 - text.utf8.count) + "\n"
    let values = rows.joined().flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) }
    }
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8) + values
}

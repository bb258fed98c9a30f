import Foundation

/// What a figure was measured on, printed beside it.
struct Machine: Encodable {
    let processor: String
    let cores: Int
    let build: String

    static let this = Machine(
        processor: processorName(), cores: ProcessInfo.processInfo.processorCount, build: buildMode)

    /// The commit that stands in the source folder, with "+" behind it where files differ from it.
    ///
    /// `FACEGALLERY_COMMIT` speaks for a program that is far from its sources.
    static let commit: String = {
        if let named = ProcessInfo.processInfo.environment["FACEGALLERY_COMMIT"] { return named }
        guard let hash = git(["rev-parse", "--short=12", "HEAD"]) else { return "unknown" }
        return hash + (git(["status", "--porcelain", "--untracked-files=no"])?.isEmpty ?? true ? "" : "+")
    }()

    /// The folder of the sources, where the benches find what they ship with.
    static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private static var buildMode: String {
        #if DEBUG
            "debug"
        #else
            "release"
        #endif
    }

    private static func processorName() -> String {
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = info.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    }

    private static func git(_ words: [String]) -> String? {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", sources] + words
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? text.trimmingCharacters(in: .whitespacesAndNewlines) : nil
    }
}

/// Prints a record as one line of JSON, at once, so that who reads it may act on it.
func printRecord(_ record: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var line = try encoder.encode(record)
    line.append(UInt8(ascii: "\n"))
    try FileHandle.standardOutput.write(contentsOf: line)
}

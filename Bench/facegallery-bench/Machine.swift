import Foundation

/// What a figure was measured on, printed beside it.
struct Machine: Encodable {
    let processor: String
    let cores: Int
    let build: String

    static let this = Machine(
        processor: processorName(), cores: ProcessInfo.processInfo.processorCount, build: buildMode)

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
}

/// Prints a record as one line of JSON.
func printRecord(_ record: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(record), as: UTF8.self))
}

/// The value of `--name` among words, which a bench cannot do without.
func required(_ name: String, in arguments: [String]) throws -> String {
    guard let value = option(name, in: arguments) else { throw BenchFault("\(name) is needed") }
    return value
}

/// The value of `--name` among words.
func option(_ name: String, in arguments: [String]) -> String? {
    guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
    return arguments[index + 1]
}

import Foundation

/// Runs a peer's program and reads the JSON Lines it prints.
///
/// - Parameter environment: what is set beside this program's own.
/// - Throws: `BenchFault` where it fails.
func records<Record: Decodable>(
    of program: String, _ arguments: [String], environment: [String: String] = [:]
) throws -> [Record] {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw BenchFault("\(program) ended with status \(process.terminationStatus)")
    }
    return try text.split(separator: UInt8(ascii: "\n")).map {
        try JSONDecoder().decode(Record.self, from: Data($0))
    }
}

import Foundation

/// One line of `Bench/dlib-reference/reference.cpp`.
struct ReferenceRecord: Decodable {
    let measure: String
    let median_ms_per_face: Double
}

/// Runs the program that measures dlib, on one thread, and reads what it prints.
func runReference(_ program: String, _ arguments: [String]) throws -> [ReferenceRecord] {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(["OPENBLAS_NUM_THREADS": "1"]) { $1 }
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw BenchFault("\(program) ended with status \(process.terminationStatus)")
    }
    return try text.split(separator: "\n").map { line in
        try JSONDecoder().decode(ReferenceRecord.self, from: Data(line.utf8))
    }
}

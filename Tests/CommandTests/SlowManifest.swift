import Foundation
import Glibc
import TestSupport
import Testing

/// A job of enrolment that is given its list row by row, through a pipe.
final class SlowManifest {
    private let process = Process()
    private let (input, output, errors) = (Pipe(), Pipe(), Pipe())
    private var told = Data()

    /// Starts `enroll --manifest -` on the gallery `g`.
    init(_ gallery: PatternGallery, _ words: String...) throws {
        process.executableURL = URL(fileURLWithPath: Facegallery.path)
        process.arguments = ["enroll", "-g", "g", "--manifest", "-"] + words
        process.currentDirectoryURL = URL(fileURLWithPath: gallery.folder.path)
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    func write(_ text: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits until so many lines were told on standard output.
    func waitForLines(_ count: Int) throws {
        let descriptor = output.fileHandleForReading.fileDescriptor
        for _ in 0..<600 where lines < count {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&waiting, 1, 100) > 0 else { continue }
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            told += data
        }
        #expect(lines >= count, "\(String(decoding: told, as: UTF8.self))")
    }

    /// Ends the list, if that was not done before, and waits for the job's end.
    func end(closing: Bool = true) throws -> (exitCode: Int32, lines: Int, said: String) {
        if closing { try input.fileHandleForWriting.close() }
        told += output.fileHandleForReading.readDataToEndOfFile()
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationReason == .exit ? process.terminationStatus : -1, lines, said)
    }

    private var lines: Int { told.count { $0 == 0x0A } }
}

import Foundation
import GalleryModel
import Testing
import TestSupport
@testable import TemplateStore

/// A Python with `lmdb` and `numpy`: that of FACEGALLERY_PYTHON, else python3 with what make test fetches.
private let python: String? = {
    if isSanitized { return nil }
    let candidate = ProcessInfo.processInfo.environment["FACEGALLERY_PYTHON"] ?? "python3"
    return run([candidate, "-c", "import lmdb, numpy"]) == nil ? nil : candidate
}()

/// What `command` printed, nil unless it succeeded.
private func run(_ command: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.environment = ProcessInfo.processInfo.environment
        .merging(["PYTHONPATH": SetUpCache.file("test-tools")]) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: text, as: UTF8.self) : nil
}

@Suite("docs/format.md")
struct FormatPageTests {
    @Test("its Python example reads a gallery and checks every checksum", .enabled(if: python != nil))
    func pythonExample() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/format.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let start = try #require(text.range(of: "```python\nimport struct"))
        let end = try #require(text.range(of: "```", range: start.upperBound..<text.endIndex))
        let program = text[start.lowerBound..<end.lowerBound].dropFirst("```python\n".count)
        let gallery = try TestGallery()
        let quality = ReferenceQuality(faceSize: 90, sharpness: 1, yaw: 2, roll: 3, score: 0.5)
        try gallery.open().write { (writer) throws(StoreError) in
            try writer.add((0..<500).map { newReference("subject \($0 % 70)", $0) })
            try writer.add(
                NewReference(
                    subject: "Zoë", source: "z.jpg", sourceDigest: [UInt8](repeating: 3, count: 32),
                    sourceStamp: SourceStamp(size: 1, modified: 2), quality: quality,
                    metadata: ["city": "Bern"],
                    template: vector(9)))
            try writer.remove(subject: "subject 3")
        }
        let script = try gallery.folder.write([UInt8](program.utf8), to: "read.py")
        let output = try #require(run([python ?? "", script, gallery.path]))
        #expect(output.hasPrefix("16 test 0123abcd\n1 subject 0 subject 0-0.jpg"))
        #expect(output.hasSuffix("(493, 16)\n"))

        let keeping = try TestGallery(
            StoreSettings(dimension: 16, networkName: "test", networkFingerprint: "0123abcd", keepsChips: true))
        try keeping.open().write { (writer) throws(StoreError) in
            for number in 0..<9 {
                var new = newReference("s", number)
                if number != 4 { new.chip = ChipTests.chip(number, bytes: 700) }
                new.chip?.picture.replaceSubrange(0..<3, with: [0xFF, 0xD8, 0xFF])
                try writer.add(new)
            }
            try writer.remove(reference: 2)
        }
        let chips = try #require(run([python ?? "", script, keeping.path]))
        #expect(chips.contains("(8, 16)\n200 2 (40, 50, 100, 120) [ 0.   80.25] 700\n"), "\(chips)")
        #expect(chips.hasSuffix("7 chips\n"), "\(chips)")
    }
}

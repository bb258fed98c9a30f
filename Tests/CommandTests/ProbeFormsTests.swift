import CTestHDF5
import Foundation
import Gallery
import GalleryModel
import Testing
import TestSupport

/// Given templates to search, in every form that enrolment takes.
@Suite("Probes") struct ProbeFormsTests {
    private let folder: TemporaryFolder
    private let facegallery: Facegallery
    private let templates: [[Float]]

    init() throws {
        folder = try TemporaryFolder()
        facegallery = Facegallery(folder)
        var generator = SeededGenerator(seed: 78)
        let made = (0..<40).map { _ in generator.unitVector(16) }
        templates = made
        try FaceGallery.create(at: folder.file("g"), dimension: 16)
        _ = try FaceGallery(at: folder.file("g")).enroll(
            made.enumerated().map {
                NewReference(subject: "s\($0.offset)", source: "\($0.offset)", template: $0.element)
            })
    }

    private func bytes<Value>(_ value: Value) -> [UInt8] {
        unsafe withUnsafeBytes(of: value) { unsafe Array($0) }
    }

    /// Writes some templates in a form and gives its name.
    private func write(_ rows: [[Float]], as form: String) throws -> String {
        let name = "probes.\(form)"
        switch form {
        case "npy": try folder.write(npy(rows), to: name)
        case "fvecs": try folder.write(rows.flatMap { bytes(Int32(16)) + $0.flatMap { bytes($0) } }, to: name)
        default:
            let path = folder.file(name)
            #expect(unsafe test_hdf5_new(path, "angular", 0) == 0)
            #expect(
                unsafe test_hdf5_add_floats(path, "train", [UInt64(rows.count), 16], 2, rows.flatMap { $0 }, 0)
                    == 0)
        }
        return name
    }

    private func answers(_ result: Facegallery.Result) throws -> [String] {
        try result.objects().map { answer in
            let first = (answer["candidates"] as? [[String: Any]])?.first?["subject"] as? String
            return "\(answer["probe"] as? String ?? "") \(first ?? "nobody")"
        }
    }

    @Test("are read from files of every form", arguments: ["npy", "fvecs", "hdf5"])
    func files(form: String) throws {
        let name = try write([templates[3], templates[39]], as: form)
        let result = try facegallery.run(
            ["identify", "-g", "g", "--embeddings", name, "--min-similarity", "0.9", "--json"])
        #expect(result.exitCode == 0, "\(result.err)")
        #expect(try answers(result) == ["0 s3", "1 s39"])
    }

    @Test("are read from JSON Lines, and a line that is none is named and passed over")
    func jsonLines() throws {
        func line(_ template: [Float]) -> String {
            "{\"embedding\":[\(template.map { "\($0)" }.joined(separator: ","))]}\n"
        }
        let input =
            line(templates[5]) + "\n" + "nonsense\n" + line([1, 2]) + "{\"subject\":\"Ada\"}\n"
            + "{\"subject\":\"Ada\",\"embedding\":[\(templates[6].map { "\($0)" }.joined(separator: ","))]}\n"
            + line([Float](repeating: 0, count: 16))
        let file = try folder.write(Array(input.utf8), to: "lines")
        let result = try facegallery.run(
            ["identify", "-g", "g", "--embeddings", "-", "--min-similarity", "0.9", "--json"], input: file)
        #expect(result.exitCode == 65)
        // What cannot be searched is told before the lines around it are answered.
        #expect(try answers(result).filter { !$0.hasSuffix("nobody") } == ["1 s5", "6 s6"])
        let failed = try result.objects().filter { $0["error"] != nil }
        #expect(failed.map { $0["probe"] as? String } == ["3", "4", "5", "7"])
        #expect(failed.allSatisfy { $0["reason"] as? String == "bad_entry" })
        for text in [
            "row 3: is not a valid JSON object", "row 4: its embedding has 2 numbers", "row 5: needs an",
            "row 7: ",
        ] {
            #expect(result.err.contains(text), "\(text) in \(result.err)")
        }
    }
}

import FaceImage
import Foundation
import Glibc
import TestSupport
import Testing

/// The program under test, run as a user runs it.
struct Facegallery: Sendable {
    typealias Result = TestedProgram.Result

    static let path = TestedProgram(named: "facegallery").path

    /// Whether the models that the set-up fetches are on this machine.
    static let hasModels: Bool = {
        FileManager.default.fileExists(atPath: SetUpCache.file("networks/sface/network.onnx"))
            && FileManager.default.fileExists(atPath: SetUpCache.file("detector/yunet.onnx"))
            && FileManager.default.fileExists(atPath: portrait("biden.jpg"))
    }()

    static func portrait(_ name: String) -> String { SetUpCache.file("photos/\(name)") }

    let folder: TemporaryFolder
    var environment: [String: String] = [:]

    init(_ folder: TemporaryFolder) {
        self.folder = folder
    }

    /// A portrait of 320 pixels across, which costs a third of the time of the one it is made of.
    private static let smallPortrait: [UInt8]? = {
        guard let photo = try? SmallPortraits.reduced(Photo(.path(portrait("biden.jpg")))) else { return nil }
        return Array("P6\n\(photo.width) \(photo.height) 255\n".utf8) + photo.pixels
    }()

    /// Makes the gallery `g`, and `people/Joe Biden.jpg` to enrol in it.
    func makeGalleryAndPortrait() throws {
        guard try self("create", "-g", "g").exitCode == 0 else { throw CocoaError(.fileWriteUnknown) }
        try FileManager.default.createDirectory(
            atPath: folder.file("people"), withIntermediateDirectories: true)
        guard let portrait = Self.smallPortrait else { throw CocoaError(.fileReadNoSuchFile) }
        // A photo is what its bytes say, whatever its name.
        try folder.write(portrait, to: "people/Joe Biden.jpg")
    }

    /// Runs the program in its folder and waits for its end.
    func callAsFunction(_ arguments: String..., input: String? = nil) throws -> Result {
        try run(arguments, input: input)
    }

    func run(_ arguments: [String], program: String = Facegallery.path, input: String? = nil) throws -> Result {
        let merged = ProcessInfo.processInfo.environment
            .filter { $0.key != "FACEGALLERY_GALLERY" }.merging(environment) { $1 }
        return try TestedProgram(path: program).run(
            arguments, in: folder, environment: merged, input: input)
    }
}

extension Facegallery {
    /// Waits for the gallery `g` to have so many references: what is ready is committed though nothing further comes.
    func waitForReferences(_ count: Int) throws {
        for _ in 0..<600 {
            let stats = try self("stats", "-g", "g", "--json").objects().first
            if stats?["references"] as? Int == count { return }
            usleep(100_000)
        }
        Issue.record("there are not \(count) references after a minute")
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

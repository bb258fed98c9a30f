import EvaluationReport
import Enrollment
import FaceImage
import Files
import Gallery
import GalleryEvaluation

/// Writes the page of a report into a new folder.
struct ReportWriter {
    private let folder: OpenFolder

    /// Makes the folder before anything is measured, so that a long evaluation does not end without a place.
    init(_ path: String) throws {
        let (parent, name) = try OpenFolder.holding(path)
        guard try parent.makeFolder(name, mode: 0o700) else {
            throw CommandFailure(printable("\(path): --report needs a new folder, but this exists"), .usage)
        }
        folder = try OpenFolder(name, in: parent)
    }

    /// Writes `index.html`.
    func write(_ page: ReportPage, _ console: Console) throws {
        let (text, problem) = page.html()
        if let problem { console.note(printable(problem)) }
        try ScratchFile.replace("index.html", in: folder, with: Array(text.utf8), mode: 0o600)
        console.note("the report is \(printable(folder.path))/index.html")
    }

    /// Small pictures of the faces of the worst searches, as `data:` addresses by path.
    static func thumbnails(_ report: IdentificationReport, _ encoder: PhotoEncoder) -> [String: String] {
        var pictures: [String: String] = [:]
        for search in report.falseMatches + report.misses {
            for path in [search.probe, search.candidateSource ?? ""]
            where !path.isEmpty && path != "-" && pictures[path] == nil {
                // A photo that is gone, or a source that is no photo, has no picture.
                guard
                    let file = try? PhotoFile(
                        .path(path), limits: encoder.limits, shouldStop: encoder.shouldStop),
                    let face = try? encoder.chosenFace(in: file, largest: true).detected,
                    let bytes = face.chip.png()
                else { continue }
                pictures[path] = "data:image/png;base64," + base64(bytes)
            }
        }
        return pictures
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 4 / 3 + 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            var bits = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
            var four = [UInt8](repeating: UInt8(ascii: "="), count: 4)
            for place in stride(from: 3, through: 0, by: -1) {
                if place <= part.count { four[place] = alphabet[bits & 63] }
                bits >>= 6
            }
            text += four
        }
        return String(decoding: text, as: UTF8.self)
    }
}

import FaceImage
import Foundation
import Gallery

private struct PipelineRecord: Encodable {
    var bench = "photo to template"
    var machine = Machine.this
    var program: String
    var photos: Int
    var threads = 1
    var medianMilliseconds: Double
    /// dlib's median divided by ours, where dlib was measured beside it.
    var ratio: Double?
}

/// Times the whole way from photo to template, one thread, beside dlib's own where its program is given.
///
/// Options: `--photos DIR` (a folder of folders, every n-th photo is taken), `--count N`, and for the peer
/// `--reference PROGRAM --model FILE.dat` (`Bench/dlib-reference/reference.cpp`). The programs take turns.
func runPipelineBench(arguments: [String]) throws {
    let folder = try required("--photos", in: arguments)
    let count = option("--count", in: arguments).flatMap { Int($0) } ?? 100
    let all = (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
        .filter { $0.hasSuffix(".jpg") }.sorted()
    guard !all.isEmpty else { throw BenchFault("\(folder) holds no .jpg photo") }
    let photos = stride(from: 0, to: all.count, by: max(1, all.count / count)).map { "\(folder)/\(all[$0])" }

    let encoder = try PhotoEncoder()
    var ours: [Double] = []
    var peer: [Double] = []
    for round in 0..<3 {
        for photo in photos {
            let start = ContinuousClock.now
            _ = try? encoder.face(in: PhotoFile(.path(photo)), largest: true)
            if round > 0 { ours.append((ContinuousClock.now - start) / .milliseconds(1)) }
        }
        if let median = try peerMedian(photos, arguments) { peer.append(median) }
    }
    let median = ours.sorted()[ours.count / 2]
    let peerMedian = peer.isEmpty ? nil : peer.sorted()[peer.count / 2]
    try printRecord(
        PipelineRecord(
            program: "facegallery", photos: photos.count, medianMilliseconds: median,
            ratio: peerMedian.map { $0 / median }))
    if let peerMedian {
        try printRecord(PipelineRecord(program: "dlib", photos: photos.count, medianMilliseconds: peerMedian))
    }
}

private func peerMedian(_ photos: [String], _ arguments: [String]) throws -> Double? {
    guard let program = option("--reference", in: arguments) else { return nil }
    let model = try required("--model", in: arguments)
    let records = try runReference(program, ["pipeline", model, ModelCache.standard.landmarkModel] + photos)
    guard let record = records.first else { throw BenchFault("\(program) printed nothing") }
    return record.median_ms_per_face
}

import ArgumentParsing
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

let pipelineBench = Bench(
    specification: CommandSpecification(
        "pipeline", abstract: "The whole way from photo to template, one thread, beside dlib's own.",
        discussion: "Both programs take turns, so that a busy machine disturbs them alike.",
        options: [
            Shared.photos,
            OptionSpecification("--count", value: "N", help: "Photos, taken evenly (default: 100)."),
            Shared.reference, Shared.model, Shared.json,
        ],
        example: "facegallery-bench pipeline --photos people/"),
    run: runPipelineBench)

private func runPipelineBench(arguments: ParsedArguments) throws {
    let folder = try arguments.required("--photos")
    let count = try arguments.integer("--count", in: 1...1_000_000) ?? 100
    let reference = try arguments.dlibReference()
    let all = try listAllPhotos(folder)
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
        if let reference { peer.append(try dlibMedian(photos, reference)) }
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

private func dlibMedian(_ photos: [String], _ reference: (program: String, model: String)) throws -> Double {
    let records = try runReference(
        reference.program, ["pipeline", reference.model, ModelCache.standard.landmarkModel] + photos)
    guard let record = records.first else { throw BenchFault("\(reference.program) printed nothing") }
    return record.median_ms_per_face
}

import ArgumentParsing
import FaceImage
import Foundation
import Gallery
import Network

let findersBench = Bench(
    specification: CommandSpecification(
        "finders",
        abstract: "What a finder of faces finds, misses and takes for a face, and how long it takes.",
        discussion: """
            The photos are portraits of one size with the face in the middle, such as LFW's (deep-funneled). Of each set
            one line is printed: portraits as they are, reduced, cropped to the face, side by side as a group, turned,
            and corners of them where no face is. A face is found if a finding has its place and size. What else is found
            counts as false, also where the portrait shows a second person.
            """,
        options: [
            Shared.photos,
            OptionSpecification("--finder", value: "NAME", help: "yunet or dlib (default: yunet)."),
            OptionSpecification("--model", value: "FILE", help: "The finder's model (default: the cache's)."),
            OptionSpecification("--count", value: "N", help: "Photos of a set, taken evenly (default: 60)."),
            OptionSpecification("--any-rotation", help: "YuNet: search photos in all four turns."),
            Shared.json,
        ],
        example: "facegallery-bench finders --photos lfw/"),
    run: runFindersBench)

private func runFindersBench(arguments: ParsedArguments) throws {
    let folder = try arguments.required("--photos")
    let count = try arguments.integer("--count", in: 9...10_000) ?? 60
    let name = arguments.value("--finder") ?? "yunet"
    let detector = try makeDetector(
        name, model: arguments.value("--model"), anyRotation: arguments.flag("--any-rotation"))
    let all = try listPhotos(folder)
    guard all.count >= count else {
        throw BenchFault("\(folder) holds \(all.count) photos, fewer than \(count)")
    }
    let photos = try stride(from: 0, to: all.count, by: all.count / count).prefix(count).map {
        try Photo(.path("\(folder)/\(all[$0])"))
    }
    try measureFinder(detector, name: name, on: photos)
}

private func makeDetector(_ name: String, model: String?, anyRotation: Bool) throws -> FaceDetector {
    switch name {
    case "dlib": return try FaceDetector(landmarkModel: model ?? ModelCache.standard.landmarkModel)
    case "yunet":
        let network = YuNetNetwork(try TensorNetwork(onnx: model ?? ModelCache.standard.yuNet))
        return try FaceDetector(
            finder: YuNetFinder(network: network, anyRotation: anyRotation), alignment: .template(.arcFace))
    default: throw BenchFault("--finder is yunet or dlib, not \(name)", isUsage: true)
    }
}

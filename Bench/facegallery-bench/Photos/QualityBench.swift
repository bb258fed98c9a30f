import ArgumentParsing
import FaceImage
import Foundation
import Gallery
import Network
import Synchronization

let qualityBench = Bench(
    specification: CommandSpecification(
        "quality", abstract: "What limits on size, score, sharpness and pose of a face cost and gain.",
        discussion: """
            Every photo is a reference, and is compared with every other photo. For each limit: how many references
            it refuses, and how often those and the others miss photos of their own person (FNMR) and match photos of
            others (FMR) at the network's threshold. Each reference counts once, however many photos its person has.
            With --blur, references are made of photos reduced so many times and enlarged again.
            """,
        options: [
            Shared.photos, Shared.network,
            OptionSpecification(
                "--blur", value: "N", help: "Reduce references N times, 2 to 10 (default: 1, not)."),
            OptionSpecification("--threads", value: "N", help: "Photos in work at once (default: 2)."),
            Shared.json,
        ],
        example: "facegallery-bench quality --photos lfw/"),
    run: runQualityBench)

/// Limits that are tried; those of the detector's score and the pose are in its own unit and in degrees.
private let limits: [(gate: String, values: [Double])] = [
    ("--min-face-size", [50, 75, 90, 110]), ("--min-face-score", [-0.1, 0, 0.25, 0.5, 1]),
    ("--min-sharpness", [5, 8, 12, 18, 37]), ("--max-yaw", [20, 30, 40, 50, 60]),
]

private struct QualityRecord: Encodable {
    /// References on one side of a limit.
    struct Side: Encodable {
        var references = 0
        /// Of those, how many have further photos of their person.
        var mated = 0
        /// The mean over references of the share of photos of their own person that they miss.
        var fnmr: Double?
        /// The mean over references of the share of other people's photos that they match.
        var fmr: Double?
    }

    var bench = "quality"
    var machine = Machine.this
    var commit = Machine.commit
    var network: String
    var threads: Int
    var photos: Int
    var faces: Int
    var blur: Int
    var threshold: Double
    var gate: String
    var limit: Double
    var refusedShare: Double
    var refused: Side
    var kept: Side
}

private struct Judged: Sendable {
    let photo: Int
    let person: String
    let face: Face
    let template: [Float]
}

/// How a reference fares against all other photos.
private struct Rates: Sendable {
    var mates = 0
    var missed = 0
    var others = 0
    var matched = 0
}

private func runQualityBench(arguments: ParsedArguments) throws {
    let folder = try arguments.required("--photos")
    let threads = try arguments.threads(default: 2)
    let encoder = try PhotoEncoder(network: arguments.value("--network") ?? ModelCache.defaultNetwork)
    let photos = try listPhotos(folder)
    let blur = try arguments.integer("--blur", in: 1...10) ?? 1
    let probes = judge(photos, in: folder, encoder, threads: threads, blur: 1)
    guard !probes.isEmpty else { throw BenchFault("\(folder): no photo shows a face") }
    let faces = blur == 1 ? probes : judge(photos, in: folder, encoder, threads: threads, blur: blur)
    let threshold = encoder.card.threshold.similarity
    let rates = compare(faces, with: probes, threshold: Float(threshold), threads: threads)
    for (gate, values) in limits {
        for limit in values {
            var (refused, kept) = ([Rates](), [Rates]())
            for (face, rate) in zip(faces, rates) {
                if isRefused(face.face, gate, limit) { refused.append(rate) } else { kept.append(rate) }
            }
            try printRecord(
                QualityRecord(
                    network: encoder.card.name, threads: threads, photos: photos.count, faces: faces.count,
                    blur: blur,
                    threshold: threshold, gate: gate, limit: limit,
                    refusedShare: Double(refused.count) / Double(max(faces.count, 1)), refused: side(refused),
                    kept: side(kept)))
        }
    }
}

/// The largest face of each photo that shows one.
private func judge(
    _ photos: [String], in folder: String, _ encoder: PhotoEncoder, threads: Int, blur: Int
) -> [Judged] {
    let found = Mutex([Int: Judged]())
    inParallel(photos.count, threads: threads) { index in
        guard let photo = try? Photo(.path("\(folder)/\(photos[index])")),
            let shown = try? blur == 1 ? photo : blurred(photo, blur),
            let detected = try? encoder.detectedFace(in: shown, largest: true),
            let encoded = try? encoder.encode([detected]).first
        else { return }
        let person = String(photos[index].prefix { $0 != "/" })
        found.withLock {
            $0[index] = Judged(photo: index, person: person, face: encoded.face, template: encoded.template)
        }
    }
    return found.withLock { found in photos.indices.compactMap { found[$0] } }
}

/// The photo reduced to a square of a part of its width, and enlarged again.
private func blurred(_ photo: Photo, _ factor: Int) throws -> Photo {
    let small = try photo.stretched(toSide: max(16, photo.width / factor))
    let reduced = Photo(name: photo.name, width: small.side, height: small.side, pixels: small.pixels)
    let large = try reduced.stretched(toSide: photo.width)
    return Photo(name: photo.name, width: large.side, height: large.side, pixels: large.pixels)
}

private func isRefused(_ face: Face, _ gate: String, _ limit: Double) -> Bool {
    switch gate {
    case "--min-face-size": Double(face.quality.size) < limit
    case "--min-face-score": face.score < limit
    case "--min-sharpness": face.quality.sharpness < limit
    default: abs(face.quality.yaw) > limit
    }
}

/// Every face as a reference against the faces of all other photos: O(faces² · dimension).
private func compare(
    _ faces: [Judged], with probes: [Judged], threshold: Float, threads: Int
) -> [Rates] {
    let all = Mutex([Rates](repeating: Rates(), count: faces.count))
    inParallel(faces.count, threads: threads) { index in
        var rates = Rates()
        let reference = faces[index]
        for probe in probes where probe.photo != reference.photo {
            var sums = SIMD8<Float>()
            for place in stride(from: 0, to: reference.template.count & ~7, by: 8) {
                var (a, b) = (SIMD8<Float>(), SIMD8<Float>())
                for lane in 0..<8 {
                    a[lane] = reference.template[place + lane]
                    b[lane] = probe.template[place + lane]
                }
                sums += a * b
            }
            let isMatch = sums.sum() >= threshold
            if probe.person == reference.person {
                rates.mates += 1
                rates.missed += isMatch ? 0 : 1
            } else {
                rates.others += 1
                rates.matched += isMatch ? 1 : 0
            }
        }
        all.withLock { $0[index] = rates }
    }
    return all.withLock { $0 }
}

private func side(_ rates: [Rates]) -> QualityRecord.Side {
    func mean(_ shares: [Double]) -> Double? {
        shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
    }
    let mated = rates.filter { $0.mates > 0 }
    return QualityRecord.Side(
        references: rates.count, mated: mated.count,
        fnmr: mean(mated.map { Double($0.missed) / Double($0.mates) }),
        fmr: mean(rates.filter { $0.others > 0 }.map { Double($0.matched) / Double($0.others) }))
}

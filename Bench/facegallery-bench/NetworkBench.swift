import Foundation
import Gallery
import Network

/// Times the face network: opening it, and templates in batches of 1 and 16; beside dlib, if its program is given.
///
/// Prints JSON Lines. Options: `--network DIR`, `--chips FILE` (raw 150×150 RGB, default the tests' portraits),
/// `--threads N`, and for the peer `--reference PROGRAM --model FILE.dat` (`Bench/dlib-reference/reference.cpp`).
/// Both programs take turns, so that a busy machine disturbs them alike.
///
/// - Throws: `NetworkError`, or `BenchFault` for options and peers that do not work.
func runNetworkBench(arguments: [String]) throws {
    let options = try NetworkBenchOptions(arguments)
    let clock = ContinuousClock()
    var network: EmbeddingNetwork?
    var opening: [Double] = []
    for _ in 0..<5 {
        network = nil
        opening.append(
            try clock.time {
                network = try EmbeddingNetwork(directory: options.network, threads: options.threads)
            })
    }
    guard let network else { return }
    print(Timing(measure: "open the network", faces: 1, times: opening).json(threads: options.threads))

    let chips = try options.readChips(side: network.card.input.side)
    var ours: [Int: [Double]] = [:]
    var peer: [Int: [Double]] = [:]
    for _ in 0..<3 {
        for batch in [1, 16] {
            let some = (0..<batch).map { chips[$0 % chips.count] }
            _ = try network.templates(of: some)
            for _ in 0..<(64 / batch + 6) {
                ours[batch, default: []].append(try clock.time { _ = try network.templates(of: some) })
            }
        }
        for (batch, median) in try options.peerMedians() { peer[batch, default: []].append(median) }
    }
    for batch in [1, 16] {
        let timing = Timing(measure: "forward, batch \(batch)", faces: batch, times: ours[batch] ?? [])
        print(timing.json(threads: options.threads))
        guard let medians = peer[batch]?.sorted(), !medians.isEmpty else { continue }
        let median = medians[medians.count / 2]
        print(
            "{\"program\":\"dlib\",\"measure\":\"forward, batch \(batch)\",\"threads\":1,"
                + "\"median_ms_per_face\":\(digits(median)),\"ratio\":\(digits(median / timing.median))}")
    }
}

/// Why a measurement could not be made.
struct BenchFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

private struct Timing {
    let measure: String
    let faces: Int
    let times: [Double]

    var median: Double { share(0.5) }

    private func share(_ share: Double) -> Double {
        let sorted = times.sorted()
        guard let last = sorted.last else { return .nan }
        let place = Int(share * Double(sorted.count))
        return (place < sorted.count ? sorted[place] : last) / Double(faces)
    }

    func json(threads: Int) -> String {
        "{\"program\":\"facegallery\",\"measure\":\"\(measure)\",\"threads\":\(threads),\"runs\":\(times.count),"
            + "\"median_ms_per_face\":\(digits(median)),\"p99_ms_per_face\":\(digits(share(0.99))),"
            + "\"min_ms_per_face\":\(digits(share(0)))}"
    }
}

private func digits(_ value: Double) -> String { String(format: "%.4f", value) }

extension ContinuousClock {
    /// Milliseconds that `work` takes.
    func time(_ work: () throws -> Void) rethrows -> Double {
        let taken = try measure(work).components
        return Double(taken.seconds) * 1e3 + Double(taken.attoseconds) / 1e15
    }
}

private struct NetworkBenchOptions {
    var network: String
    var chips: String
    var threads = 1
    var reference: String?
    var model: String?

    init(_ arguments: [String]) throws {
        network = ModelCache.standard.directory(ofNetwork: ModelCache.defaultNetwork)
        chips =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Tests/NetworkTests/Fixtures/portraits.rgb")
            .path
        var rest = arguments[...]
        while let option = rest.popFirst() {
            guard let value = rest.popFirst() else { throw BenchFault("\(option) needs a value") }
            switch option {
            case "--network": network = value
            case "--chips": chips = value
            case "--reference": reference = value
            case "--model": model = value
            case "--threads":
                guard let count = Int(value) else {
                    throw BenchFault("--threads \(value): not a number")
                }
                threads = count
            default: throw BenchFault("unknown option \(option)")
            }
        }
        if (reference == nil) != (model == nil) {
            throw BenchFault("--reference and --model go together")
        }
    }

    func readChips(side: Int) throws -> [[UInt8]] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: chips)))
        let size = side * side * 3
        guard !bytes.isEmpty, bytes.count % size == 0 else {
            throw BenchFault("\(chips): not raw chips of \(side)×\(side) RGB")
        }
        return (0..<bytes.count / size).map { Array(bytes[$0 * size..<($0 + 1) * size]) }
    }

    /// dlib's median milliseconds a face, by batch; empty without a reference program.
    func peerMedians() throws -> [Int: Double] {
        guard let reference, let model else { return [:] }
        var medians: [Int: Double] = [:]
        for record in try runReference(reference, ["forward", model, chips]) {
            if let batch = record.measure.split(separator: " ").last.flatMap({ Int($0) }) {
                medians[batch] = record.median_ms_per_face
            }
        }
        return medians
    }
}

import ArgumentParsing
import Foundation
import Gallery
import Network

let networkBench = Bench(
    specification: CommandSpecification(
        "network", abstract: "The network: opening it, and chips to templates, beside dlib or onnxruntime.",
        discussion: "Batches of 1 and 16. Both programs take turns: a busy machine disturbs them alike.",
        options: [
            Shared.network,
            OptionSpecification(
                "--chips", value: "FILE", help: "Raw 150×150 RGB (default: the tests' portraits)."),
            Shared.threads, Shared.reference, Shared.model, Shared.json,
        ],
        example: "facegallery-bench network --threads 1"),
    run: runNetworkBench)

private func runNetworkBench(arguments: ParsedArguments) throws {
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
    var program = "dlib"
    for _ in 0..<3 {
        for batch in [1, 16] {
            let some = (0..<batch).map { chips[$0 % chips.count] }
            _ = try network.templates(of: some)
            for _ in 0..<(64 / batch + 6) {
                ours[batch, default: []].append(try clock.time { _ = try network.templates(of: some) })
            }
        }
        for record in try options.peerRecords() {
            guard let batch = record.measure.split(separator: " ").last.flatMap({ Int($0) }) else { continue }
            peer[batch, default: []].append(record.median_ms_per_face)
            program = record.program ?? program
        }
    }
    for batch in [1, 16] {
        let timing = Timing(measure: "forward, batch \(batch)", faces: batch, times: ours[batch] ?? [])
        print(timing.json(threads: options.threads))
        guard let medians = peer[batch]?.sorted(), !medians.isEmpty else { continue }
        let median = medians[medians.count / 2]
        print(
            "{\"program\":\"\(program)\",\"measure\":\"forward, batch \(batch)\",\"threads\":1,"
                + "\"median_ms_per_face\":\(digits(median)),\"ratio\":\(digits(median / timing.median))}")
    }
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
    let network: String
    let chips: String
    let threads: Int
    let peer: (program: String, model: String)?

    init(_ arguments: ParsedArguments) throws {
        network = ModelCache.standard.directory(
            ofNetwork: arguments.value("--network") ?? ModelCache.defaultNetwork)
        chips =
            arguments.value("--chips") ?? Machine.sources + "/Tests/NetworkTests/Fixtures/portraits.rgb"
        threads = try arguments.threads()
        peer = try arguments.dlibReference()
    }

    func readChips(side: Int) throws -> [[UInt8]] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: chips)))
        let size = side * side * 3
        guard !bytes.isEmpty, bytes.count % size == 0 else {
            throw BenchFault("\(chips): not raw chips of \(side)×\(side) RGB")
        }
        return (0..<bytes.count / size).map { Array(bytes[$0 * size..<($0 + 1) * size]) }
    }

    /// The peer's median milliseconds per face, by batch; empty without a reference program.
    func peerRecords() throws -> [ReferenceRecord] {
        guard let peer else { return [] }
        return try runReference(peer.program, ["forward", peer.model, chips])
    }
}

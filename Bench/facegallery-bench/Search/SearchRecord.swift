/// One point of a search bench: how fast, how much it finds, and on what.
struct SearchRecord: Encodable {
    var qps: Double
    /// By the processor time of this program: what a machine that is busy otherwise takes away does not count.
    var qpsProcessor: Double
    /// Processor seconds a second of the best round.
    var processorShare: Double
    /// Of a call, which answers one probe or, with `--batch all`, all of them.
    var p50: Double
    var p99: Double
    var recall1: Double
    /// Null where fewer than ten neighbours were asked for.
    var recall10: Nullable<Double>
    var buildSeconds: Double
    var bytesPerReference: Double
    var n: Int
    var dimension: Int
    var k: Int
    var threads: Int
    var batch: String
    /// 0 is exact search.
    var maxSearchLoss: Double
    var cpu = Machine.this.processor
    var kernel: String
    var commit = Machine.commit

    var bench = "search"
    var program = "facegallery"
    var exact: Bool
    var buildThreads: Int
    var saveSeconds: Nullable<Double>
    var probes: Int
    var rounds: Int
    var data: Nullable<String>
    var seed: Nullable<UInt64>
    var build = Machine.this.build

    enum CodingKeys: String, CodingKey {
        case qps, recall1, recall10, n, dimension, k, threads, batch, cpu, kernel, commit
        case qpsProcessor = "qps_processor"
        case processorShare = "processor_share"
        case p50 = "p50_us"
        case p99 = "p99_us"
        case buildSeconds = "build_s"
        case bytesPerReference = "bytes_per_reference"
        case maxSearchLoss = "max_search_loss"
        case bench, program, exact, probes, rounds, data, seed, build
        case buildThreads = "build_threads"
        case saveSeconds = "save_s"
    }
}

/// A value that is written as null where it is missing, so that a line always has the same keys.
struct Nullable<Value: Encodable & Sendable>: Encodable, Sendable {
    let value: Value?

    init(_ value: Value?) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}

import ArgumentParsing

/// A measurement: how it is typed and what it does.
struct Bench: Sendable {
    let specification: CommandSpecification
    /// Measures and prints; throws what ended it.
    let run: @Sendable (ParsedArguments) throws -> Void
}

/// Why a measurement could not be made.
struct BenchFault: Error, CustomStringConvertible {
    let description: String
    /// Whether the words of the command line are to blame.
    let isUsage: Bool

    init(_ description: String, isUsage: Bool = false) {
        self.description = description
        self.isUsage = isUsage
    }
}

/// Options that several benches share.
enum Shared {
    static let threads = OptionSpecification(
        "--threads", value: "N", help: "Threads that may compute (default: 1).")
    static let seed = OptionSpecification("--seed", value: "S", help: "Where all chance begins (default: 1).")
    static let json = OptionSpecification("--json", help: "Print JSON Lines (as without it).")
    static let network = OptionSpecification(
        "--network", value: "NAME", help: "A network's name in the cache or directory (default: sface).")
    static let photos = OptionSpecification(
        "--photos", value: "DIR", help: "Photos, a folder a person.")
    static let reference = OptionSpecification(
        "--reference", value: "PROGRAM", help: "Bench/dlib-reference/reference.cpp, compiled: measured beside.")
    static let model = OptionSpecification(
        "--model", value: "FILE.dat", help: "dlib's network file, for --reference.")
}

extension ParsedArguments {
    /// The number of threads.
    func threads(default standard: Int = 1) throws(UsageError) -> Int {
        try integer("--threads", in: 1...1_024) ?? standard
    }

    /// The seed.
    func seed() throws(UsageError) -> UInt64 {
        UInt64(try integer("--seed", in: 0...Int.max) ?? 1)
    }

    /// The peer's program and its model, where it is to be measured beside.
    func dlibReference() throws(UsageError) -> (program: String, model: String)? {
        switch (value("--reference"), value("--model")) {
        case (nil, nil): return nil
        case (let program?, let model?): return (program, model)
        default: throw UsageError("--reference and --model go together", command: command.name)
        }
    }
}

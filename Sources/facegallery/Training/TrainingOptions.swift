import ArgumentParsing
import Gallery
import Network
import Training
import VectorFiles

/// What the user may say about a training.
enum TrainingOptions {
    private static func option(
        _ name: String, _ value: String? = nil, _ help: String, _ completion: Completion? = nil
    ) -> OptionSpecification {
        OptionSpecification(name, value: value, completion: completion, help: help)
    }

    static let all: [OptionSpecification] = [
        option(
            "--out", "DIR",
            "The folder for the result: a new one, or with --resume that of the training to continue."),
        option("--resume", nil, "Continue from the checkpoint in OUT."),
        option(
            "--network", "NAME", "mobilefacenet (default), resnet-29 or siamese-small.",
            .choice(of: Architecture.self)),
        option(
            "--init", "NAME", "Begin with a network's weights: its name in the cache, or its directory.",
            .folders),
        option("--side", "N", "Width and height of a chip in pixels (default: that of the network)."),
        option("--dimension", "N", "Numbers in a template, a multiple of 4 from 16 to 2048 (default: 128)."),
        option("--no-detect", nil, "Look for no faces: take whole photos."),
        option(
            "--loss", "NAME", "triplet (default), contrastive, arcface or multi-similarity.",
            .choice(of: TrainingSettings.Loss.self)),
        option(
            "--mining", "NAME", "Which triplets count: semi-hard (default), hardest, all or random.",
            .choice(of: TripletMining.self)),
        option(
            "--margin", "M",
            "The loss's margin (default: triplet 0.2, contrastive 1, arcface 0.5 radians, "
                + "multi-similarity: the cosine 0.5)."),
        option("--scale", "S", "Factor of cosines in arcface and multi-similarity (default: 32, 50)."),
        option("--people-per-batch", "P", "People in a batch (default: 16, or as many as there are)."),
        option(
            "--photos-per-person", "K",
            "Photos of each person in a batch (default: 4 or fewer); arcface: P × K photos of anybody."),
        option("--epochs", "N", "Passes over all photos (default: 40); with --resume it may be larger."),
        option(
            "--keep", "NAME", "Which epoch is the result: best (default; by FNIR, or else accuracy) or last.",
            .choice(of: TrainingSettings.Keep.self)),
        option("--patience", "N", "Stop after this many epochs without a better one (default: never)."),
        option(
            "--optimizer", "NAME", "adam (default), sgd or adagrad.", .choice(of: TrainingSettings.Method.self)),
        option("--learning-rate", "R", "Largest learning rate (default: 0.001; sgd: 0.05; adagrad: 0.01)."),
        option(
            "--schedule", "NAME",
            "cosine (default), step (a tenth after each third of the epochs) or constant.",
            .choice(of: TrainingSettings.Schedule.self)),
        option("--warm-up", "STEPS", "Steps during which the learning rate rises from 0 (default: 100)."),
        option("--weight-decay", "W", "Weight decay (default: 0.0005)."),
        option("--clip", "L", "Largest length of the gradient, 0 for any (default: 5)."),
        option("--average", "D", "Decay of the moving average of weights, 0 for none (default: 0.999)."),
        option("--keep-initial", "SHARE", "Share of --init's weights in the result (default: 0)."),
        option(
            "--freeze", "LAYERS",
            "Layers of --init that are not trained: beginnings of names, separated by commas (network show)."),
        option(
            "--dropout", "SHARE",
            "Share of values before the template that are dropped in training (default: 0)."),
        option(
            "--augment", "NAME", "standard (default: photos are varied) or none.",
            .choice(of: TrainingSettings.Variation.self)),
        option("--validation-share", "SHARE", "Share of people who are held out (default: 0.2)."),
        option("--validation-people", "FILE", "Names of the people who are held out, one per line."),
        option("--seed", "N", "Seed of all random numbers (default: 1)."),
        option(
            "--threads", "N",
            "Threads for the layers (default: --jobs minus 1); the result's last bits depend on it."),
        option(
            "--max-minutes", "M", "Stop after this much training time, all runs together; --resume continues."
        ),
        option("--chips", "DIR", "Where cut faces are kept for the next run (default: OUT/chips)."),
        option("--name", "NAME", "The name on the result's card (default: the name of OUT)."),
        option(
            "--weights", "TYPE",
            "Type of the weights in the result: float32 (default) or float16, half as large.",
            .choice(of: SafeTensors.Precision.self)),
        option("--license", "TEXT", "Terms of use of the result's weights (default: those of --init)."),
        Shared.exclude, Shared.maxBytes, Shared.maxPixels, Shared.maxSeconds, Shared.jobs, Shared.cache,
        option("--quiet", nil, "Print only warnings and errors."),
        OptionSpecification("--json", help: "Print the log, JSON Lines, as it grows."),
    ]
}

extension TrainingSettings {
    /// The defaults, with so many threads of the layers.
    init(threads: Int) {
        self.init()
        self.threads = threads
    }

    /// Takes over what an initial network decides.
    mutating func begin(
        with name: String?, _ job: inout TrainingJob, _ arguments: ParsedArguments
    ) throws {
        guard let name else { return }
        let card = try Self.card(ofInitial: name)
        job.initialNetwork = ModelCache.standard.directory(ofNetwork: name)
        if let asked = arguments.value("--network"), asked != card.architecture {
            throw UsageError(
                "'--init \(name)' has the architecture \(card.architecture), but '--network \(asked)' asks for another: "
                    + "leave out --network", command: "train")
        }
        initialWeights = card.weights.sha256
        guard card.alignment.kind != NetworkCard.Alignment.box else {
            throw UsageError(
                "'--init \(name)': chips of the alignment face-box cannot be cut for training", command: "train"
            )
        }
        if card.alignment.kind == NetworkCard.Alignment.template {
            job.detector = try PhotoEncoder.detector(for: card, models: .standard, threads: 1)
        }
        guard !job.resume else { return }
        // The layers of an imported network are in its file.
        if let architecture = Architecture(rawValue: card.architecture) {
            self.architecture = architecture
        } else {
            imported = true
        }
        (side, dimension, detect) = (card.input.side, card.dimension, !card.alignment.isWholePhoto)
    }

    private static func card(ofInitial name: String) throws -> NetworkCard {
        do throws(GalleryError) { return try ModelCache.standard.card(ofNetwork: name) } catch {
            guard !name.contains("/"), (try? NetworkCard.load(directory: "./" + name)) != nil else {
                throw error
            }
            throw UsageError(
                "'--init \(name)': no network of this name is in the cache; the folder here is '--init \(name)/'",
                command: "train")
        }
    }

    /// Refuses options of another loss than the one that is trained with.
    private func refuseStrayOptions(_ arguments: ParsedArguments) throws(UsageError) {
        let strays: [(option: String, losses: [Loss])] = [
            ("--mining", [.triplet]), ("--scale", [.arcFace, .multiSimilarity]),
        ]
        for (option, losses) in strays where arguments.value(option) != nil && !losses.contains(loss) {
            throw UsageError(
                "'\(option)' is for --loss \(losses.map(\.rawValue).joined(separator: " or ")), not for \(loss.rawValue)",
                command: "train")
        }
    }

    /// Takes over what was given; the rest stays as it is.
    mutating func take(_ arguments: ParsedArguments) throws {
        func given<Value>(_ value: Value?, _ path: WritableKeyPath<Self, Value>, _ to: inout Self) {
            if let value { to[keyPath: path] = value }
        }
        func real(_ name: String, _ range: ClosedRange<Double>) throws(UsageError) -> Float? {
            try arguments.real(name, in: range).map { Float($0) }
        }
        given(try arguments.choice("--network", as: Architecture.self), \.architecture, &self)
        if let side = try arguments.integer("--side", in: 16...1024) { self.side = side }
        given(try arguments.integer("--dimension", in: 16...2048), \.dimension, &self)
        given(try real("--dropout", 0...0.99), \.dropout, &self)
        if arguments.flag("--no-detect") { detect = false }
        given(try arguments.choice("--loss", as: Loss.self), \.loss, &self)
        try refuseStrayOptions(arguments)
        given(try arguments.choice("--mining", as: TripletMining.self), \.mining, &self)
        if let margin = try real("--margin", 0...4) { self.margin = margin }
        if let scale = try real("--scale", 0.001...10_000) { self.scale = scale }
        given(try arguments.integer("--people-per-batch", in: 2...4096), \.peoplePerBatch, &self)
        given(try arguments.integer("--photos-per-person", in: 2...1024), \.photosPerPerson, &self)
        given(try arguments.integer("--epochs", in: 1...1_000_000), \.epochs, &self)
        if let keep = try arguments.choice("--keep", as: Keep.self) { self.keep = keep }
        if let patience = try arguments.integer("--patience", in: 1...1_000_000) { self.patience = patience }
        if let method = try arguments.choice("--optimizer", as: Method.self) {
            if !arguments.flag("--resume") { learningRate = method.usualRate }
            optimizer = method
        }
        given(try real("--learning-rate", 1e-12...1e6), \.learningRate, &self)
        given(try arguments.choice("--schedule", as: Schedule.self), \.schedule, &self)
        given(try arguments.integer("--warm-up", in: 0...1_000_000_000), \.warmUp, &self)
        given(try real("--weight-decay", 0...10), \.weightDecay, &self)
        given(try real("--clip", 0...1e9), \.clip, &self)
        given(try real("--average", 0...0.999999), \.average, &self)
        if let share = try real("--keep-initial", 0...0.99) { keepInitial = share }
        if let layers = arguments.value("--freeze") {
            freeze = layers.split(separator: ",").map(String.init)
        }
        if let weights = try arguments.choice("--weights", as: SafeTensors.Precision.self) {
            self.weights = weights
        }
        given(try arguments.choice("--augment", as: Variation.self), \.augment, &self)
        given(try arguments.real("--validation-share", in: 0...0.9), \.validationShare, &self)
        if let path = arguments.value("--validation-people") {
            validationPeople = try Self.names(path)
        }
        if let seed = try arguments.integer("--seed", in: 0...Int.max) { self.seed = UInt64(seed) }
        given(try arguments.integer("--threads", in: 1...256), \.threads, &self)
    }

    private static func names(_ path: String) throws(VectorFileError) -> [String] {
        let reader = try NamesReader(path: path)
        var names: [String] = []
        while let name = try reader.next() { if !name.isEmpty { names.append(name) } }
        return names
    }
}

internal import Network

extension TrainingSettings.Loss {
    /// What may be asked for as its margin: a distance, an angle in radians, or a cosine.
    fileprivate var margins: ClosedRange<Float> {
        switch self {
        case .triplet, .contrastive: 1e-6...4
        case .arcFace: 0...1.5
        case .multiSimilarity: 0...1
        }
    }
}

extension TrainingSettings {
    /// Checks every number.
    ///
    /// - Throws: `badArgument` with the setting that is outside its range.
    public func check() throws(TrainingError) {
        func within<Number: Comparable>(
            _ key: CodingKeys, _ value: Number, _ range: ClosedRange<Number>
        ) throws(TrainingError) {
            guard range.contains(value) else {
                throw .badArgument(
                    name: key.rawValue,
                    reason: "is \(value), outside \(range.lowerBound)...\(range.upperBound)")
            }
        }
        if let side { try within(.side, side, 16...1024) }
        try within(.dimension, dimension, 16...2048)
        guard dimension.isMultiple(of: 4) else {
            throw .badArgument(
                name: "dimension", reason: "is \(dimension); it must be a multiple of 4")
        }
        try within(.dropout, dropout, 0...0.99)
        if let margin { try within(.margin, margin, loss.margins) }
        if let scale { try within(.scale, scale, 1e-3...1e4) }
        try within(.peoplePerBatch, peoplePerBatch, 2...4096)
        try within(.photosPerPerson, photosPerPerson, 2...1024)
        try within(.peoplePerBatch, peoplePerBatch * photosPerPerson, 4...4096)
        try within(.epochs, epochs, 1...1_000_000)
        if let patience { try within(.patience, patience, 1...1_000_000) }
        try within(.learningRate, learningRate, 1e-12...1e6)
        try within(.warmUp, warmUp, 0...1_000_000_000)
        try within(.weightDecay, weightDecay, 0...10)
        try within(.clip, clip, 0...1e9)
        try within(.average, average, 0...0.999999)
        if let keepInitial {
            try within(.keepInitial, keepInitial, 0...0.99)
            guard keepInitial == 0 || initialWeights != nil else {
                throw .badArgument(
                    name: "keep-initial", reason: "needs an initial network: give `init`")
            }
        }
        if let freeze, !freeze.isEmpty, initialWeights == nil {
            throw .badArgument(name: "freeze", reason: "needs an initial network: give `init`")
        }
        if imported == true, dropout > 0 {
            throw .badArgument(name: "dropout", reason: "is not possible with imported networks")
        }
        if imported == true, weights == .float16 {
            throw .badArgument(name: "weights", reason: "float16 is not possible with imported networks")
        }
        try within(.validationShare, validationShare, 0...0.9)
        try within(.threads, threads, 1...256)
    }

    /// The loss, for this many people to learn from.
    func makeLoss(people: Int) -> any EmbeddingLoss {
        let (margin, scale) = (margin ?? usualMargin, scale ?? usualScale)
        return switch loss {
        case .triplet: TripletLoss(margin: margin, mining: mining)
        case .contrastive: ContrastiveLoss(margin: margin)
        case .arcFace: ArcFaceLoss(classes: people, scale: scale, margin: margin)
        case .multiSimilarity: MultiSimilarityLoss(threshold: margin, scale: scale)
        }
    }

    /// The loss in words, for a card.
    var lossInWords: String {
        let (margin, scale) = (margin ?? usualMargin, scale ?? usualScale)
        return switch loss {
        case .triplet: "triplet, margin \(margin), \(mining.rawValue) triplets"
        case .contrastive: "contrastive, margin \(margin)"
        case .arcFace: "ArcFace, margin \(margin), scale \(scale)"
        case .multiSimilarity: "multi-similarity, threshold \(margin), scale \(scale)"
        }
    }

    /// The margin where none is given.
    var usualMargin: Float {
        switch loss {
        case .triplet: 0.2
        case .contrastive: 1
        case .arcFace, .multiSimilarity: 0.5
        }
    }

    /// The scale where none is given.
    var usualScale: Float { loss == .multiSimilarity ? 50 : 32 }

    var batchSize: Int { peoplePerBatch * photosPerPerson }

    var samplerMode: BatchSampler.Mode {
        loss == .arcFace
            ? .everyPhoto(batchSize: batchSize)
            : .people(peoplePerBatch: peoplePerBatch, photosPerPerson: photosPerPerson)
    }

    func makeOptimizer(_ parameters: NetworkParameters, frozen: Set<String>) -> Optimizer {
        let method: Optimizer.Method =
            switch optimizer {
            case .adam: .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
            case .sgd: .sgd(momentum: 0.9)
            case .adaGrad: .adaGrad(epsilon: 1e-10)
            }
        return Optimizer(
            method, weightDecay: weightDecay, clipNorm: clip > 0 ? clip : nil, parameters: parameters,
            frozen: frozen)
    }

    /// Whether the learning rate would not reach what was asked for before the run is over.
    func isWarmUpTooLong(stepsPerEpoch: Int) -> Bool {
        let steps = stepsPerEpoch.multipliedReportingOverflow(by: epochs)
        return warmUp > 0 && !steps.overflow && warmUp >= steps.partialValue
    }

    /// Steps in which the learning rate rises: as given, or a tenth of a run that is no longer than that.
    func warmUpSteps(stepsPerEpoch: Int) -> Int {
        isWarmUpTooLong(stepsPerEpoch: stepsPerEpoch) ? stepsPerEpoch * epochs / 10 : warmUp
    }

    /// The learning rate's course; steps are a tenth after each third of the epochs.
    func rates(stepsPerEpoch: Int) -> LearningRateSchedule {
        let warmUp = warmUpSteps(stepsPerEpoch: stepsPerEpoch)
        return switch schedule {
        case .constant: LearningRateSchedule(.constant, warmUp: warmUp)
        case .cosine: LearningRateSchedule(.cosine, warmUp: warmUp)
        case .step: LearningRateSchedule(.step(every: max(1, epochs / 3), factor: 0.1), warmUp: warmUp)
        }
    }
}

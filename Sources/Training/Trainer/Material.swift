internal import FaceImage
internal import Network

/// What a training works with: the network it begins with, and the chips to learn from and to be judged by.
struct Material {
    /// With a batch that the people fill.
    let settings: TrainingSettings
    /// The card of the result, as far as it is known before training.
    var card: NetworkCard
    /// The layers, with dropout.
    let graph: Graph
    /// Names of the layers that stay as they are.
    let frozen: Set<String>
    /// What it begins with.
    let parameters: NetworkParameters
    let training: Chips
    let validation: Chips
    /// SHA-256 that tells these photos from others: of their paths and sizes, and of each chip's class and bytes.
    let fingerprint: String
    /// Names of the people held out, with or without a chip, and of those that are learnt from.
    let heldOut: [String], learnt: [String]
    /// Names of the people that the network it begins with was trained on, as far as that is known.
    private let learntBefore: [String]

    /// - Parameter resumed: the card in the checkpoint of a run that goes on, whose parameters come from there.
    init(
        _ settings: TrainingSettings, _ job: TrainingJob, resumed: NetworkCard?,
        progress: (TrainingEvent) -> Void, shouldStop: () -> Bool
    ) throws(TrainingError) {
        let photos = try TrainingPhotos(folder: job.photos, excluding: job.excluding)
        if let text = photos.passedOver.text { progress(.notice(text)) }
        for problem in photos.problems { progress(.leftOut(problem)) }
        (card, graph, parameters) = try Self.network(settings, job, resumed)
        frozen = try graph.layers(of: settings.freeze ?? []).union(card.isImported ? graph.preparing : [])
        let parts = try photos.split(settings)
        (heldOut, learnt) = (parts.validation.people.map(\.name), parts.training.people.map(\.name))
        learntBefore = resumed == nil ? PeopleNames.learnt(by: job.initialNetwork) : []
        var settings = settings
        if resumed == nil {
            // Before hours are spent on cutting faces.
            try settings.fitBatch(to: parts.training.people.map(\.photos.count), job, progress)
        }
        let alignment = card.alignment
        let source = try ChipSource(
            side: card.input.side,
            cut: alignment.isWholePhoto
                ? .wholePhoto
                : alignment.kind == NetworkCard.Alignment.template
                    ? .template : .face(padding: alignment.padding),
            landmarkModel: job.landmarkModel, detector: job.detector, limits: job.limits)
        let cache = Self.cache(job, progress)
        var (done, unreadable) = (0, 0)
        func cut(_ photos: TrainingPhotos) throws(TrainingError) -> Chips {
            let chips = try Chips(photos, source: source, jobs: job.jobs, cache: cache) { part in
                let total = parts.training.count + parts.validation.count
                progress(
                    .chips(
                        Chips.Progress(
                            done: done + part.done, total: total, unreadable: unreadable + part.unreadable)))
                return !shouldStop()
            }
            done += photos.count
            unreadable += chips.unreadable.count
            for problem in chips.unreadable { progress(.leftOut(problem)) }
            if let problem = chips.cacheProblem { progress(.notice("\(problem); training continues without")) }
            return chips
        }
        training = try cut(parts.training)
        validation = try cut(parts.validation)
        guard training.names.count >= 2 else {
            let (left, held) = (training.names.count, validation.names.count)
            throw .tooFew(
                what: "training needs two people, and photos of \(left == 1 ? "one" : "none") are left, with "
                    + "\(held) held out",
                remedy: "hold out fewer people with `validation-share` or `validation-people`"
                    + (settings.detect ? "; give `no-detect` if the photos show no faces" : ""))
        }
        if resumed == nil {
            let counts = Dictionary(grouping: training.people, by: { $0 }).values.map(\.count)
            try settings.fitBatch(to: counts, job, progress)
        }
        self.settings = settings
        let digests = (training: training.digests, validation: validation.digests)
        fingerprint = SHA256.hex(
            of: Array(photos.fingerprint.utf8) + training.digest(digests.training)
                + validation.digest(digests.validation))
        if let notice = Self.shared(training, validation, digests.training, digests.validation) {
            progress(.notice(notice))
        }
        if let notice = PeopleNames.notice(heldOut: heldOut, learntBefore: learntBefore) {
            progress(.notice(notice))
        }
    }

    /// What the user should know where photos of people held out are also photos of people that are learnt from.
    private static func shared(
        _ training: Chips, _ validation: Chips, _ learnt: [[UInt8]], _ held: [[UInt8]]
    ) -> String? {
        let places = Dictionary(zip(learnt, learnt.indices), uniquingKeysWith: { first, _ in first })
        let both = held.indices.compactMap { place in places[held[place]].map { (held: place, learnt: $0) } }
        guard let first = both.first else { return nil }
        let (own, other) = (validation.paths[first.held], training.paths[first.learnt])
        return "\(both.count) \(both.count == 1 ? "photo" : "photos") of people held out "
            + "\(both.count == 1 ? "is" : "are") also trained on under another name (\(own) is \(other)): the figures "
            + "are too good; remove the copies"
    }

    /// Writes the names of those who are held out and of all that the network knows, for the owner alone.
    func writeNames(to folder: String) throws(TrainingError) {
        try PeopleNames.write(heldOut, as: PeopleNames.heldOutFile, in: folder)
        let known = Set(learnt).union(learntBefore)
        try PeopleNames.write(known.sorted(), as: PeopleNames.learntFile, in: folder)
    }

    private static func cache(_ job: TrainingJob, _ progress: (TrainingEvent) -> Void) -> ChipCache? {
        do throws(TrainingError) {
            let cache = try ChipCache(path: job.chips ?? job.out + "/chips")
            if let notice = cache.notice { progress(.notice(notice)) }
            return cache
        } catch {
            progress(.notice("\(error); chips are not kept"))
            return nil
        }
    }

    private static func network(
        _ settings: TrainingSettings, _ job: TrainingJob, _ resumed: NetworkCard?
    ) throws(TrainingError) -> (NetworkCard, Graph, NetworkParameters) {
        if settings.imported == true { return try ImportedStart.network(settings, job, resumed) }
        do throws(NetworkError) {
            var card = resumed ?? newCard(settings, job)
            if let name = job.name { card.name = name }
            if let license = job.license { card.license = license }
            let architecture = settings.architecture
            let graph = try architecture.graph(
                side: card.input.side, dimension: settings.dimension, dropout: settings.dropout)
            guard resumed == nil, let directory = job.initialNetwork else {
                return (card, graph, NetworkParameters(graph, seed: settings.seed))
            }
            let (initial, bytes) = try NetworkDirectory.read(directory)
            (card.input.mean, card.input.scale) = (initial.input.mean, initial.input.scale)
            // What it was made of is still in it: its terms, and what its card says of where it comes from.
            if job.license == nil { card.license = initial.license }
            card.source += ", begun with \(initial.name): \(initial.source)"
            if settings.detect, !initial.alignment.isWholePhoto { card.alignment = initial.alignment }
            let weights = try SafeTensors(bytes: bytes, path: directory + "/" + initial.weights.file)
            return (card, graph, try NetworkParameters(graph, weights: weights))
        } catch {
            throw .network(error)
        }
    }

    private static func newCard(_ settings: TrainingSettings, _ job: TrainingJob) -> NetworkCard {
        var input = settings.architecture.defaultInput
        if let side = settings.side { input.side = side }
        return NetworkCard(
            name: job.resultName,
            architecture: settings.architecture, dimension: settings.dimension, input: input,
            alignment: settings.detect
                ? NetworkCard.Alignment()
                : NetworkCard.Alignment(kind: NetworkCard.Alignment.wholePhoto, padding: 0),
            license: "as the owner of its photos decides", source: "facegallery train",
            threshold: NetworkCard.Threshold(similarity: 1, falseMatchRate: 0, measured: "nothing yet"))
    }
}

extension TrainingPhotos {
    /// The people in two parts: by the names that are held out, else by the share.
    ///
    /// - Throws: `badArgument` with a name that is not there.
    func split(
        _ settings: TrainingSettings
    ) throws(TrainingError) -> (training: TrainingPhotos, validation: TrainingPhotos) {
        guard !settings.validationPeople.isEmpty else {
            return try split(validationShare: settings.validationShare, seed: settings.seed)
        }
        let held = Set(settings.validationPeople)
        let known = Set(people.map(\.name))
        if let stranger = settings.validationPeople.first(where: { !known.contains($0) }) {
            throw .badArgument(
                name: "validation-people", reason: "names \(stranger), who is not in \(folder)")
        }
        return (
            TrainingPhotos(folder: folder, people: people.filter { !held.contains($0.name) }),
            TrainingPhotos(folder: folder, people: people.filter { held.contains($0.name) })
        )
    }
}

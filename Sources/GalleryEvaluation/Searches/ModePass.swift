internal import Evaluation
internal import Gallery
internal import GalleryModel

/// Searches all probes in one mode.
struct ModePass {
    let gallery: FaceGallery
    let probes: ProbeSet
    let people: PeopleTable
    let settings: EvaluationSettings
    let mode: SearchMode
    /// What the user is told of it.
    let name: String

    /// Probes that are searched together: a stop is noticed after so many.
    private var blockSize: Int { mode == .exact ? 128 : 1_024 }

    private var search: FaceGallery.Search {
        FaceGallery.Search(
            count: settings.ranks.max() ?? 1, fusion: settings.fusion, mode: mode, minSimilarity: 0,
            threads: settings.threads)
    }

    /// Searches the probes in random order, so that what is known after an early end is true of all.
    func run() throws -> (recorder: SearchRecorder, report: ModeReport?, isComplete: Bool) {
        var recorder = SearchRecorder(probes, people, worst: settings.worst)
        var random = RandomBits(seed: settings.seed)
        let order = probes.probes.indices.shuffled(using: &random)
        let start = ContinuousClock.now
        var done = 0
        var answered = 0
        while done < order.count, !settings.shouldStop() {
            let block = order[done..<min(order.count, done + blockSize)]
            var searched: [Int] = []
            var templates: [Float] = []
            for probe in block {
                if let row = probes.probes[probe].row {
                    searched.append(probe)
                    templates += probes.template(row)
                } else {
                    try recorder.addNotAcquired(probe)
                }
            }
            if !searched.isEmpty {
                try gallery.identify(probes: templates, search) { row, answer, _ in
                    try recorder.add(answer, of: searched[row], gallery)
                }
            }
            answered += searched.count
            done += block.count
            settings.progress(name, Double(done) / Double(order.count))
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let isComplete = done == order.count
        guard answered > 0 else { return (recorder, nil, isComplete) }
        let median = try isComplete ? medianSeconds(order) : nil
        let report = try ModeReport(
            recorder, settings, secondsPerSearch: median,
            searchesPerSecond: Double(answered) / max(seconds, 1e-9))
        return (recorder, report, isComplete)
    }

    /// Searches some probes one by one, as a user would.
    private func medianSeconds(_ order: [Int]) throws -> Double? {
        var times: [Double] = []
        var single = search
        single.threads = 1
        single.count = 5
        let rows = order.lazy.compactMap { probes.probes[$0].row }.prefix(mode == .exact ? 15 : 200)
        for row in rows where !settings.shouldStop() {
            let template = Array(probes.template(row))
            let start = ContinuousClock.now
            _ = try gallery.identify(template, single)
            times.append((ContinuousClock.now - start) / .seconds(1))
        }
        return times.isEmpty ? nil : times.sorted()[times.count / 2]
    }
}

extension ModeReport {
    /// The rates of what a recorder has taken.
    init(
        _ recorder: SearchRecorder, _ settings: EvaluationSettings, secondsPerSearch: Double?,
        searchesPerSecond: Double
    ) throws(EvaluationError) {
        try self.init(
            IdentificationRates(recorder.scores), settings, searched: recorder.searched,
            secondsPerSearch: secondsPerSearch, searchesPerSecond: searchesPerSecond)
    }

    init(
        _ rates: IdentificationRates, _ settings: EvaluationSettings, searched: Int, secondsPerSearch: Double?,
        searchesPerSecond: Double
    ) throws(EvaluationError) {
        let isBoth = rates.matedCount > 0 && rates.nonMatedCount > 0
        let bootstrap = try SubjectBootstrap(seed: settings.seed).run(
            rates, falsePositiveRates: isBoth ? settings.falsePositiveRates : [])
        var hits: [(rank: Int, rate: MeasuredRate)] = []
        if rates.matedCount > 0 {
            for rank in settings.ranks { hits.append((rank, try rates.hitRate(rank: rank))) }
        }
        self.init(
            rates: rates, hits: hits, rankOne: bootstrap.rankOne, points: bootstrap.points,
            curve: isBoth ? try rates.detectionErrorTradeOff() : [], histogram: rates.histogram(),
            searched: searched, secondsPerSearch: secondsPerSearch, searchesPerSecond: searchesPerSecond)
    }
}

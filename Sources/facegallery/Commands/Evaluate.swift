import ArgumentParsing
import Enrollment
import Evaluation
import EvaluationReport
import Files
import FoundationEssentials
import Gallery
import GalleryEvaluation
import Network
import PhotoManifest
import Wire

let evaluate = Verb(
    specification: CommandSpecification(
        "evaluate", abstract: "Measure how often a gallery or a network is wrong.",
        discussion: """
            identification  searches probes whose person is known: how often a stranger is called somebody (FPIR),
                            how often an enrolled person is missed (FNIR), at which threshold
            self            the same without probes: every reference is searched without itself
            pairs           compares pairs of photos, by the protocol of Labeled Faces in the Wild
            Probes are photos in a folder per person, a list of photos (path,subject), or templates with a list of
            subjects. A probe of somebody who is not enrolled is a stranger; - in a list says so. Of each photo the
            largest face counts. Ctrl-C ends it with what is known so far.
            """,
        positionals: [
            PositionalSpecification(
                "action", .one, completion: .words(["identification", "self", "pairs"]),
                help: "identification, self or pairs.")
        ],
        options: [
            Shared.gallery,
            OptionSpecification(
                "--photos", value: "DIR", help: "Photos of probes, or of pairs: a folder per person."),
            OptionSpecification(
                "--manifest", value: "X.csv", help: "A list of probes with path and subject: .csv or .jsonl."),
            OptionSpecification("--embeddings", value: "X.npy", help: "Templates of probes, a row each."),
            OptionSpecification(
                "--subjects", value: "NAMES.txt",
                help: "The person of each row of --embeddings, one per line; - is a stranger."),
            OptionSpecification(
                "--pairs", value: "PAIRS.txt", help: "Pairs, in the layout of LFW's pairs.txt."),
            Shared.network, Shared.fusion,
            OptionSpecification(
                "--max-search-loss", value: "L",
                help:
                    "Share of searches through the index that may miss their best answer, 0 to 0.5 (default: 0.001)."
            ),
            OptionSpecification("--no-exact", help: "Search through the index alone, which is faster."),
            OptionSpecification(
                "--no-details", help: "Leave out other gallery sizes, random halves and fewer references."),
            OptionSpecification(
                "--sample", value: "N",
                help: "References that self searches at most, by chance (default: 10000)."),
            OptionSpecification(
                "--groups", value: "X.csv",
                help: "The group of each subject (subject,group): error rates of each."),
            OptionSpecification(
                "--worst", value: "N", help: "Also list the N worst false matches and misses."),
            OptionSpecification(
                "--report", value: "DIR", help: "Write a page with tables and plots into this new folder."),
            OptionSpecification(
                "--thumbnails",
                help: "Put the faces of the worst searches into the report. They are personal data."),
            OptionSpecification("--seed", value: "S", help: "Where all chance begins (default: 1)."),
            OptionSpecification("--threads", value: "N", help: "Threads that search (default: one per core)."),
            Shared.detector, Shared.anyRotation, Shared.exclude, Shared.maxBytes, Shared.maxPixels,
            Shared.maxSeconds, Shared.jobs, Shared.cache, Shared.json,
        ],
        example: """
            facegallery evaluate identification -g faces --photos probes/ --report report
            facegallery evaluate identification -g faces --embeddings probes.npy --subjects names.txt --json
            facegallery evaluate self -g faces
            facegallery evaluate pairs --pairs pairs.txt --photos lfw/
            """),
    run: { arguments, console in
        let action = arguments.positionals.first ?? ""
        let unusable: [String: [String]] = [
            "identification": ["--pairs", "--network", "--sample"],
            "self": ["--pairs", "--network", "--photos", "--manifest", "--embeddings", "--subjects"],
            "pairs": [
                "--gallery", "--manifest", "--embeddings", "--subjects", "--fusion", "--max-search-loss",
                "--sample",
                "--groups", "--worst", "--report",
            ],
        ]
        guard let unused = unusable[action] else {
            throw UsageError(
                "'\(action)': expected identification, self or pairs", command: "evaluate")
        }
        for option in unused where arguments.value(option) != nil {
            throw UsageError("\(option) is not for \(action): leave it out", command: "evaluate")
        }
        guard !arguments.flag("--thumbnails") || arguments.value("--report") != nil else {
            throw UsageError("--thumbnails needs --report", command: "evaluate")
        }
        StopRequest.watch(outlivesReaders: false)
        return action == "pairs"
            ? try evaluatePairs(arguments, console)
            : try evaluateGallery(arguments, console, isSelf: action == "self")
    })

private func evaluateGallery(
    _ arguments: ParsedArguments, _ console: Console, isSelf: Bool
) throws -> ExitCode {
    let path = try arguments.galleryPath()
    let input = ProbeInput(arguments: arguments, console: console)
    var settings = EvaluationSettings()
    if let fusion = try arguments.choice("--fusion", as: Fusion.self) { settings.fusion = fusion }
    guard !isSelf || settings.fusion == .max else {
        throw UsageError("self compares single references: leave out --fusion", command: "evaluate")
    }
    if let loss = try arguments.real("--max-search-loss", in: 0...0.5) { settings.maxSearchLoss = loss }
    settings.isExact = !arguments.flag("--no-exact")
    if arguments.flag("--no-details") { settings.detailComparisons = 0 }
    settings.threads = try arguments.threads()
    settings.seed = UInt64(try arguments.integer("--seed", in: 0...Int.max) ?? 1)
    let worst = try arguments.integer("--worst", in: 1...1_000)
    settings.worst = worst ?? (arguments.flag("--thumbnails") ? 10 : 0)
    if let sample = try arguments.integer("--sample", in: 2...1_000_000) { settings.sample = sample }
    if let groups = arguments.value("--groups") { settings.groups = GroupNames(try SubjectGroups.read(groups)) }
    var outputs = Outputs(inputs: [path] + input.inputs)
    outputs.add("--report", arguments.value("--report"), .newFolder)
    try outputs.check()
    let gallery = try FaceGallery(at: path, readOnly: true)
    // Without probes there is no report, so what is wrong with them comes first.
    let probes = isSelf ? nil : try input.read(for: gallery)
    let report = try arguments.value("--report").map { try ReportWriter($0) }
    defer { gallery.share() }
    let progress = EvaluationProgress()
    settings.progress = progress.advance
    settings.shouldStop = { StopRequest.isAsked }
    if probes?.isPart == true {
        // The user has stopped: what was read is searched once, which takes moments.
        (settings.isExact, settings.detailComparisons) = (false, 0)
        settings.shouldStop = { false }
    }
    var found: IdentificationReport
    if let probes {
        found = try IdentificationEvaluation(of: gallery, probes.probes, settings).run()
        if probes.isPart { found.isComplete = false }
    } else {
        found = try SelfEvaluation(of: gallery, settings).run()
    }
    progress.clear()
    if let report {
        var thumbnails: [String: String] = [:]
        if arguments.flag("--thumbnails") {
            let encoder = try PhotoEncoder(
                of: gallery, limits: arguments.limits(), finding: arguments.finding())
            thumbnails = ReportWriter.thumbnails(found, encoder)
        }
        try report.write(
            ReportPage(
                found, gallery: path, network: gallery.settings.networkName,
                measured: EvaluationRecord.date(Date().timeIntervalSince1970),
                program: "facegallery \(program.version)", thumbnails: thumbnails), console)
    }
    if console.json {
        try console.print(
            json: EvaluationRecord(
                found, network: gallery.settings.networkName, measured: Date().timeIntervalSince1970,
                withWorst: worst != nil))
    } else {
        for line in EvaluationText.lines(found, network: gallery.settings.networkName) {
            try console.print(line)
        }
        if worst != nil { for line in EvaluationText.worst(found) { try console.print(line) } }
    }
    if !found.isComplete { return .tryAgain }
    return probes?.isFaulty == true ? .badData : .done
}

private func evaluatePairs(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
    let list = try arguments.required("--pairs")
    let folder = try arguments.required("--photos")
    let pairs = try PairsFile.read(list)
    let network = arguments.value("--network") ?? ModelCache.defaultNetwork
    let encoder = try PhotoEncoder(network: network, limits: arguments.limits(), finding: arguments.finding())
    let photos = Set(pairs.pairs.flatMap { [$0.first.path, $0.second.path] }).sorted()
    var random = SeededOrder(seed: UInt64(try arguments.integer("--seed", in: 0...Int.max) ?? 1))
    let items = photos.shuffled(using: &random).map { PairsFile.item($0, in: folder) }
    var templates: [String: [Float]] = [:]
    var seen: Set<String> = []
    var missing = 0
    try PhotoTemplates.make(of: items, encoder, jobs: arguments.jobs()) { item, found in
        seen.insert(item.path)
        switch found {
        case .success(let template): templates[item.path] = template
        case .failure(let error):
            if case .missingInput = error.kind { missing += 1 }
            console.note("no template: \(printable(Advice.line(error)))")
        }
    }
    guard missing < photos.count else {
        throw CommandFailure(
            "\(folder): none of the \(photos.count) photos that \(list) names is there", .noInput)
    }
    let isComplete = seen.count == photos.count
    let scored = pairs.pairs.compactMap { pair -> ScoredPair? in
        let (first, second) = (PairsFile.path(pair.first, in: folder), PairsFile.path(pair.second, in: folder))
        guard seen.contains(first), seen.contains(second) else { return nil }
        var similarity: Float?
        if let first = templates[first], let second = templates[second] {
            similarity = Similarity.cosine(first[...], second[...])
        }
        return ScoredPair(similarity: similarity, isMated: pair.isMated, fold: pair.fold)
    }
    let report = try PairReport(scored)
    if console.json {
        try console.print(
            json: PairEvaluationRecord(
                report, network: encoder.card.name, measured: Date().timeIntervalSince1970,
                isComplete: isComplete))
    } else {
        for line in EvaluationText.lines(report, network: encoder.card.name) { try console.print(line) }
        if !isComplete {
            try console.print("Stopped before the end: these are the rates of a part of the pairs.")
        }
    }
    if missing > 0 { return .noInput }
    return isComplete ? .done : .tryAgain
}

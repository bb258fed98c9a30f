import Gallery
import GalleryModel
import Network
import Training

/// Shows a training: a line that is rewritten on a terminal, elsewhere a line every 5 seconds.
final class TrainingDisplay {
    private let console: Console
    private let isQuiet: Bool
    private var status = StatusLine()
    /// How many photos are left out, by the reason.
    private var leftOut: [String: Int] = [:]
    /// Reasons that are named.
    private static let mostReasons = 4

    init(_ console: Console, isQuiet: Bool) {
        (self.console, self.isQuiet) = (console, isQuiet)
    }

    func show(_ event: TrainingEvent) {
        switch event {
        case .chips(let part):
            let refused = part.unreadable > 0 ? ", \(part.unreadable) left out" : ""
            pass("\(part.done)/\(part.total) photos cut\(refused)", isLast: part.done == part.total)
        case .leftOut(let problem):
            leftOut[problem.reason, default: 0] += 1
            say("left out: \(printable("\(problem.path): \(problem.reason)"))")
        case .notice(let line):
            clear()
            console.note("notice: \(printable(Advice.withOptions(line)))")
        case .began(let facts):
            say(begun(facts))
        case .step(let step):
            pass(line(step), isLast: false)
        case .epoch(let record):
            say(line(record))
        case .logged(let line):
            // A reader that is gone must not cost hours of training; the log is in the folder too.
            if console.json { try? console.write(printableJSON(Array(line.utf8)) + [0x0A]) }
        }
    }

    /// Clears the line of a terminal, so that what follows stands alone.
    func clear() { status.clear() }

    /// Tells what came out.
    func end(_ outcome: TrainingOutcome, out: String) throws(CommandFailure) {
        guard !console.json, !isQuiet else { return }
        if outcome.reason == .already {
            try console.print("this training is finished; there is nothing left to do")
        }
        if outcome.reason == .time { try console.print("the time limit is reached") }
        if let last = outcome.records.last, let result = outcome.result, last.loss != nil {
            let why = outcome.reason == .patience ? "; no later one was better" : ""
            let better = result.validation.falseNegativeRate == nil ? "accuracy" : "FNIR"
            try console.print(
                result.epoch == last.epoch
                    ? "kept: epoch \(result.epoch), the last"
                    : "kept: epoch \(result.epoch) of \(last.epoch), the best by \(better)\(why)")
        }
        if let last = outcome.result?.validation, let first = outcome.records.first?.validation {
            let start = outcome.card?.training?.initial == nil ? "untrained" : "before"
            let spread = last.standardError.map { " ± \(percent($0))" } ?? ""
            try console.print(
                "accuracy \(percent(last.accuracy))\(spread) on \(last.samePairs) + \(last.differentPairs) pairs of "
                    + "\(last.people) people held out (\(start): \(percent(first.accuracy)))")
            try console.print(
                "rank-1 \(percent(last.rankOne)) of \(last.probes) photos, one enrolled of each person "
                    + "(\(start): \(percent(first.rankOne)))")
            if let rate = last.falseNegativeRate, let before = first.falseNegativeRate {
                try console.print(
                    "FNIR \(percent(rate)) at an FPIR of 1 %, one photo of every second person enrolled "
                        + "(\(start): \(percent(before)))")
            }
        }
        if let threshold = outcome.card?.threshold {
            try console.print(
                "threshold \(fixed(Float(threshold.similarity))) at a false match rate of "
                    + "\(percent(threshold.falseMatchRate)): \(printable(threshold.measured))")
        }
        let folder = out.contains("/") ? out : out + "/"
        try console.print("use it with: facegallery create -g GALLERY --network \(shellWord(folder))")
    }

    private func begun(_ facts: TrainingFacts) -> String {
        let left = leftOut.isEmpty ? "" : "; " + leftOutInWords
        let text =
            "training \(facts.parameters) parameters on \(facts.photos) photos of \(facts.people) people, judged by "
            + "\(facts.validationPhotos) of \(facts.validationPeople) others\(left); "
            + "\(facts.epochs) epochs of \(facts.stepsPerEpoch) steps"
        guard facts.stepsDone > 0 else { return text }
        let steps = facts.stepsDone - facts.epochsDone * facts.stepsPerEpoch
        return text + "; continues in epoch \(facts.epochsDone + 1) after \(steps) of its steps"
    }

    private var leftOutInWords: String {
        let count = leftOut.values.reduce(0, +)
        let reasons = leftOut.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let named = reasons.prefix(Self.mostReasons).map { "\($0.value): \(printable($0.key))" }
        let rest = reasons.dropFirst(Self.mostReasons).reduce(0) { $0 + $1.value }
        return "\(count) \(count == 1 ? "photo" : "photos") left out ("
            + (named + (rest > 0 ? ["\(rest) for other reasons"] : [])).joined(separator: "; ") + ")"
    }

    private func line(_ step: StepFacts) -> String {
        var text =
            "epoch \(step.epoch)/\(step.epochs), step \(step.step)/\(step.steps): loss \(fixed(Float(step.loss))), "
            + "\(step.active)/\(step.considered) active, \(whole(step.photosPerSecond)) photos a second, "
            + "\(duration(step.secondsLeft)) left"
        if let accuracy = step.accuracy { text += ", accuracy \(percent(accuracy))" }
        return text
    }

    private func line(_ record: EpochRecord) -> String {
        var judged =
            "accuracy \(percent(record.validation.accuracy)), rank-1 \(percent(record.validation.rankOne))"
        if let rate = record.validation.falseNegativeRate { judged += ", FNIR \(percent(rate))" }
        let held = record.validation.loss.map { "\(fixed(Float($0))) of people held out" }
        guard let loss = record.loss else {
            return "before training: \(held.map { "loss \($0), " } ?? "")\(judged)"
        }
        let beside = held.map { " (\($0))" } ?? ""
        return
            "epoch \(record.epoch): loss \(fixed(Float(loss)))\(beside), \(percent(record.activeShare ?? 0)) active, \(judged), "
            + "\(whole(record.photosPerSecond ?? 0)) photos a second, \(duration(record.seconds)) so far"
    }

    /// A line that stays.
    private func say(_ line: String) {
        guard !isQuiet else { return }
        clear()
        console.note(line)
    }

    /// A line that the next one replaces.
    private func pass(_ line: String, isLast: Bool) {
        if !isQuiet, isLast || status.isDue { status.show(line) }
    }
}

/// A share with one decimal.
func percent(_ share: Double) -> String {
    guard abs(share) < 1e12 else { return "–" }
    let scaled = Int((share * 1000).rounded())
    if scaled == 0, share > 0 { return "\((share * 1_000_000).rounded() / 10_000) %" }
    return "\(scaled / 10).\(abs(scaled) % 10) %"
}

/// Seconds, in the two largest units.
func duration(_ seconds: Double) -> String {
    let whole = Int(max(0, min(seconds, 1e9)).rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
}

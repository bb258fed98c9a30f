import Evaluation
import EvaluationReport
import Gallery
import GalleryEvaluation

/// An evaluation as a table for a terminal.
enum EvaluationText {
    /// The lines of an evaluation of identification.
    static func lines(_ report: IdentificationReport, network: String) -> [String] {
        var lines = [
            "gallery      \(count(report.subjects, "subject")), \(count(report.references, "reference")), network "
                + printable(network)
        ]
        lines.append(
            report.isSelf
                ? "probes       \(report.nonMated) references of the gallery, without themselves; \(report.mated) have "
                    + "another of their subject"
                : "probes       \(report.mated) of enrolled people, \(report.nonMated) of strangers")
        let failures = report.matedNotAcquired + report.nonMatedNotAcquired
        if failures > 0 {
            lines.append(
                "no template  \(failures) probes (\(report.matedNotAcquired) of enrolled people); they count as searches that failed"
            )
        }
        if let mode = report.exact ?? report.index, !mode.hits.isEmpty {
            lines += ["", "Right person among the first candidates (CMC)"]
            lines.append("  rank  " + mode.hits.map { padded("\($0.rank)", 9) }.joined())
            lines.append("        " + mode.hits.map { padded(RateText.percent($0.rate.value), 9) }.joined())
            if let rankOne = mode.rankOne {
                lines.append("  rank 1 with its interval: \(RateText.interval(rankOne))")
            }
        }
        lines += points(report)
        if let details = report.details { lines += self.details(details) }
        if let groups = report.groups { lines += self.groups(groups, target: report.groupTarget ?? 0) }
        lines += times(report)
        if !report.isComplete {
            lines += ["", "Stopped before the end: these are the rates of a random part of the probes."]
        }
        return lines
    }

    private static func points(_ report: IdentificationReport) -> [String] {
        guard let main = report.exact ?? report.index else { return [] }
        var lines = [""]
        guard !main.points.isEmpty else {
            if main.rates.matedCount == 0 {
                lines.append("FNIR cannot be stated: \(EvaluationError.noMatedSearch)")
            }
            if main.rates.nonMatedCount == 0 {
                lines.append("FPIR cannot be stated: \(EvaluationError.noNonMatedSearch)")
            } else if main.rates.matedCount > 0 {
                lines.append(tooFew(main))
            }
            return lines
        }
        lines.append(
            "Strangers called somebody (FPIR) against enrolled people missed (FNIR, 95 % interval over people)")
        lines.append(
            "  " + padded("FPIR", 8) + padded("threshold", 11) + padded("FNIR exact", 26)
                + padded("FNIR index", 12)
                + "index loses")
        for point in main.points {
            let index = report.index?.points.first { $0.target == point.target }
            let exact = report.exact?.points.first { $0.target == point.target }
            let lost = exact.flatMap { exact in
                index.map { $0.falseNegativeRate.value - exact.falseNegativeRate.value }
            }
            lines.append(
                "  " + padded(RateText.percent(point.target), 8)
                    + padded(RateText.cosine(point.threshold.value), 11)
                    + padded(exact.map { RateText.interval($0.falseNegativeRate) } ?? "–", 26)
                    + padded(index.map { RateText.percent($0.falseNegativeRate.value) } ?? "–", 12)
                    + (lost.map { RateText.percent($0) } ?? "–"))
        }
        if main.rates.smallestRate > 0.001 { lines.append("  " + tooFew(main)) }
        return lines
    }

    private static func tooFew(_ mode: ModeReport) -> String {
        "\(mode.rates.nonMatedCount) searches for strangers cannot tell an FPIR below "
            + "\(RateText.percent(mode.rates.smallestRate))."
    }

    private static func details(_ details: DetailReport) -> [String] {
        var lines: [String] = []
        if !details.growth.isEmpty {
            lines += ["", "FNIR at FPIR 1 % against gallery size (\(details.probes) probes, exact)"]
            for point in details.growth {
                let spread = point.deviation.map { ", one draw varies by \(RateText.percent($0))" } ?? ""
                lines.append(
                    "  " + padded("\(point.subjects) subjects", 20)
                        + padded(RateText.percent(point.falseNegativeRate), 9)
                        + "\(count(point.draws, "draw"))\(spread)")
            }
        }
        if let halves = details.halves {
            lines.append(
                "  Mean of \(halves.draws) random halves: \(RateText.percent(halves.falseNegativeRate)); one draw alone "
                    + "varies by \(RateText.percent(halves.deviation ?? 0)), so do not trust one.")
        }
        if details.subjectsWithSeveral > 0, !details.variants.isEmpty {
            lines += [
                "",
                "References of a subject (probes of the \(count(details.subjectsWithSeveral, "subject")) with several, and strangers)",
            ]
            for variant in details.variants {
                let references = variant.references.map { "at most \($0)" } ?? "all"
                lines.append(
                    "  " + padded(references, 11) + padded(variant.fusion, 6)
                        + padded("rank 1: \(RateText.percent(variant.rankOne))", 20) + "FNIR at FPIR 1 %: "
                        + (variant.falseNegativeRate.map { RateText.percent($0) } ?? "too few strangers"))
            }
        }
        return lines
    }

    private static func groups(_ groups: GroupRates, target: Double) -> [String] {
        var lines = [
            "",
            "Groups at the threshold \(RateText.cosine(Double(groups.threshold))), which gives all together an FPIR of "
                + RateText.percent(target),
        ]
        for group in groups.groups {
            let positives =
                group.isFalsePositiveRateKnown ? group.falsePositives.map { RateText.interval($0) } : nil
            let negatives =
                group.isFalseNegativeRateKnown ? group.falseNegatives.map { RateText.interval($0) } : nil
            lines.append(
                "  " + padded(printable(group.name), 20) + "FPIR " + padded(positives ?? "too few searches", 26)
                    + "FNIR " + (negatives ?? "too few searches"))
        }
        for (name, value) in [
            ("FPIR", groups.falsePositiveInequality), ("FNIR", groups.falseNegativeInequality),
        ] {
            guard let value else { continue }
            func text(_ number: Double?) -> String { number.map { short($0) } ?? "cannot say" }
            lines.append(
                "  inequality of \(name): Gini \(text(value.gini)), MXOG \(text(value.maxOverGeometricMean))")
        }
        return lines
    }

    private static func times(_ report: IdentificationReport) -> [String] {
        var lines = [""]
        for (name, mode) in [("index", report.index), ("exact", report.exact)] {
            guard let mode else { continue }
            let single = mode.secondsPerSearch.map { "\(RateText.time($0)) a search, " } ?? ""
            lines.append(
                "\(padded(name, 13))\(single)\(whole(mode.searchesPerSecond)) searches a second in blocks")
        }
        if let loss = report.loss?.missed {
            lines.append(
                "search loss  \(loss.events) of \(loss.trials) best similarities missed: \(RateText.interval(loss))"
            )
        }
        return lines
    }

    /// The lines of the worst searches.
    static func worst(_ report: IdentificationReport) -> [String] {
        func line(_ search: WorstSearch) -> String {
            let candidate =
                search.candidate.map {
                    "\(RateText.cosine(Double(search.similarity ?? 0)))  \(printable($0))  "
                        + printable(search.candidateSource ?? "")
                } ?? "no template"
            return
                "  \(printable(search.probe)) (\(search.person.map { printable($0) } ?? "a stranger")): \(candidate)"
        }
        return ["", "Strangers most like somebody"] + report.falseMatches.map(line)
            + ["", "Misses to look at first"] + report.misses.map(line)
    }

    /// The lines of an evaluation of pairs.
    static func lines(_ report: PairReport, network: String) -> [String] {
        var lines = [
            "pairs        \(report.mated) of one person, \(report.nonMated) of two, network \(printable(network))"
        ]
        if report.notAcquired > 0 {
            lines.append(
                "no template  \(report.notAcquired) pairs with a photo without one; they are wrong at every threshold"
            )
        }
        if let accuracy = report.accuracy {
            lines.append(
                "accuracy     \(RateText.percent(accuracy.mean)) ± \(RateText.percent(accuracy.standardError)) (standard "
                    + "error over \(accuracy.folds) folds), threshold \(RateText.cosine(accuracy.threshold))")
        } else {
            lines.append("accuracy     cannot be stated: \(EvaluationError.tooFewFolds(1))")
        }
        lines.append(
            "EER          \(RateText.percent(report.equalErrorRate)) at \(RateText.cosine(report.equalErrorThreshold))"
        )
        for point in report.points {
            lines.append(
                "TMR          \(RateText.interval(point.trueMatches)) at a false match rate of "
                    + "\(RateText.percent(point.target)), threshold \(RateText.cosine(Double(point.falseMatches.similarity)))"
            )
        }
        if report.smallestRate > 1e-4 {
            lines.append(
                "             \(report.nonMated) pairs of two people cannot tell a false match rate below "
                    + RateText.percent(report.smallestRate))
        }
        return lines
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}

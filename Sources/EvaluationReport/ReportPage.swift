internal import Evaluation
package import GalleryEvaluation

/// A report of an evaluation as one HTML page: no script, nothing from elsewhere.
package struct ReportPage {
    private let report: IdentificationReport
    private let gallery: String
    private let network: String
    private let measured: String
    private let program: String
    /// Pictures of photos as `data:` addresses, by path.
    private let thumbnails: [String: String]

    /// - Parameters:
    ///   - gallery: what the user calls it.
    ///   - measured: when, as text.
    ///   - program: the program with its version.
    ///   - thumbnails: pictures by the path of the photo.
    package init(
        _ report: IdentificationReport, gallery: String, network: String, measured: String, program: String,
        thumbnails: [String: String] = [:]
    ) {
        (self.report, self.gallery, self.network) = (report, gallery, network)
        (self.measured, self.program, self.thumbnails) = (measured, program, thumbnails)
    }

    /// The page, and why it has no plots, where it has none.
    package func html() -> (text: String, problem: String?) {
        let (plots, problem) = ReportPlots(report).drawn()
        var body = "<h1>How often is it wrong?</h1>\n" + facts
        if !report.isComplete {
            body +=
                "<p class=\"warning\">Stopped before the end: these are the rates of a random part of the probes.</p>\n"
        }
        if let problem { body += "<p class=\"warning\">\(escaped(problem))</p>\n" }
        body += rates + figure(plots["det"]) + hits + figure(plots["cmc"])
        body += section("Similarities", figure(plots["scores"]))
        body += growth(plots["growth"]) + variants + groups(plots["groups"]) + worst + reading
        let head = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
            <title>Error rates of \(escaped(gallery))</title><style>\(Self.style)</style></head><body><main>

            """
        return (head + body + "</main></body></html>\n", problem)
    }

    private static let style = """
        :root{color-scheme:light dark;--text:#1c1c1e;--back:#fff;--line:#ccc;--soft:#f3f3f5;--warn:#8a4b00}
        @media(prefers-color-scheme:dark){:root{--text:#e8e8ea;--back:#161618;--line:#444;--soft:#222226;--warn:#ffb454}}
        body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif}
        main{max-width:52rem;margin:auto;padding:1rem}
        h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.2rem;margin-top:2.2rem}
        .wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.95rem}
        th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
        thead th{white-space:nowrap}tbody th{font-weight:600}
        figure{margin:1rem 0}svg{width:100%;height:auto;max-width:40rem}
        .warning{color:var(--warn);font-weight:600}dt{font-weight:600}dd{margin:0 0 .6rem}
        .pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:1rem;padding:0;list-style:none}
        .pairs li{background:var(--soft);padding:.7rem;border-radius:.5rem;overflow-wrap:anywhere}
        .pairs img{width:48%;max-width:112px;height:auto;border-radius:.3rem}
        """

    private func section(_ title: String, _ content: String) -> String {
        content.isEmpty ? "" : "<section><h2>\(escaped(title))</h2>\n\(content)</section>\n"
    }

    private func figure(_ plot: String?) -> String { plot.map { "<figure>\($0)</figure>\n" } ?? "" }

    private var facts: String {
        let failures = report.matedNotAcquired + report.nonMatedNotAcquired
        let probes =
            report.isSelf
            ? "\(report.nonMated) references of the gallery, each searched without itself"
            : "\(report.mated) of enrolled people, \(report.nonMated) of strangers"
        let rows = [
            ["Gallery", escaped(gallery) + ": \(report.subjects) subjects, \(report.references) references"],
            ["Network", escaped(network)], ["Probes", probes],
            ["No template", "\(failures) probes; they count as searches that failed"],
            ["Measured", escaped(measured) + ", " + escaped(program)],
        ]
        return "<div class=\"wide\"><table><tbody>"
            + rows.map { "<tr><th scope=\"row\">\($0[0])</th><td>\($0[1])</td></tr>" }.joined()
            + "</tbody></table></div>\n"
    }

    private var rates: String {
        let points = report.exact?.points ?? report.index?.points ?? []
        guard !points.isEmpty else {
            return section(
                "Error rates",
                "<p>Probes of enrolled people and of strangers are both needed to state an error rate at a threshold.</p>"
            )
        }
        let rows = points.map { point in
            func cell(_ mode: ModeReport?) -> String {
                mode?.points.first { $0.target == point.target }
                    .map { escaped(RateText.interval($0.falseNegativeRate)) } ?? "–"
            }
            return [
                RateText.percent(point.target), RateText.cosine(point.threshold.value), cell(report.exact),
                cell(report.index),
            ]
        }
        var text = table(["FPIR", "Threshold", "FNIR, exact", "FNIR, index"], rows)
        text += "<p>In brackets: the 95 % interval over people.</p>"
        if let loss = report.loss?.missed {
            text +=
                "<p>Search loss: the index missed the best similarity of \(loss.events) of \(loss.trials) searches, "
                + "\(escaped(RateText.interval(loss))).</p>"
        }
        if let smallest = (report.exact ?? report.index)?.rates.smallestRate, smallest > 0.001 {
            text +=
                "<p>So many strangers cannot tell an FPIR below \(RateText.percent(smallest)): such rows are left out.</p>"
        }
        return section("Error rates", text)
    }

    private var hits: String {
        guard let mode = report.exact ?? report.index, !mode.hits.isEmpty else { return "" }
        return section(
            "Ranks",
            table(
                ["Candidates looked at", "Right person among them"],
                mode.hits.map { ["\($0.rank)", escaped(RateText.interval($0.rate))] }))
    }

    private func growth(_ plot: String?) -> String {
        guard let details = report.details, !details.growth.isEmpty || details.halves != nil else { return "" }
        var text = figure(plot)
        text += table(
            ["Subjects", "FNIR at FPIR 1 %", "One draw varies by", "Threshold", "Draws"],
            details.growth.map { point in
                [
                    "\(point.subjects)", RateText.percent(point.falseNegativeRate),
                    point.deviation.map { RateText.percent($0) } ?? "–", RateText.cosine(point.threshold),
                    "\(point.draws)",
                ]
            })
        if let halves = details.halves {
            text +=
                "<p>Over \(halves.draws) random halves of the subjects, FNIR at FPIR 1 % is "
                + "\(RateText.percent(halves.falseNegativeRate)) on average. A single draw varies by "
                + "\(RateText.percent(halves.deviation ?? 0)) (standard deviation): do not trust one draw.</p>"
        }
        return section("Gallery size", text)
    }

    private var variants: String {
        guard let details = report.details, details.subjectsWithSeveral > 0 else { return "" }
        return section(
            "References of a subject",
            "<p>Probes of the \(details.subjectsWithSeveral) subjects with two references or more, and of strangers.</p>"
                + table(
                    ["References", "Fusion", "Rank 1", "FNIR at FPIR 1 %"],
                    details.variants.map { variant in
                        [
                            variant.references.map { "at most \($0)" } ?? "all", escaped(variant.fusion),
                            RateText.percent(variant.rankOne),
                            variant.falseNegativeRate.map { RateText.percent($0) } ?? "too few strangers",
                        ]
                    }))
    }

    private func groups(_ plot: String?) -> String {
        guard let groups = report.groups else { return "" }
        var text =
            "<p>One threshold for all, \(RateText.cosine(Double(groups.threshold))), which gives an FPIR of "
            + "\(RateText.percent(report.groupTarget ?? 0)).</p>" + figure(plot)
        var place = 0
        text += table(
            ["Group", "Number", "People", "FPIR", "FNIR"],
            groups.groups.map { group in
                if group.isFalsePositiveRateKnown { place += 1 }
                return [
                    escaped(group.name), group.isFalsePositiveRateKnown ? "\(place)" : "–", "\(group.people)",
                    group.isFalsePositiveRateKnown
                        ? group.falsePositives.map { escaped(RateText.interval($0)) } ?? ""
                        : "too few searches",
                    group.isFalseNegativeRateKnown
                        ? group.falseNegatives.map { escaped(RateText.interval($0)) } ?? ""
                        : "too few searches",
                ]
            })
        text += table(
            ["Inequality", "Gini", "MXOG"],
            [("FPIR", groups.falsePositiveInequality), ("FNIR", groups.falseNegativeInequality)].map {
                name, value in
                [name, number(value?.gini), number(value?.maxOverGeometricMean)]
            })
        let names = groups.groups.map(\.name) + ["none"]
        text += "<p>False matches: group of the stranger (row) and of the candidate (column).</p>"
        text += table(
            [""] + names,
            groups.crossGroupFalsePositives.enumerated().map { row, counts in
                [escaped(names[row])] + counts.map { "\($0)" }
            })
        return section("Groups", text)
    }

    private func number(_ value: Double?) -> String {
        value.map { "\(($0 * 1_000).rounded() / 1_000)" } ?? "cannot say"
    }

    private var worst: String {
        func list(_ searches: [WorstSearch]) -> String {
            guard !searches.isEmpty else { return "<p>None.</p>" }
            return "<ul class=\"pairs\">"
                + searches.map { search in
                    let pictures = [search.probe, search.candidateSource ?? ""].compactMap { thumbnails[$0] }
                        .map { "<img alt=\"\" src=\"\($0)\"> " }.joined()
                    let candidate =
                        search.candidate.map {
                            "<strong>\(escaped($0))</strong> at \(RateText.cosine(Double(search.similarity ?? 0)))"
                        } ?? "no template"
                    let source = search.candidateSource.map { "<br>\(escaped($0))" } ?? ""
                    return "<li>\(pictures)<br>\(escaped(search.probe))<br>shows "
                        + (search.person.map { "<strong>\(escaped($0))</strong>" } ?? "a stranger")
                        + ", first candidate: \(candidate)\(source)</li>"
                }.joined(separator: "\n") + "</ul>"
        }
        guard !report.falseMatches.isEmpty || !report.misses.isEmpty else { return "" }
        return section("Strangers most like somebody", list(report.falseMatches))
            + section("Misses to look at first", list(report.misses))
    }

    private var reading: String {
        section(
            "How to read this",
            """
            <dl><dt>FPIR</dt><dd>Of the searches for strangers, the share that names somebody.</dd>
            <dt>FNIR</dt><dd>Of the searches for enrolled people, the share that does not name the right person.</dd>
            <dt>Threshold</dt><dd>The cosine from which a candidate is named. A higher one names fewer strangers, and
            misses more enrolled people.</dd>
            <dt>Interval</dt><dd>Other people, as many of them, would give a rate within it 19 times of 20.</dd></dl>
            """)
    }
}

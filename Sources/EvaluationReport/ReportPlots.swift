internal import Evaluation
internal import Files
internal import GalleryEvaluation
internal import Plotting

/// The plots of a report, drawn by gnuplot as SVG, in the colours of the page around them.
struct ReportPlots {
    private let report: IdentificationReport
    private var script = ""
    private var names: [String] = []

    /// Colours that are read on white and on black alike; an element of the page names them.
    private static let colours = ["#2a7fd4", "#d9572b", "#3a9a4a"]

    init(_ report: IdentificationReport) {
        self.report = report
        addTradeOff()
        addHits()
        addHistogram()
        addGrowth()
        addGroups()
    }

    /// The SVG of each plot by name; empty, with the reason, where gnuplot cannot draw.
    func drawn() -> (plots: [String: String], problem: String?) {
        guard !names.isEmpty else { return ([:], nil) }
        do throws(FileError) {
            let scratch = try ScratchFolder(for: "report", in: OpenFolder(Self.temporaryFolder))
            if let problem = Gnuplot.run(script + "set output\nexit\n", in: scratch.path) {
                return ([:], problem)
            }
            var plots: [String: String] = [:]
            for name in names {
                let text = try InputFile(scratch.path + "/" + name + ".svg").readAll(limit: 1 << 24)
                plots[name] = Self.embedded(String(decoding: text, as: UTF8.self), name)
            }
            return (plots, nil)
        } catch { return ([:], "no plots: \(error)") }
    }

    /// The element alone, its names its own, and in the colour of the text around it.
    private static func embedded(_ file: String, _ name: String) -> String {
        guard let start = file.firstRange(of: "<svg") else { return "" }
        var svg = String(file[start.lowerBound...])
        for (old, new) in [
            ("gpPt", "\(name)Pt"), ("gpDot", "\(name)Dot"), ("id=\"gnuplot_canvas\"", ""),
            ("'textbox'", "'\(name)Textbox'"), ("'greybox'", "'\(name)Greybox'"), (" color=\"black\"", ""),
            (" color=\"white\"", ""), ("\"black\"", "\"currentColor\""), ("'black'", "'currentColor'"),
            ("<svg ", "<svg role=\"img\" "),
        ] { svg = svg.replacing(old, with: new) }
        return svg
    }

    private mutating func begin(_ name: String, _ title: String) {
        names.append(name)
        script += """
            reset
            set encoding utf8
            set terminal svg size 640,420 dynamic font 'sans-serif,15' name '\(name)'
            set output '\(name).svg'
            set border 3; set tics nomirror; set grid lc rgb '#888888' lw 0.5
            set title '\(title)'

            """
    }

    private mutating func block(_ name: String, _ rows: [[Double]]) {
        let lines = rows.map { $0.map { $0.isFinite ? "\($0)" : "NaN" }.joined(separator: " ") + "\n" }
        script += "$\(name) << END\n\(lines.joined())END\n"
    }

    private var modes: [(name: String, mode: ModeReport)] {
        [("exact", report.exact), ("through the index", report.index)].compactMap { name, mode in
            mode.map { (name, $0) }
        }
    }

    private mutating func addTradeOff() {
        let curves = modes.filter { $0.mode.curve.count > 1 }
        guard !curves.isEmpty else { return }
        begin("det", "Misses against false alarms (DET)")
        for (place, curve) in curves.enumerated() {
            // No miss at all has no place on a logarithmic axis: it is drawn at half a miss.
            let floor = 0.5 / Double(max(1, curve.mode.rates.matedCount))
            block(
                "det\(place)",
                curve.mode.curve.map { [100 * $0.falsePositiveRate, 100 * max(floor, $0.falseNegativeRate)] })
        }
        script += "set logscale xy\nset xlabel 'FPIR, %: strangers called somebody'\n"
        script += "set ylabel 'FNIR, %: enrolled people missed'\nset key bottom left\nset format '%g'\nplot "
        script +=
            curves.indices.map { place in
                "$det\(place) using 1:2 with lines lw 2.5 dt \(place + 1) lc rgb '\(Self.colours[place])' "
                    + "title '\(curves[place].name)'"
            }.joined(separator: ", ") + "\n"
    }

    private mutating func addHits() {
        guard let mode = modes.first(where: { !$0.mode.hits.isEmpty })?.mode else { return }
        begin("cmc", "Enrolled people among the first candidates (CMC)")
        block("cmc", mode.hits.map { [Double($0.rank), 100 * $0.rate.value] })
        script += """
            set logscale x; set xlabel 'candidates looked at'; set ylabel 'right person among them, %'
            set xtics (\(mode.hits.map { "\($0.rank)" }.joined(separator: ", "))); set yrange [*:100]; unset key
            plot $cmc using 1:2 with linespoints lw 2.5 pt 7 ps 0.6 lc rgb '\(Self.colours[0])'

            """
    }

    private mutating func addHistogram() {
        guard let mode = modes.first?.mode else { return }
        let histogram = mode.histogram
        let (mated, nonMated) = (histogram.mated.reduce(0, +), histogram.nonMated.reduce(0, +))
        guard mated + nonMated > 0 else { return }
        begin("scores", "Similarity of the first candidate")
        block(
            "scores",
            histogram.mated.indices.map { place in
                [
                    histogram.low + (Double(place) + 0.5) * histogram.width,
                    100 * Double(histogram.mated[place]) / Double(max(1, mated)),
                    100 * Double(histogram.nonMated[place]) / Double(max(1, nonMated)),
                ]
            })
        script += """
            set xlabel 'cosine'; set ylabel 'searches, %'; set yrange [0:*]; set key top left
            set style fill transparent solid 0.5 noborder; set boxwidth \(histogram.width)
            plot $scores using 1:3 with boxes lc rgb '\(Self.colours[1])' title 'strangers', \\
              $scores using 1:2 with boxes lc rgb '\(Self.colours[0])' title 'enrolled people, the right one first'

            """
    }

    private mutating func addGrowth() {
        guard let growth = report.details?.growth, growth.count > 1 else { return }
        begin("growth", "Misses at FPIR 1 % against gallery size")
        block(
            "growth",
            growth.map { point in
                let error = (point.deviation ?? 0) / Double(max(1, point.draws)).squareRoot()
                return [Double(point.subjects), 100 * point.falseNegativeRate, 100 * error]
            })
        script += """
            set xlabel 'subjects enrolled'; set ylabel 'FNIR, %'; set yrange [0:*]; set xrange [0:*]; unset key
            plot $growth using 1:2 with lines lw 2.5 lc rgb '\(Self.colours[0])', \\
              $growth using 1:2:3 with yerrorbars lw 1.5 pt 7 ps 0.6 lc rgb '\(Self.colours[0])'

            """
    }

    private mutating func addGroups() {
        let known = (report.groups?.groups ?? []).filter(\.isFalsePositiveRateKnown)
        guard known.count > 1 else { return }
        begin("groups", "False alarms of each group at one threshold")
        block(
            "groups",
            known.enumerated().map { place, group in
                let rate = group.falsePositives
                return [
                    Double(place), 100 * (rate?.value ?? .nan), 100 * (rate?.interval.lowerBound ?? .nan),
                    100 * (rate?.interval.upperBound ?? .nan),
                ]
            })
        // A name of others is text of gnuplot's only as numbers: the table beside the plot has the names.
        let labels = known.indices.map { "'\($0 + 1)' \($0)" }.joined(separator: ", ")
        script += """
            set xtics (\(labels)); set xlabel 'group, by its number in the table'; set ylabel 'FPIR, %'
            set yrange [0:*]; set xrange [-0.6:\(Double(known.count) - 0.4)]; unset key
            set style fill transparent solid 0.5 noborder; set boxwidth 0.6
            plot $groups using 1:2 with boxes lc rgb '\(Self.colours[0])', \\
              $groups using 1:2:3:4 with yerrorbars lw 1.5 pt -1 lc rgb '\(Self.colours[1])'

            """
    }
}

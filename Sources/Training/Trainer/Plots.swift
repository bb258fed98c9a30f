internal import Files
internal import Plotting

/// `loss`, `accuracy` and `distances`, each as SVG and PNG, drawn by gnuplot.
struct Plots {
    let records: [EpochRecord]
    let distances: ValidationDistances?
    /// The cosine that was found best.
    let threshold: Double?

    /// Draws into `folder`; returns why nothing was drawn, nil if it was.
    func draw(in folder: String) -> String? {
        var script = "set encoding utf8\nset grid lc rgb '#dddddd'\nset border 3\nset tics nomirror\n"
        script += lossData + accuracyData + distanceData
        for (terminal, suffix) in [
            ("svg size 800,500 background 'white' font 'sans,14'", "svg"),
            ("pngcairo size 1200,750 background 'white' font 'sans,16'", "png"),
        ] {
            script += "set terminal \(terminal)\n"
            script += lossPlot(suffix) + accuracyPlot(suffix) + distancePlot(suffix)
        }
        script += "set output\nexit\n"
        // Drawn aside and moved: gnuplot would follow a link that has a plot's name.
        do throws(FileError) {
            let scratch = try ScratchFolder(for: "plots", in: OpenFolder(folder))
            if let problem = Gnuplot.run(script, in: scratch.path) { return problem }
            for name in try scratch.folder.names() where name.hasSuffix(".svg") || name.hasSuffix(".png") {
                try scratch.publish(name, as: name)
            }
            return nil
        } catch { return "no plots: \(error)" }
    }

    private var trained: [EpochRecord] { records.filter { $0.loss != nil } }

    private var lossData: String {
        block("loss", trained.map { [Double($0.epoch), $0.loss ?? .nan, 100 * ($0.activeShare ?? .nan)] })
    }

    private func lossPlot(_ suffix: String) -> String {
        guard !trained.isEmpty else { return "" }
        return """
            set output 'loss.\(suffix)'
            set title 'Loss while training'
            set xlabel 'epoch'; set ylabel 'mean loss'; set y2label 'with a loss, %'
            set xrange [0:*]; set yrange [0:*]; set y2range [0:100]; set y2tics; set key top right
            plot $loss using 1:2 with linespoints lw 2 pt 7 ps 0.5 lc rgb '#1f77b4' title 'loss', \\
              $loss using 1:3 axes x1y2 with lines lw 2 dt 2 lc rgb '#aaaaaa' title 'triplets, pairs or photos with a loss'
            unset y2tics; unset y2label

            """
    }

    private var accuracyData: String {
        block(
            "accuracy",
            records.map {
                [Double($0.epoch), 100 * $0.validation.accuracy, 100 * $0.validation.rankOne]
            })
    }

    private func accuracyPlot(_ suffix: String) -> String {
        guard let first = records.first else { return "" }
        return """
            set output 'accuracy.\(suffix)'
            set title 'People who are held out (\(first.validation.people)); epoch 0 is untrained'
            set xlabel 'epoch'; set ylabel 'per cent'
            set xrange [0:*]; set yrange [0:100]; set key bottom right
            plot $accuracy using 1:2 with linespoints lw 2 pt 7 ps 0.5 lc rgb '#1f77b4' title 'pairs judged rightly', \\
              $accuracy using 1:3 with linespoints lw 2 pt 5 ps 0.5 lc rgb '#d62728' title 'found first, one photo enrolled each'

            """
    }

    private static let binWidth = 0.05

    private var distanceData: String {
        guard let distances else { return "" }
        func shares(_ values: [Float]) -> [Double] {
            var counts = Array(repeating: 0.0, count: Int(4 / Self.binWidth))
            for value in values where value.isFinite {
                counts[min(counts.count - 1, max(0, Int(Double(value) / Self.binWidth)))] += 1
            }
            return counts.map { 100 * $0 / Double(max(1, values.count)) }
        }
        let (same, different) = (shares(distances.same), shares(distances.different))
        return block(
            "distances",
            same.indices.map { [(Double($0) + 0.5) * Self.binWidth, same[$0], different[$0]] })
    }

    private func distancePlot(_ suffix: String) -> String {
        guard distances != nil else { return "" }
        let line = threshold.map {
            "set arrow 1 from \(2 - 2 * $0), graph 0 to \(2 - 2 * $0), graph 1 nohead dt 2 lc rgb '#333333'\n"
        }
        return """
            set output 'distances.\(suffix)'
            set title 'Squared distances of pairs of people who are held out'
            set xlabel 'squared distance of unit templates (2 - 2 cosine)'; set ylabel 'per cent of pairs'
            set xrange [0:4]; set yrange [0:*]; set key top right
            set style fill transparent solid 0.5 noborder; set boxwidth \(Self.binWidth)
            \(line ?? "")plot $distances using 1:2 with boxes lc rgb '#1f77b4' title 'one person', \\
              $distances using 1:3 with boxes lc rgb '#d62728' title 'two people'
            unset arrow

            """
    }

    private func block(_ name: String, _ rows: [[Double]]) -> String {
        let lines = rows.map { row in
            row.map { $0.isFinite ? "\($0)" : "NaN" }.joined(separator: " ") + "\n"
        }
        return "$\(name) << END\n\(lines.joined())END\n"
    }
}

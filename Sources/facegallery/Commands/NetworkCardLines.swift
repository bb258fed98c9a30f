import Gallery
import Network

func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}

extension NetworkCard {
    /// The fields of a network that users ask for, one line per field.
    var lines: [(String, String)] {
        var lines = [
            ("name", name), ("architecture", architecture), ("dimension", "\(dimension)"),
            (
                "input",
                "\(input.side)×\(input.side) \((input.colors ?? .rgb).rawValue.uppercased()), "
                    + "(pixel - \(input.mean)) × \(input.scale)"
            ),
            (
                "alignment",
                alignment.padding != 0 || alignment.kind == NetworkCard.Alignment.fivePoint
                    ? "\(alignment.kind), padding \(alignment.padding)" : alignment.kind
            ),
            ("weights", "\(weights.file), SHA-256 \(weights.sha256)"),
            (
                "threshold",
                "cosine \(short(threshold.similarity)), which \(threshold.falseMatchRate) of pairs of different people reach"
            ),
            ("measured", threshold.measured), ("license", license), ("source", source),
        ]
        if let identification {
            lines.append(
                (
                    "identify",
                    "cosine \(short(identification.similarity)), which \(identification.falsePositiveRate) of searches "
                        + "for strangers reach among \(identification.enrolled) people; \(identification.measured)"
                ))
        }
        if let output {
            let way = mirrored == true ? ", the mean of the chip's and its mirror image's" : ""
            lines.insert(("output", output + way), at: 4)
        }
        lines.append(("fingerprint", fingerprint))
        guard let training else { return lines }
        lines += [
            (
                "trained on",
                "\(training.photos) photos of \(training.people) people, SHA-256 \(training.dataFingerprint)"
            ),
            (
                "trained with",
                "\(training.loss); \(training.epochs) epochs\(training.kept.map { ", epoch \($0) kept" } ?? ""), "
                    + "seed \(training.seed)"
            ),
        ]
        if let accuracy = training.accuracy {
            lines.append(("accuracy", "\(accuracy); \(training.measured ?? "")"))
        }
        if let rankOne = training.rankOne {
            let rate = training.falseNegativeRate.map { ", FNIR \(percent($0)) at an FPIR of 1 %" } ?? ""
            lines.append(("rank-1", "\(percent(rankOne))\(rate)"))
        }
        if let initial = training.initial {
            let rate = initial.falseNegativeRate.map { ", FNIR \(percent($0))" } ?? ""
            let before = "accuracy \(percent(initial.accuracy)), rank-1 \(percent(initial.rankOne))\(rate)"
            lines.append(("began with", "weights of SHA-256 \(initial.weights): \(before)"))
        }
        return lines
    }
}

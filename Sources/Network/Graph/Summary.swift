extension Graph {
    /// A table of the layers: name, output shape, parameters, multiplications for one image, and the totals.
    public func summary() -> String {
        table(
            layerRows + [
                ["total", outputShape.description, grouped(parameterCount), grouped(multiplicationCount)]
            ])
    }

    /// The same for a Siamese network: its inputs, the shared layers once, the distance, and totals that count shared
    /// weights once and multiplications for every input.
    public func summary(_ arrangement: SiameseNetwork.Arrangement) -> String {
        let inputs = arrangement.inputs
        let distances = inputs.count - 1
        var rows = inputs.map { [$0, inputShape.description, "0", "0"] }
        rows += layerRows.dropFirst().map { ["tower.\($0[0])"] + $0[1...] }
        rows.append(["unit length", "\(inputs.count) × \(outputShape)", "0", "0"])
        rows.append(["distance", "\(distances) × (squared Euclidean, cosine)", "0", "0"])
        rows.append([
            "total, shared by \(inputs.count) inputs", outputShape.description, grouped(parameterCount),
            grouped(inputs.count * multiplicationCount),
        ])
        return table(rows)
    }

    private var layerRows: [[String]] {
        nodes.map {
            [
                $0.name, $0.shape.description, grouped($0.parameterCount), grouped(multiplications(of: $0)),
            ]
        }
    }

    private func table(_ body: [[String]]) -> String {
        let rows = [["layer", "output", "parameters", "multiplications"]] + body
        let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let name = row[0] + String(repeating: " ", count: widths[0] - row[0].count)
            let right = (1..<4).map { String(repeating: " ", count: widths[$0] - row[$0].count) + row[$0] }
            return ([name] + right).joined(separator: "  ") + "\n"
        }.joined()
    }
}

/// A count with a comma before every third digit.
private func grouped(_ count: Int) -> String {
    var text = ""
    for (place, digit) in String(count).reversed().enumerated() {
        if place > 0 && place % 3 == 0 { text.append(",") }
        text.append(digit)
    }
    return String(text.reversed())
}

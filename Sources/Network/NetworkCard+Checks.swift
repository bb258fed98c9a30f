extension NetworkCard {
    /// What `load` refuses the card for; nil for a good one.
    package var fault: String? {
        if ![1, Self.importedFormat].contains(format) {
            return "format \(format); this build reads formats 1 and \(Self.importedFormat)"
        }
        if isImported != (architecture == Self.importedArchitecture) {
            return "format \(format) is not that of the architecture \"\(architecture)\""
        }
        if isImported != (output != nil) {
            return "output must be given for imported networks, and only for these"
        }
        if let output, output.isEmpty || output.unicodeScalars.contains(where: { $0.value < 32 }) {
            return "output is not a name"
        }
        if !isImported, mirrored != nil || input.colors != nil {
            return "mirrored and input.colors are only for imported networks"
        }
        if name.isEmpty { return "name is empty" }
        if !(1...4096).contains(dimension) { return "dimension \(dimension) is outside 1...4096" }
        if !(16...1024).contains(input.side) { return "input.side \(input.side) is outside 16...1024" }
        if input.mean.count != 3 { return "input.mean has \(input.mean.count) numbers, not 3" }
        if !input.mean.allSatisfy(\.isFinite) { return "input.mean is not finite" }
        if !input.scale.isFinite || input.scale <= 0 { return "input.scale \(input.scale) is not above 0" }
        if !Alignment.kinds.contains(alignment.kind) {
            return
                "alignment.kind \"\(alignment.kind)\" is unknown; this build knows "
                + Alignment.kinds.joined(separator: ", ")
        }
        if alignment.kind == Alignment.template, alignment.padding != 0 {
            return "alignment.padding \(alignment.padding) is not 0, which \(Alignment.template) asks for"
        }
        if !(0...4).contains(alignment.padding) {
            return "alignment.padding \(alignment.padding) is outside 0...4"
        }
        if weights.file.isEmpty || weights.file.contains("/") || weights.file.hasPrefix(".") {
            return "weights.file \"\(weights.file)\" is not the plain name of a file"
        }
        let digits = Set("0123456789abcdef")
        if weights.sha256.count != 64 || !weights.sha256.allSatisfy(digits.contains) {
            return "weights.sha256 is not 64 lower-case hexadecimal digits"
        }
        if !(-1...1).contains(threshold.similarity) {
            return "threshold.similarity \(threshold.similarity) is not a cosine"
        }
        if !(0...1).contains(threshold.falseMatchRate) {
            return "threshold.falseMatchRate \(threshold.falseMatchRate) is not a share"
        }
        if let fault = identification?.fault { return fault }
        for (name, share) in [
            ("accuracy", training?.accuracy), ("rankOne", training?.rankOne),
            ("falseNegativeRate", training?.falseNegativeRate),
            ("initial.accuracy", training?.initial?.accuracy), ("initial.rankOne", training?.initial?.rankOne),
            ("initial.falseNegativeRate", training?.initial?.falseNegativeRate),
        ] {
            if let share, !(0...1).contains(share) { return "training.\(name) \(share) is not a share" }
        }
        return nil
    }
}

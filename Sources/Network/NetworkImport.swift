internal import Onnx

/// What is known of an ONNX file before there is a card for it.
public enum NetworkImport {
    /// What a user says of a network, where the file does not say it, or says it wrongly.
    public struct Facts: Sendable {
        /// Width and height of a chip.
        public var side: Int?
        /// The output that is the template.
        public var output: String?
        /// Subtracted from red, green and blue (0…255); with `scale`.
        public var mean: [Float]?
        /// Multiplied after that.
        public var scale: Float?
        /// In which order colours are taken.
        public var colors: NetworkCard.Input.Colors?
        /// How a chip is cut out.
        public var alignment: NetworkCard.Alignment?

        /// Nothing is said.
        public init() {}
    }

    /// The bytes of an ONNX file of at most 1 GiB.
    ///
    /// - Throws: `unreadable` without such a file.
    public static func read(_ path: String) throws(NetworkError) -> [UInt8] {
        try readFile(path, limit: OnnxModel.largestFile)
    }

    /// A card for a face network, of what its file says, of what is known of its family, and of what the user says.
    ///
    /// The file may say the size of its input, its one output, and how pixels are normalised, among its layers. Files
    /// that `network export` wrote say everything. It matches nobody: no threshold was measured. Its name is the
    /// file's, without the ending.
    ///
    /// - Parameters:
    ///   - bytes: the bytes of the ONNX file.
    ///   - path: what errors call the file.
    ///   - family: what the network's project says of it.
    ///   - facts: what the user says; that counts before all else.
    /// - Throws: `badModel` where something is not known, which names what is missing;
    ///   also for a file that is not of the family.
    public static func card(
        for bytes: [UInt8], file path: String, family: NetworkFamily? = nil, facts: Facts = Facts()
    ) throws(NetworkError) -> NetworkCard {
        let whole = try TensorNetwork.model(bytes, path: path)
        var missing = Missing(path: path)
        let model = try select(facts.output, of: whole, &missing)
        let own = try? OnnxImport.inputShape(of: whole)
        guard let side = facts.side ?? own?.height ?? family?.side else {
            throw missing.error(and: "`side`: its input leaves the size open")
        }
        let shape = TensorShape(channels: 3, height: side, width: side)
        if let own, own != shape {
            throw .badModel(
                path: path, reason: "its input is \(own), not a square of three colours of side \(side)")
        }
        // Without an output nothing can be run; what else is missing is told with it.
        var (input, dimension) = (Normalisation.open, 0)
        if let model {
            let (graph, weights) = try OnnxImport.run(model, path: path, input: shape)
            input = try Normalisation(Plan(graph, weights: weights))
            dimension = graph.outputShape.count
        }
        try family?.requireFit(path: path, side: side, dimension: dimension)
        let exported = Exported(whole)
        switch (input, facts.mean, facts.scale, family) {
        case (_, let mean?, let scale?, _): input = .given(mean, scale)
        case (.inLayers, nil, nil, _): break
        case (.open, nil, nil, let family?):
            input = .given([Float](repeating: family.mean, count: 3), family.scale)
        default: missing.add("`mean` (of red, green, blue) and `scale`: how pixels (0…255) become its input")
        }
        let colors = facts.colors ?? family?.colors ?? exported?.colors
        if colors == nil { missing.add("`colors` (rgb or bgr): the order of colours that it expects") }
        let alignment = facts.alignment ?? family?.alignment ?? exported?.alignment
        if alignment == nil {
            missing.add(
                "`alignment` (\(NetworkCard.Alignment.kinds.joined(separator: ", "))): how faces are cut out"
            )
        }
        guard missing.isEmpty, let output = model?.outputs.first?.name, let colors, let alignment else {
            throw missing.error()
        }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return NetworkCard(
            importing: name.hasSuffix(".onnx") && name.count > 5 ? String(name.dropLast(5)) : name,
            output: output, dimension: dimension, input: input.card(side: side, colors), alignment: alignment,
            license: family?.license ?? exported?.license ?? "not known",
            source: family.map { "\(name); \($0.source)" } ?? name,
            threshold: NetworkCard.Threshold(similarity: 1, falseMatchRate: 0, measured: "not measured"))
    }

    /// The model up to the output that is the template; nil if it is not known which that is.
    private static func select(
        _ name: String?, of model: OnnxModel, _ missing: inout Missing
    ) throws(NetworkError) -> OnnxModel? {
        let names = model.outputs.map(\.name)
        if let name, !names.contains(name) {
            throw .badModel(
                path: missing.path,
                reason: "it has no output \(name); its outputs are \(names.joined(separator: ", "))")
        }
        if let name { return model.keeping(name) }
        guard names.count > 1 else { return model }
        missing.add("`output` (\(names.joined(separator: ", "))): which of its outputs is the template")
        return nil
    }
}

/// What is not known of a network, each with the fact that says it, in backquotes.
private struct Missing {
    let path: String
    private var lines: [String] = []

    init(path: String) { self.path = path }

    var isEmpty: Bool { lines.isEmpty }

    mutating func add(_ line: String) { lines.append(line) }

    func error(and line: String? = nil) -> NetworkError {
        let all = lines + (line.map { [$0] } ?? [])
        let families = NetworkFamily.all.map(\.name).joined(separator: ", ")
        return .badModel(
            path: path,
            reason: "the file does not say everything that is needed; give `family` (\(families)), `card`, or "
                + all.joined(separator: "; "))
    }
}

/// How pixels become a network's input.
private enum Normalisation {
    /// Among its layers.
    case inLayers
    /// As somebody says.
    case given([Float], Float)
    /// Not known.
    case open

    /// Whether the first layers bring 0…255 to numbers about 1: a factor near 1, as of a normalisation that was
    /// learned, says that this is done before.
    init(_ plan: Plan) {
        let isSmall = plan.inputScaling?.scale.allSatisfy { $0 > 0 && $0 < 0.1 } ?? false
        self = isSmall ? .inLayers : .open
    }

    func card(side: Int, _ colors: NetworkCard.Input.Colors) -> NetworkCard.Input {
        guard case .given(let mean, let scale) = self else {
            return NetworkCard.Input(side: side, mean: [0, 0, 0], scale: 1, colors: colors)
        }
        return NetworkCard.Input(side: side, mean: mean, scale: scale, colors: colors)
    }
}

/// What a file that `network export` wrote says of itself.
private struct Exported {
    let alignment: NetworkCard.Alignment
    let colors = NetworkCard.Input.Colors.rgb
    let license: String?

    /// nil for other files.
    init?(_ model: OnnxModel) {
        guard model.metadata["weights.sha256"] != nil, let text = model.metadata["alignment"] else {
            return nil
        }
        let parts = text.split(separator: ", padding ", maxSplits: 1)
        guard parts.count == 2, let padding = Double(parts[1]),
            NetworkCard.Alignment.kinds.contains(String(parts[0]))
        else { return nil }
        alignment = NetworkCard.Alignment(kind: String(parts[0]), padding: padding)
        license = model.metadata["license"]
    }
}

extension NetworkFamily {
    /// Refuses a file that cannot be of the family.
    fileprivate func requireFit(path: String, side: Int, dimension: Int) throws(NetworkError) {
        guard side == self.side else {
            throw .badModel(
                path: path, reason: "it takes \(side)×\(side) pixels, \(name) \(self.side)×\(self.side)")
        }
        guard dimension == 0 || dimensions.contains(dimension) else {
            throw .badModel(
                path: path,
                reason: "its templates have \(dimension) numbers, those of \(name) "
                    + dimensions.map(String.init).joined(separator: " or "))
        }
    }
}

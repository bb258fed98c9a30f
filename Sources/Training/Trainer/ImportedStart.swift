internal import Network
internal import NetworkExport

/// A training that begins with an imported network, and writes one.
enum ImportedStart {
    /// The card of the result as far as it is known, the layers, and what training begins with.
    ///
    /// - Throws: `badArgument` where the network is not named, or is fed in a way that training does not know.
    static func network(
        _ settings: TrainingSettings, _ job: TrainingJob, _ resumed: NetworkCard?
    ) throws(TrainingError) -> (NetworkCard, Graph, NetworkParameters) {
        guard let directory = job.initialNetwork else {
            throw .badArgument(
                name: "init", reason: "must be given again: the layers are in that network's file")
        }
        let start: NetworkLayers
        do throws(NetworkError) { start = try NetworkLayers(directory: directory) } catch {
            throw .network(error)
        }
        let initial = start.card
        guard initial.input.colors ?? .rgb == .rgb else {
            throw .badArgument(
                name: "init",
                reason: "names \(initial.name), which expects colours as BGR; training supports only RGB")
        }
        guard start.graph.outputs.last?.name == initial.output, start.graph.endsWithItsOutput else {
            throw .badArgument(
                name: "init", reason: "names \(initial.name), whose template is not its last layer's")
        }
        guard settings.side == initial.input.side, settings.dimension == initial.dimension else {
            throw .badArgument(
                name: "init",
                reason:
                    "names \(initial.name), whose side \(initial.input.side) and dimension \(initial.dimension) are "
                    + "fixed")
        }
        var card =
            resumed
            ?? NetworkCard(
                importing: job.resultName, output: "embedding", dimension: initial.dimension,
                input: initial.input, alignment: initial.alignment, mirrored: initial.mirrored ?? false,
                license: initial.license,
                source: "facegallery train, begun with \(initial.name): \(initial.source)",
                threshold: NetworkCard.Threshold(similarity: 1, falseMatchRate: 0, measured: "nothing yet"))
        if resumed == nil, !settings.detect {
            card.alignment = NetworkCard.Alignment(kind: NetworkCard.Alignment.wholePhoto, padding: 0)
        }
        if let name = job.name { card.name = name }
        if let license = job.license { card.license = license }
        return (card, start.graph, start.parameters)
    }

    /// Writes the network as an ONNX file, into which the normalisation of pixels goes, with its card.
    static func write(
        _ card: NetworkCard, _ graph: Graph, _ parameters: NetworkParameters, to directory: String
    ) throws(TrainingError) -> NetworkCard {
        var written = card
        (written.input.mean, written.input.scale) = ([0, 0, 0], 1)
        do throws(OnnxError) {
            let bytes = try OnnxFile.encode(card, graph, weights: parameters, isUnitLength: false)
            do throws(NetworkError) {
                return try NetworkDirectory.write(
                    written, onnx: bytes, from: directory + "/" + written.weights.file, to: directory)
            } catch { throw OnnxError.network(error) }
        } catch {
            if case .network(let error) = error { throw TrainingError(error) }
            throw .network(.badModel(path: directory + "/" + card.weights.file, reason: "\(error)"))
        }
    }
}

extension Graph {
    /// Whether its one output is the last layer's.
    fileprivate var endsWithItsOutput: Bool {
        outputs.count == 1 && !nodes.contains { $0.inputs.contains(nodes.count - 1) }
            && outputShape == nodes[nodes.count - 1].shape
    }
}

extension TrainingJob {
    /// What the result's card calls it.
    var resultName: String { name ?? out.split(separator: "/").last.map(String.init) ?? "network" }
}

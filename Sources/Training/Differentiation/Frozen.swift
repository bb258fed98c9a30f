public import Network

extension Graph {
    /// The layers with parameters whose names are a prefix's, or begin with it and a full stop.
    ///
    /// `stage1` stands for `stage1.block1.first.convolution` and not for `stage10.convolution`.
    /// - Throws: `badArgument` for a prefix of no layer, with those there are.
    public func layers(of prefixes: [String]) throws(TrainingError) -> Set<String> {
        var layers: Set<String> = []
        let own = nodes.filter { !$0.parameters.isEmpty }.map(\.name)
        for prefix in prefixes {
            let found = own.filter { $0 == prefix || $0.hasPrefix(prefix + ".") }
            guard !found.isEmpty else {
                var known: [String] = []
                for name in own {
                    let first = name.split(separator: ".").first.map(String.init) ?? name
                    if !known.contains(first) { known.append(first) }
                }
                throw .badArgument(
                    name: "freeze",
                    reason: "names \(prefix), with which no layer's name begins; there are "
                        + known.prefix(30).joined(separator: ", "))
            }
            layers.formUnion(found)
        }
        return layers
    }

    /// Names of the layers that only prepare the pixels: those with nothing of `weight` in them or before them.
    ///
    /// Imported networks have their normalisation of pixels as such layers; it is no more to be learnt than a card's.
    var preparing: Set<String> {
        var hasWeight: [Bool] = []
        var names: Set<String> = []
        for node in nodes {
            let own = node.parameters.contains { $0.name.hasSuffix(".weight") }
            hasWeight.append(own || node.inputs.contains { hasWeight[$0] })
            if !hasWeight[hasWeight.count - 1], !node.parameters.isEmpty { names.insert(node.name) }
        }
        return names
    }
}

extension NetworkParameters.Entry {
    /// Whether it is a tensor of one of these layers.
    func isOf(_ layers: Set<String>) -> Bool {
        guard !layers.isEmpty, let dot = name.lastIndex(of: ".") else { return false }
        return layers.contains(String(name[..<dot]))
    }
}

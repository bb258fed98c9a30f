internal import COneDNN
internal import Network

/// Parameters and their gradients where oneDNN reads and writes them: row-major, each tensor on its own cache lines.
///
/// One thread's at a time.
final class ParameterMemory {
    private let values: Pages
    private let gradients: Pages
    private var offsets: [String: Int] = [:]
    private let entries: [NetworkParameters.Entry]
    private let engine: Handle

    /// - Throws: `refused` when there is no memory left.
    init(_ entries: [NetworkParameters.Entry], engine: Handle) throws(NetworkError) {
        var size = 0
        for entry in entries {
            offsets[entry.name] = size
            size += (entry.range.count * 4 + 63) / 64 * 64
        }
        values = try Pages(size, layer: "parameters")
        gradients = try Pages(size, layer: "gradients")
        self.entries = entries
        self.engine = engine
    }

    /// A tensor's values under the axes that an operation gives it.
    func value(_ name: String, _ shape: [Int]) throws(NetworkError) -> Memory {
        try view(name, shape, of: values)
    }

    /// A tensor's gradient under the axes that an operation gives it.
    func gradient(_ name: String, _ shape: [Int]) throws(NetworkError) -> Memory {
        try view(name, shape, of: gradients)
    }

    private func view(_ name: String, _ shape: [Int], of pages: Pages) throws(NetworkError) -> Memory {
        guard let offset = offsets[name] else {
            throw .badGraph(layer: name, reason: "it is no parameter of the network")
        }
        let descriptor = try Descriptor(shape, layer: name)
        let bytes = unsafe pages.bytes(offset, descriptor.bytes)
        return try unsafe Memory(descriptor, at: bytes.baseAddress, engine: engine, layer: name)
    }

    /// Where a tensor's values stand among all.
    func range(_ name: String) throws(NetworkError) -> Range<Int> {
        guard let entry = entries.first(where: { $0.name == name }) else {
            throw .badGraph(layer: name, reason: "it is no parameter of the network")
        }
        return entry.range
    }

    /// Takes over the values; `parameters` begin with the entries this was made of.
    func load(_ parameters: borrowing [Float]) {
        unsafe parameters.withUnsafeBytes { source in
            for entry in entries {
                let bytes = unsafe place(entry, in: values)
                unsafe bytes.copyMemory(
                    from: UnsafeRawBufferPointer(
                        rebasing: source[entry.range.lowerBound * 4..<entry.range.upperBound * 4]))
            }
        }
    }

    /// Writes the gradients out, in the layout of the values; 0 for what is not trained and for frozen layers.
    func storeGradients(_ target: inout [Float], except frozen: Set<String>) {
        unsafe target.withUnsafeMutableBytes { target in
            for entry in entries {
                let part = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: target[entry.range.lowerBound * 4..<entry.range.upperBound * 4])
                if entry.role.isTrained, !entry.isOf(frozen) {
                    let bytes = unsafe place(entry, in: gradients)
                    unsafe part.copyMemory(from: UnsafeRawBufferPointer(bytes))
                } else {
                    _ = unsafe part.initializeMemory(as: UInt8.self, repeating: 0)
                }
            }
        }
    }

    private func place(_ entry: NetworkParameters.Entry, in pages: Pages) -> UnsafeMutableRawBufferPointer {
        unsafe pages.bytes(offsets[entry.name] ?? 0, entry.range.count * 4)
    }
}

internal import COnnx
internal import Network

/// An ONNX model in the making; one thread's at a time.
///
/// Owns the C builder.
@safe struct OnnxBuilder: ~Copyable {
    private let handle: OpaquePointer
    private let network: String
    /// How the weights of layers are stored.
    private let precision: SafeTensors.Precision

    init(
        network: String, opset: Int64, precision: SafeTensors.Precision = .float32
    ) throws(OnnxError) {
        var made: OpaquePointer?
        try unsafe check(network) { unsafe conx_new("facegallery", opset, &made, $0, $1) }
        guard let made = unsafe made else { throw .refused(network: network, reason: "no builder was made") }
        unsafe handle = made
        (self.network, self.precision) = (network, precision)
    }

    deinit { unsafe conx_free(handle) }

    func describe(_ key: String, _ text: String) throws(OnnxError) {
        try unsafe check(network) { unsafe conx_describe(handle, key, text, $0, $1) }
    }

    /// A float32 input; 0 is a size of the reader's choice.
    func input(_ name: String, _ shape: [Int]) throws(OnnxError) {
        let shape = shape.map(Int64.init)
        try unsafe check(network) { unsafe conx_input(handle, name, shape, shape.count, $0, $1) }
    }

    func output(_ name: String, _ shape: [Int]) throws(OnnxError) {
        let shape = shape.map(Int64.init)
        try unsafe check(network) { unsafe conx_output(handle, name, shape, shape.count, $0, $1) }
    }

    /// A constant: `values` fill `shape`.
    func tensor(_ name: String, _ shape: [Int], _ values: [Float]) throws(OnnxError) -> String {
        precondition(values.count == shape.reduce(1, *), "tensor \(name) does not fill its shape")
        let shape = shape.map(Int64.init)
        try unsafe check(network) {
            unsafe conx_floats(handle, name, shape, shape.count, values, values.count, $0, $1)
        }
        return name
    }

    /// A layer's constant; one of several axes, which has nearly all the numbers, in the file's precision.
    ///
    /// Rounded numbers are float32 again before anything is computed with them: every runtime can do that, few compute in
    /// float16 on a processor.
    func weights(_ name: String, _ shape: [Int], _ values: [Float]) throws(OnnxError) -> String {
        guard precision == .float16, shape.count > 1 else { return try tensor(name, shape, values) }
        precondition(values.count == shape.reduce(1, *), "tensor \(name) does not fill its shape")
        let halves = values.map { Float16($0) }
        guard halves.allSatisfy(\.isFinite) else {
            throw .refused(
                network: network,
                reason: "tensor \(name) has a number beyond 65,504, which is too large for float16"
            )
        }
        let (stored, bits, sizes) = ("\(name).float16", halves.map(\.bitPattern), shape.map(Int64.init))
        try unsafe check(network) {
            unsafe conx_halves(handle, stored, sizes, sizes.count, bits, bits.count, $0, $1)
        }
        // 1 is ONNX's number of float32.
        return try node("Cast", name, [stored], [("to", .integer(1))], output: name)
    }

    func tensor(_ name: String, _ values: [Int]) throws(OnnxError) -> String {
        let values = values.map(Int64.init)
        try unsafe check(network) { unsafe conx_integers(handle, name, values, values.count, $0, $1) }
        return name
    }

    enum Attribute {
        case integer(Int)
        case integers([Int])
        case float(Float)
    }

    /// A node behind those before it; returns the name of its output.
    @discardableResult
    func node(
        _ operation: String, _ name: String, _ inputs: [String], _ attributes: [(String, Attribute)] = [],
        output: String? = nil
    ) throws(OnnxError) -> String {
        // A layer and the network's output may have one name; values of layers get another.
        let output = output ?? "\(name).output"
        try unsafe check(network) { unsafe conx_node(handle, operation, name, output, $0, $1) }
        for input in inputs {
            try unsafe check(network) { unsafe conx_node_input(handle, input, $0, $1) }
        }
        for (key, value) in attributes {
            try unsafe check(network) { message, capacity in
                switch value {
                case .integer(let value):
                    return unsafe conx_node_integer(handle, key, Int64(value), message, capacity)
                case .integers(let values):
                    let values = values.map(Int64.init)
                    return unsafe conx_node_integers(handle, key, values, values.count, message, capacity)
                case .float(let value): return unsafe conx_node_float(handle, key, value, message, capacity)
                }
            }
        }
        return output
    }

    /// The bytes of the file, after onnx has checked the model.
    func encoded() throws(OnnxError) -> [UInt8] {
        var bytes: UnsafePointer<UInt8>?
        var count = 0
        try unsafe check(network) { unsafe conx_encode(handle, &bytes, &count, $0, $1) }
        return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
    }
}

/// Runs a call of the bridge's, which may leave a line of text.
private func check(
    _ network: String, _ call: (UnsafeMutablePointer<CChar>, Int) -> conx_status
) throws(OnnxError) {
    let (status, reason) = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { message in
        guard let start = message.baseAddress else { return (CONX_NO_MEMORY, "out of memory") }
        unsafe start.initialize(repeating: 0, count: message.count)
        let status = unsafe call(start, message.count)
        return (status, unsafe String(cString: start))
    }
    switch status {
    case CONX_OK: return
    case CONX_TOO_LARGE: throw .tooLarge(network: network)
    default: throw .refused(network: network, reason: reason.isEmpty ? "status \(status.rawValue)" : reason)
    }
}

internal import COnnx

/// An array of numbers in an ONNX model, row-major.
///
/// A value; safe to share between threads.
public struct OnnxTensor: Sendable, Equatable {
    /// The numbers, in the precision that this module computes with.
    public enum Values: Sendable, Equatable {
        /// Of float32; of float16, bfloat16 and double as well.
        case floats([Float])
        /// Of all integers but those of 8 bits, and of booleans (0 and 1).
        case integers([Int])
        /// Of int8.
        case signedBytes([Int8])
        /// Of uint8.
        case bytes([UInt8])
    }

    /// Sizes of the axes; none for a single number.
    public var shape: [Int]
    /// As many as the product of the shape.
    public var values: Values

    /// An array of these numbers.
    ///
    /// - Precondition: there are as many as the product of `shape`.
    public init(shape: [Int], values: Values) {
        self.shape = shape
        self.values = values
        precondition(count == shape.reduce(1, *), "the numbers do not fill the shape")
    }

    /// Numbers in it.
    public var count: Int {
        switch values {
        case .floats(let all): all.count
        case .integers(let all): all.count
        case .signedBytes(let all): all.count
        case .bytes(let all): all.count
        }
    }

    /// The numbers as float32.
    public var floats: [Float] {
        switch values {
        case .floats(let all): all
        case .integers(let all): all.map(Float.init)
        case .signedBytes(let all): all.map(Float.init)
        case .bytes(let all): all.map(Float.init)
        }
    }

    /// The numbers as integers; nil for floats.
    public var integers: [Int]? {
        switch values {
        case .floats: nil
        case .integers(let all): all
        case .signedBytes(let all): all.map(Int.init)
        case .bytes(let all): all.map(Int.init)
        }
    }

    /// Whether the numbers are float32.
    public var isFloat: Bool { if case .floats = values { true } else { false } }

    /// Whether no number is infinite or not a number; linear in their count.
    public var isFinite: Bool {
        guard case .floats(let all) = values else { return true }
        return unsafe all.withUnsafeBufferPointer { numbers in
            guard let start = numbers.baseAddress else { return true }
            return unsafe conx_finite(start, numbers.count)
        }
    }

    /// Rearranges the numbers: `places[i]` is where the i-th number of the result stands here.
    func gathered(shape: [Int], _ places: [Int]) -> OnnxTensor {
        switch values {
        case .floats(let all): OnnxTensor(shape: shape, values: .floats(places.map { all[$0] }))
        case .integers(let all): OnnxTensor(shape: shape, values: .integers(places.map { all[$0] }))
        case .signedBytes(let all): OnnxTensor(shape: shape, values: .signedBytes(places.map { all[$0] }))
        case .bytes(let all): OnnxTensor(shape: shape, values: .bytes(places.map { all[$0] }))
        }
    }

    /// The same numbers under another shape.
    ///
    /// - Precondition: its product is `count`.
    public func reshaped(_ shape: [Int]) -> OnnxTensor { OnnxTensor(shape: shape, values: values) }
}

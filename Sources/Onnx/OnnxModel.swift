/// What an ONNX file holds: operations, the names that connect them, and constants.
///
/// A value; safe to share between threads. Nothing is known of what operations mean; `Network` gives them that.
public struct OnnxModel: Sendable {
    /// An input or output of the network.
    public struct Value: Sendable, Equatable {
        /// The name that nodes know it by.
        public var name: String
        /// Sizes of its axes, nil if the file leaves one open; nil if it says nothing of its shape.
        public var shape: [Int?]?
        /// Whether it holds float32.
        public var isFloat: Bool
    }

    /// One operation.
    public struct Node: Sendable {
        /// Kind of operation, as the ONNX standard names it.
        public var operation: String
        /// What its author called it; may be empty.
        public var name: String
        /// Whose operation it is; empty for the standard's own.
        public var domain: String
        /// Names of the values it reads; an empty one stands for an input that is left out.
        public var inputs: [String]
        /// Names of the values it makes.
        public var outputs: [String]
        /// Its settings.
        public var attributes: [String: Attribute]
    }

    /// A setting of a node.
    public enum Attribute: Sendable, Equatable {
        /// One integer, number or text.
        case integer(Int), float(Float), text(String)
        /// Several.
        case integers([Int]), floats([Float]), texts([String])
        /// A constant.
        case tensor(OnnxTensor)
    }

    /// Version of the file's layout.
    public var version: Int
    /// Version of the standard's set of operations.
    public var opset: Int
    /// The program that wrote the file.
    public var producer: String
    /// What is fed to the network; constants that the file lists as inputs, and what nothing reads, are left
    /// out.
    public var inputs: [Value]
    /// What the network answers.
    public var outputs: [Value]
    /// Constants, by name.
    public var constants: [String: OnnxTensor]
    /// Operations, each after those it reads.
    public var nodes: [Node]
    /// Free text about the model, by name.
    public var metadata: [String: String]
}

extension OnnxModel.Node {
    /// What messages call the node: its name, or that of what it makes.
    public var label: String { name.isEmpty ? outputs.first ?? operation : name }

    /// An error that names the node.
    public func unsupported(_ reason: String) -> OnnxError {
        .unsupported(
            node: label, operation: domain.isEmpty ? operation : "\(domain).\(operation)", reason: reason)
    }

    /// A setting that is one integer.
    public func integer(_ name: String) throws(OnnxError) -> Int? {
        switch attributes[name] {
        case nil: return nil
        case .integer(let value): return value
        default: throw unsupported("\(name) is not an integer")
        }
    }

    /// A setting that is a list of integers.
    public func integers(_ name: String) throws(OnnxError) -> [Int]? {
        switch attributes[name] {
        case nil: return nil
        case .integers(let values): return values
        default: throw unsupported("\(name) is not a list of integers")
        }
    }

    /// A setting that is one number.
    public func float(_ name: String) throws(OnnxError) -> Float? {
        switch attributes[name] {
        case nil: return nil
        case .float(let value): return value
        default: throw unsupported("\(name) is not a number")
        }
    }

    /// A setting that is a text.
    public func text(_ name: String) throws(OnnxError) -> String? {
        switch attributes[name] {
        case nil: return nil
        case .text(let value): return value
        default: throw unsupported("\(name) is not a text")
        }
    }
}

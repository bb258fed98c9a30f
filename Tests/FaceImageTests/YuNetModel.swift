import FaceImage
import Foundation
import Network
import TestSupport

/// The real YuNet, where the set-up has put it.
enum YuNetModel {
    static let path = SetUpCache.file("detector/yunet.onnx")

    static var isThere: Bool { Cache.isThere && FileManager.default.fileExists(atPath: path) }

    /// One for all tests, as a program would have it.
    static let finder = Result { YuNetFinder(network: try Imported()) }
    static let thorough = Result { YuNetFinder(network: try Imported(), anyRotation: true) }

    private struct Imported: DetectionNetwork {
        let network: TensorNetwork

        init() throws { network = try TensorNetwork(onnx: path) }

        func outputs(
            width: Int, height: Int, fill: (_ picture: inout MutableSpan<Float>) -> Void
        ) throws -> [String: [Float]] {
            let shape = TensorShape(channels: 3, height: height, width: width)
            return try network.run(count: 1, input: shape) { fill(&$1) }.values
        }
    }
}

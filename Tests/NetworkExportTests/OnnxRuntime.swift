import Foundation
import TestSupport

/// Runs ONNX files with Microsoft's onnxruntime, in Python.
enum OnnxRuntime {
    static let tools = SetUpCache.file("test-tools")
    static let isInstalled = FileManager.default.fileExists(atPath: tools + "/onnxruntime")

    struct Failure: Error { let output: String }

    private static let script = """
        import sys, numpy, onnxruntime
        model, source, target, count = sys.argv[1:5]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        (given,), (made,) = session.get_inputs(), session.get_outputs()
        assert (given.name, made.name) == ("data", "embedding")
        assert not isinstance(given.shape[0], int) and given.shape[1] == 3
        rgb = numpy.fromfile(source, numpy.uint8).reshape(int(count), *given.shape[2:], 3)
        data = rgb.transpose(0, 3, 1, 2).astype(numpy.float32)
        session.run(None, {"data": data})[0].astype("<f4").tofile(target)
        """

    /// The embeddings of chips (side × side × 3 bytes each), row-major.
    static func run(_ model: String, _ chips: [[UInt8]], in folder: TemporaryFolder) throws -> [Float] {
        let source = try folder.write(chips.flatMap { $0 }, to: "chips.rgb")
        let (target, log) = (folder.file("rows.f32"), try folder.write([], to: "log"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, model, source, target, "\(chips.count)"]
        process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONPATH": tools]) { $1 }
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(output: try String(contentsOfFile: log, encoding: .utf8))
        }
        let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: target)))
        return (0..<bytes.count / 4).map { place in
            Float(
                bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place * 4 + $1]) << (8 * UInt32($1)) }
            )
        }
    }
}

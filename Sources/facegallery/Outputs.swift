import FaceImage
import Files
import Gallery

/// A command's outputs, checked in one place before anything is written.
struct Outputs {
    private let inputs: [String]
    private var outputs: [OutputPlaces.Output] = []

    /// - Parameter inputs: all that the command reads: galleries, networks' folders, photos, matrices, lists; `-` is
    ///   standard input.
    init(inputs: [String]) { self.inputs = inputs }

    /// Adds an output where the option is given; `-` is standard output, which is no place.
    mutating func add(_ option: String, _ path: String?, _ kind: OutputPlaces.Output.Kind = .file) {
        guard let path, path != "-" else { return }
        outputs.append(OutputPlaces.Output(option, path, kind))
    }

    /// Refuses outputs that would destroy an input, each other, or a part of a gallery, network or snapshot.
    ///
    /// - Throws: `CommandFailure` with both names.
    func check() throws(CommandFailure) {
        do throws(FileError) { try OutputPlaces(inputs: inputs).check(outputs) } catch {
            throw CommandFailure(printable("\(error)"), ExitCode(error.kind))
        }
        for output in outputs { try Self.requireNoPhoto(output) }
    }

    /// Refuses to replace a photo, which no output of any command is: a path was typed in the wrong place.
    private static func requireNoPhoto(_ output: OutputPlaces.Output) throws(CommandFailure) {
        guard let file = try? InputFile(output.path) else { return }
        var head = [UInt8](repeating: 0, count: PhotoFormat.headLength)
        let count = unsafe head.withUnsafeMutableBytes { try? unsafe file.read(at: 0, into: $0) } ?? 0
        switch PhotoFormat.of(firstBytes: head[..<count]) {
        // Text may begin as these do.
        case nil, .pnm, .bmp: return
        case .some(let format):
            throw CommandFailure(
                printable(
                    "\(output.path): \(output.option) would overwrite a photo (\(format.name)); use another path"
                ),
                .usage)
        }
    }

    /// Checks one output.
    static func check(
        _ option: String, _ path: String, _ kind: OutputPlaces.Output.Kind = .file, inputs: [String]
    ) throws(CommandFailure) {
        var outputs = Outputs(inputs: inputs)
        outputs.add(option, path, kind)
        try outputs.check()
    }
}

import ArgumentParsing
import FoundationEssentials
import Glibc

/// Every bench, in the order of the help.
private let benches: [Bench] = [
    dataBench, searchBench, recallBench, latencyBench, scalingBench, churnBench, enrollBench, formsBench,
    growthBench, calibrationBench, networkBench, pipelineBench, lfwBench, qualityBench, findersBench, keptBench,
    chipsBench, trainingBench, clusterBench,
]

private let program = Program(
    name: "facegallery-bench", version: "0.1.0",
    abstract: "Measure FaceGallery: the index beside its peers, the network, the pipeline, the training.",
    commands: benches.map(\.specification))

@main struct Main {
    static func main() {
        do {
            switch try program.parse(Array(CommandLine.arguments.dropFirst())) {
            case .show(let text): print(text)
            case .write(let folder, let files):
                for file in files {
                    try Data(file.text.utf8).write(to: URL(filePath: "\(folder)/\(file.name)"))
                }
            case .run(let arguments):
                let bench = benches.first { $0.specification.name == arguments.command.name }
                try bench?.run(arguments)
            }
        } catch let error as UsageError {
            note(program.report(error))
            exit(64)
        } catch let error as BenchFault {
            note("error: \(error)")
            exit(error.isUsage ? 64 : 1)
        } catch {
            note("error: \(error)")
            exit(1)
        }
    }
}

/// Tells something on standard error.
func note(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

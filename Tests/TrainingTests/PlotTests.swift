import Foundation
import TestSupport
import Testing

@testable import Training

@Suite("The plots of a training")
struct PlotTests {
    private static let hasGnuplot = ["/usr/bin/gnuplot", "/usr/local/bin/gnuplot"].contains {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private static let plots: Plots = {
        let figures = ValidationFigures(
            accuracy: 0.9, standardError: 0.01, threshold: 0.4, folds: 2, samePairs: 3, differentPairs: 3,
            rankOne: 0.8, probes: 4, people: 4)
        let records = (0..<3).map { epoch in
            EpochRecord(
                epoch: epoch, step: epoch * 5, loss: epoch == 0 ? nil : 0.1,
                activeShare: epoch == 0 ? nil : 0.5,
                learningRate: nil, gradientNorm: nil, seconds: 1, photosPerSecond: nil, validation: figures)
        }
        return Plots(
            records: records, distances: ValidationDistances(same: [0, 0.1, 0.5], different: [1, 2, 4]),
            threshold: 0.4)
    }()

    @Test("each is drawn as SVG and PNG, whatever the folder is called", .enabled(if: hasGnuplot))
    func draws() throws {
        let folder = try TemporaryFolder()
        let name = folder.file("it's \"mine\" `date` $HOME ünï")
        try FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: false)
        #expect(Self.plots.draw(in: name) == nil)
        let files = try FileManager.default.contentsOfDirectory(atPath: name).sorted()
        #expect(
            files == [
                "accuracy.png", "accuracy.svg", "distances.png", "distances.svg", "loss.png", "loss.svg",
            ])
        for file in files {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(name)/\(file)"))
            #expect(bytes.count > 2000, "\(file)")
        }
        let drawn = try String(contentsOfFile: name + "/accuracy.svg", encoding: .utf8)
        #expect(drawn.contains("</svg>") && drawn.contains("found first"))
    }

    @Test("before the first epoch only what is known is drawn", .enabled(if: hasGnuplot))
    func drawsLittle() throws {
        let folder = try TemporaryFolder()
        let plots = Plots(
            records: Array(Self.plots.records.prefix(1)), distances: nil, threshold: nil)
        #expect(plots.draw(in: folder.path) == nil)
        #expect(FileManager.default.fileExists(atPath: folder.file("accuracy.svg")))
    }

    @Test("a folder that is not there is a notice, not a failure", .enabled(if: hasGnuplot))
    func notices() throws {
        #expect(Self.plots.draw(in: "/nowhere/at all")?.contains("/nowhere/at all") == true)
    }
}

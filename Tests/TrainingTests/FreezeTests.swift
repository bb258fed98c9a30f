import Foundation
import Network
import TestSupport
import Testing

@testable import Training

@Suite("Frozen layers")
struct FreezeTests {
    /// Layers that learn below, between and above such that may be frozen.
    private func graph() throws -> Graph {
        var graph = try Graph(input: TensorShape(channels: 3, height: 8, width: 8))
        func convolve(_ name: String, _ x: Graph.Value) throws -> Graph.Value {
            try graph.add(
                name, .convolution(filters: 8, window: Window(3, padding: 1), groups: 1, bias: true), [x])
        }
        var x = try convolve("stem.convolution", graph.input)
        x = try graph.add("stem.normalization", .batchNormalization(epsilon: 1e-5), [x])
        x = try graph.add("stem.prelu", .prelu, [x])
        let bridge = try convolve("learnt", x)
        x = try graph.add("head.normalization", .batchNormalization(epsilon: 1e-5), [bridge])
        x = try graph.add("head.relu", .relu, [x])
        x = try convolve("head.convolution", x)
        x = try graph.add("head.prelu", .prelu, [x])
        x = try graph.add("sum", .add, [x, bridge])
        try graph.add("last", .fullyConnected(outputs: 4, bias: true), [x])
        return graph
    }

    @Test("have no gradients, keep their statistics, and give those below them the right gradients")
    func gradients() throws {
        let graph = try graph()
        for prefixes in [["stem"], ["head"], ["stem", "head"], ["last"], ["learnt", "last"]] {
            var check = GradientCheck(graph)
            check.frozen = try graph.layers(of: prefixes)
            // Few numbers lie near a kink, where a difference says nothing of the gradient.
            for entry in check.parameters.entries {
                let value: Float? =
                    switch entry.role {
                    case .variance: 0.7
                    case .slope: 0.9
                    case .shift where entry.name.hasPrefix("head"): 3
                    default: nil
                    }
                guard let value else { continue }
                for place in entry.range { check.parameters.values[place] = value + Float(place % 5) / 100 }
            }
            let gradients = try check.gradients()
            for entry in check.parameters.entries where entry.isOf(check.frozen) {
                #expect(entry.range.allSatisfy { gradients[$0] == 0 }, "\(entry.name)")
            }
            let worst = try check.worstError(of: gradients, every: 7)
            // A gradient that is wrong is off by far more; a number at a kink by some hundredths.
            #expect(worst.error < 5e-2, "\(prefixes): \(worst.name)")

            let network = try DifferentiableNetwork(graph, batch: 3, threads: 1, frozen: check.frozen)
            var after = check.parameters
            _ = try network.forward(check.images, &after)
            for entry in check.parameters.entries where !entry.role.isTrained {
                let isSame = after.values[entry.range] == check.parameters.values[entry.range]
                #expect(isSame == entry.isOf(check.frozen), "\(entry.name)")
            }
        }
    }

    @Test("take no time in the backward pass below the first that learns")
    func noTime() throws {
        let graph = try graph()
        let all = try DifferentiableNetwork(graph, batch: 3, threads: 1)
        let last = try DifferentiableNetwork(
            graph, batch: 3, threads: 1, frozen: try graph.layers(of: ["stem", "learnt", "head"]))
        #expect(last.backwardCount <= 4 && all.backwardCount > 3 * last.backwardCount)
    }

    @Test("are named by whole parts of names; a name of none and all of them are refused")
    func names() throws {
        let graph = try graph()
        #expect(try graph.layers(of: ["head.prelu"]) == ["head.prelu"])
        #expect(try graph.layers(of: ["stem"]).count == 3)
        let stranger = #expect(throws: TrainingError.self) { try graph.layers(of: ["ste"]) }
        #expect("\(stranger.map(String.init(describing:)) ?? "")".contains("stem, learnt, head, last"))
        let all = try graph.layers(of: ["stem", "learnt", "head", "last"])
        #expect(throws: TrainingError.badArgument(name: "freeze", reason: "leaves no layer that learns")) {
            try DifferentiableNetwork(graph, batch: 3, threads: 1, frozen: all)
        }
    }

    @Test("keep their weights bit for bit, after an interruption too; the card takes over license and origin")
    func training() throws {
        let training = try NumbersTraining()
        var start = training.settings
        start.epochs = 1
        var first = training.job("first")
        (first.name, first.license) = ("Ada's network", "for Ada alone")
        let before = try #require(try training.run(start, first).card)
        #expect(before.name == "Ada's network" && before.license == "for Ada alone")

        var settings = training.settings
        (settings.initialWeights, settings.freeze) = (before.weights.sha256, ["block1"])
        var job = training.job("net")
        job.initialNetwork = training.folder.file("first")
        try training.run(settings, job, until: 4)
        let outcome = try training.run(settings, training.job("net", resume: true))
        #expect(outcome.card?.license == "for Ada alone")
        #expect(outcome.card?.source.contains("begun with Ada's network") == true)
        let graph = try siameseSmall(side: 20, dimension: 16)
        func parameters(_ name: String) throws -> NetworkParameters {
            try NetworkParameters(
                graph, weights: SafeTensors(path: training.folder.file(name + "/weights.safetensors")))
        }
        let (old, new) = (try parameters("first"), try parameters("net"))
        for entry in old.entries {
            let isSame = old.values[entry.range].map(\.bitPattern) == new.values[entry.range].map(\.bitPattern)
            #expect(isSame == entry.name.hasPrefix("block1."), "\(entry.name)")
        }
        settings.initialWeights = nil
        #expect(throws: TrainingError.self) { try Trainer(settings, training.job("other")) }
    }

    @Test("each step has one row in steps.csv, also after an interruption and a crash")
    func steps() throws {
        let training = try NumbersTraining()
        try training.run(training.settings, training.job("net"), until: 3)
        let path = training.folder.file("net/steps.csv")
        // Rows that were written after the last checkpoint, by a process that was killed.
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("1,4,0.1,1,2,0.001,1,15,9\n1,5,0.".utf8))
        try handle.close()
        let outcome = try training.run(training.settings, training.job("net", resume: true))
        let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(rows.first.map { $0 + "\n" } ?? "" == StepLog.header)
        let last = try #require(outcome.records.last)
        #expect(rows.dropFirst().compactMap { Int($0.split(separator: ",")[1]) } == Array(1...last.step))
        // A mean of an epoch's rows is the epoch's.
        let losses = rows.dropFirst().compactMap { row -> Double? in
            let fields = row.split(separator: ",")
            return fields[0] == "2" ? Double(fields[2]) : nil
        }
        #expect(abs(losses.reduce(0, +) / Double(losses.count) - (last.loss ?? 0)) < 1e-6)
    }
}

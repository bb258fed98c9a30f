import Glibc
import Network
import Testing
import TestSupport
import Training

@Suite("Optimizers")
struct OptimizerTests {
    private static let methods: [Optimizer.Method] = [
        .sgd(momentum: 0.9), .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8), .adaGrad(epsilon: 1e-10),
    ]

    /// A tensor of each role, the weight long enough for every loop's blocks and rests.
    private func parameters() -> NetworkParameters {
        var random = SeededGenerator(seed: 3)
        var parameters = NetworkParameters()
        for (role, count) in [
            (.weight, 5003), (.bias, 7), (.scale, 7), (.mean, 7), (.variance, 7), (.shift, 7), (.slope, 7),
        ] as [(NetworkParameters.Role, Int)] {
            parameters.append(
                "a.\(role.rawValue)", [count], role,
                (0..<count).map { _ in Float.random(in: 0.5...1, using: &random) })
        }
        return parameters
    }

    private func gradients(_ parameters: NetworkParameters, seed: UInt64) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return parameters.values.map { _ in Float.random(in: -1...1, using: &random) }
    }

    @Test("running statistics are never touched, everything trained is", arguments: methods)
    func statistics(method: Optimizer.Method) {
        var parameters = parameters()
        let before = parameters
        var optimizer = Optimizer(method, weightDecay: 0.1, clipNorm: 1, parameters: parameters)
        for seed in 0..<3 {
            var gradients = gradients(parameters, seed: UInt64(seed))
            optimizer.step(&parameters, gradients: &gradients, learningRate: 0.1)
        }
        for entry in parameters.entries {
            let pairs = zip(parameters.values[entry.range], before.values[entry.range])
            #expect(pairs.allSatisfy { ($0 == $1) == !entry.role.isTrained })
            for moment in optimizer.moments where !entry.role.isTrained {
                #expect(moment.values[entry.range].allSatisfy { $0 == 0 })
            }
        }
    }

    @Test("only weights decay", arguments: methods)
    func decay(method: Optimizer.Method) {
        var parameters = parameters()
        let before = parameters
        var optimizer = Optimizer(method, weightDecay: 0.1, clipNorm: nil, parameters: parameters)
        var gradients = [Float](repeating: 0, count: parameters.values.count)
        #expect(optimizer.step(&parameters, gradients: &gradients, learningRate: 0.1) == 0)
        for entry in parameters.entries {
            let pairs = zip(parameters.values[entry.range], before.values[entry.range])
            #expect(pairs.allSatisfy { entry.role == .weight ? $0 < $1 : $0 == $1 })
        }
    }

    @Test("a long gradient is scaled to the clip length as a whole, a short one is left alone")
    func clipping() throws {
        var parameters = parameters()
        let whole = gradients(parameters, seed: 1)
        let trained = parameters.entries.filter(\.role.isTrained).flatMap { Array($0.range) }
        let length = trained.reduce(0.0) { $0 + Double(whole[$1]) * Double(whole[$1]) }.squareRoot()
        var optimizer = Optimizer(.sgd(momentum: 0), weightDecay: 0, clipNorm: 2, parameters: parameters)
        let before = parameters.values
        var clipped = whole
        let norm = optimizer.step(&parameters, gradients: &clipped, learningRate: 1)
        #expect(abs(Double(norm) - length) < 1e-5 * length)
        let moved = trained.reduce(0.0) { $0 + Double((before[$1] - parameters.values[$1])).squared }
            .squareRoot()
        #expect(abs(moved - 2) < 1e-4)
        #expect(
            relativeError(trained.map { clipped[$0] }, trained.map { Double(whole[$0]) * 2 / length }) < 1e-6)
        var loose = Optimizer(.sgd(momentum: 0), weightDecay: 0, clipNorm: 1e6, parameters: parameters)
        var unclipped = whole
        loose.step(&parameters, gradients: &unclipped, learningRate: 1)
        #expect(unclipped == whole)
    }

    @Test("a gradient that is not finite changes nothing, and the result tells", arguments: methods)
    func notFinite(method: Optimizer.Method) {
        var parameters = parameters()
        let before = parameters.values
        var optimizer = Optimizer(method, weightDecay: 0.1, clipNorm: 1, parameters: parameters)
        for bad in [Float.nan, .infinity] {
            for index in [0, 5002, 5005] {
                var gradients = gradients(parameters, seed: 1)
                gradients[index] = bad
                #expect(!optimizer.step(&parameters, gradients: &gradients, learningRate: 0.1).isFinite)
            }
        }
        #expect(parameters.values == before && optimizer.steps == 0)
        #expect(optimizer.moments.allSatisfy { $0.values.allSatisfy { $0 == 0 } })
    }

    @Test("a restored optimizer goes on bit for bit", arguments: methods)
    func restoring(method: Optimizer.Method) throws {
        var parameters = parameters()
        var optimizer = Optimizer(method, weightDecay: 0.01, clipNorm: 5, parameters: parameters)
        let step = { (optimizer: inout Optimizer, parameters: inout NetworkParameters, seed: UInt64) in
            var gradients = gradients(parameters, seed: seed)
            optimizer.step(&parameters, gradients: &gradients, learningRate: 0.01)
        }
        for seed in 0..<4 { step(&optimizer, &parameters, UInt64(seed)) }
        var restored = Optimizer(method, weightDecay: 0.01, clipNorm: 5, parameters: parameters)
        try restored.restore(moments: optimizer.moments, steps: optimizer.steps)
        var copy = parameters
        for seed in 4..<8 {
            step(&optimizer, &parameters, UInt64(seed))
            step(&restored, &copy, UInt64(seed))
        }
        #expect(parameters.values == copy.values && optimizer.steps == restored.steps)
    }

    @Test("moments of another method or network, or with NaN, are refused", arguments: methods)
    func refusals(method: Optimizer.Method) {
        let parameters = parameters()
        var optimizer = Optimizer(method, weightDecay: 0, clipNorm: nil, parameters: parameters)
        let moments = optimizer.moments
        var (renamed, short, sick) = (moments, moments, moments)
        renamed[0].name = "other"
        short[0].values.removeLast()
        sick[0].values[5] = .nan
        for bad in [renamed, short, sick, []] {
            #expect(throws: TrainingError.self) { try optimizer.restore(moments: bad, steps: 1) }
        }
        #expect(throws: TrainingError.self) { try optimizer.restore(moments: moments, steps: -1) }
    }

    @Test("roots are right to float32's end for gradients of every size, and finite where squares are not")
    func magnitudes() {
        let sizes = (-180...180).map { Float(pow(10, Double($0) / 10)) }
        var parameters = NetworkParameters()
        parameters.append("a.bias", [364], .bias, Array(repeating: 0, count: 364))
        var optimizer = Optimizer(
            .adaGrad(epsilon: 1e-30), weightDecay: 0, clipNorm: nil, parameters: parameters)
        var gradients = sizes + [0, 1e-30, 1e19]
        optimizer.step(&parameters, gradients: &gradients, learningRate: 1)
        // g / √g² is 1.
        #expect(parameters.values.prefix(361).allSatisfy { abs($0 + 1) < 3e-7 })
        for _ in 0..<5 { optimizer.step(&parameters, gradients: &gradients, learningRate: 1) }
        #expect(optimizer.steps == 6 && optimizer.moments[0].values[363] == .infinity)
        #expect(parameters.values[361] == 0 && parameters.values.allSatisfy(\.isFinite))
    }

    @Test("every method finds the minimum of a bowl", arguments: methods)
    func descends(method: Optimizer.Method) {
        var parameters = NetworkParameters()
        parameters.append("a.weight", [3], .weight, [4, -3, 2])
        var optimizer = Optimizer(method, weightDecay: 0, clipNorm: nil, parameters: parameters)
        // AdaGrad's steps shrink with the path gone.
        let rate: Float = method == .adaGrad(epsilon: 1e-10) ? 1 : 0.05
        for _ in 0..<2000 {
            var gradients = parameters.values.map { $0 - 1 }
            optimizer.step(&parameters, gradients: &gradients, learningRate: rate)
        }
        #expect(parameters.values.allSatisfy { abs($0 - 1) < 0.01 })
    }
}

extension Double {
    fileprivate var squared: Double { self * self }
}

@Suite("Schedules and averages")
struct ScheduleTests {
    private func rates(_ schedule: LearningRateSchedule) -> [Float] {
        (0..<100).map { schedule.rate(step: $0, stepsPerEpoch: 10, epochs: 10, base: 0.2) }
    }

    @Test("a constant rate is the base rate")
    func constant() { #expect(rates(LearningRateSchedule()) == Array(repeating: 0.2, count: 100)) }

    @Test("warming up rises in a straight line to the base rate, then the shape takes over")
    func warmUp() {
        let rates = rates(LearningRateSchedule(.constant, warmUp: 20))
        #expect(abs(rates[0] - 0.01) < 1e-7 && abs(rates[9] - 0.1) < 1e-7)
        #expect(rates[19...].allSatisfy { $0 == 0.2 })
        let cosine = self.rates(LearningRateSchedule(.cosine, warmUp: 20))
        #expect(cosine[20] == 0.2 && abs(cosine[60] - 0.1) < 1e-6)
    }

    @Test("steps multiply the rate every so many epochs")
    func steps() {
        let rates = rates(LearningRateSchedule(.step(every: 3, factor: 0.5)))
        #expect(rates[29] == 0.2 && rates[30] == 0.1 && rates[59] == 0.1 && rates[60] == 0.05)
    }

    @Test("a cosine falls from the base rate towards 0 and is above it to the last step")
    func cosine() {
        let rates = rates(LearningRateSchedule(.cosine))
        #expect(rates[0] == 0.2 && abs(rates[50] - 0.1) < 1e-6 && rates[99] > 0 && rates[99] < 1e-3)
        #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 > $1 })
        // Never below 0 when a run is longer than it was to be, never NaN when it has no steps.
        let odd = LearningRateSchedule(.cosine, warmUp: 500)
        #expect(odd.rate(step: 600, stepsPerEpoch: 10, epochs: 10, base: 1) >= 0)
        #expect(LearningRateSchedule(.cosine).rate(step: 0, stepsPerEpoch: 0, epochs: 0, base: 1) == 1)
    }

    @Test("an average forgets its beginning soon and keeps its decay later; a restored one goes on")
    func average() throws {
        var parameters = NetworkParameters()
        parameters.append("a.weight", [2], .weight, [100, -100])
        parameters.append("a.mean", [1], .mean, [0])
        var average = MovingAverage(decay: 0.9, parameters)
        parameters.values = [1, 2, 3]
        average.update(parameters)
        // The first update keeps 1/10 of the beginning.
        #expect(relativeError(average.values, [10.9, -8.2, 2.7]) < 1e-6)
        for _ in 0..<200 { average.update(parameters) }
        #expect(relativeError(average.values, [1, 2, 3]) < 1e-5)
        var restored = MovingAverage(decay: 0.9, parameters)
        try restored.restore(values: average.values, updates: average.updates)
        parameters.values = [5, 5, 5]
        average.update(parameters)
        restored.update(parameters)
        #expect(average.values == restored.values)
        #expect(relativeError(average.values, [1.4, 2.3, 3.2]) < 1e-5)
        #expect(throws: TrainingError.self) { try restored.restore(values: [1], updates: 1) }
        #expect(throws: TrainingError.self) { try restored.restore(values: [1, .nan, 1], updates: 1) }
        #expect(throws: TrainingError.self) { try restored.restore(values: [1, 1, 1], updates: -1) }
    }
}

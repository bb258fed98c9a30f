import Testing

@testable import VectorIndex

@Suite("What a calibration asks for")
struct CalibrationTests {
    private static func row(_ loss: Double, code: Float, far: Float) -> Calibration.Row {
        Calibration.Row(
            loss: loss, pruning: Pruning(code: code, list: code + 1),
            farPruning: Pruning(code: far, list: .infinity), measured: loss / 2, codesRead: 0.1)
    }

    private let calibration = Calibration(
        rows: [
            row(0.1, code: 1, far: 2), row(0.06, code: 1.5, far: 3), row(0.02, code: 2, far: 4),
            row(0.01, code: 3, far: 4),
        ], probes: 100,
        nearFrom: 0.5)

    @Test("is what was measured at losses that were, and in proportion between them")
    func between() throws {
        let measured = try #require(calibration.pruning(for: .maxSearchLoss(0.02)))
        #expect(measured.near == Pruning(code: 2, list: 3) && measured.far == Pruning(code: 4, list: .infinity))
        let between = try #require(calibration.pruning(for: .maxSearchLoss(0.04)))
        #expect(abs(between.near.code - 1.75) < 1e-6 && abs(between.near.list - 2.75) < 1e-6)
        // 3 % of the probes were missed at 6 %.
        #expect(calibration.pruning(for: .maxSearchLoss(0.029))?.near.code == 2)
        #expect(abs(between.far.code - 3.5) < 1e-6 && between.far.list == .infinity)
    }

    @Test("falls as the loss that is allowed grows")
    func monotonic() throws {
        var last = Float.infinity
        for step in 10...120 {
            let pruning = try #require(calibration.pruning(for: .maxSearchLoss(Double(step) / 1_000)))
            #expect(pruning.near.code <= last && (1...3).contains(pruning.near.code))
            last = pruning.near.code
        }
    }

    @Test(
        "is the widest measured loss above it, and everything below the smallest or where exactness is asked for"
    )
    func ends() {
        #expect(calibration.pruning(for: .maxSearchLoss(0.9))?.near.code == 1)
        #expect(calibration.pruning(for: .maxSearchLoss(0.009)) == nil)
        #expect(calibration.pruning(for: .exact) == nil)
        #expect(Calibration.none.pruning(for: .maxSearchLoss(0.5)) == nil)
    }
}

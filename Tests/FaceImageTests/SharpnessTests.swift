import Testing

@testable import FaceImage

@Suite("sharpness") struct SharpnessTests {
    /// A chip with edges, and its like with every edge drawn out over some pixels.
    private static func chip(blurred: Bool) -> FaceChip {
        let side = 112
        var pixels: [UInt8] = []
        for y in 0..<side {
            for x in 0..<side {
                // Soft waves, and steps that blurring takes away.
                let wave = 110 + 25 * ((x + 2 * y) % 60 < 30 ? 1 : -1) * (blurred ? 0 : 1)
                let slope = (x * 40) / side
                pixels += [UInt8](repeating: UInt8(wave + slope - 20), count: 3)
            }
        }
        return FaceChip(side: side, pixels: pixels)
    }

    private static func darkened(_ chip: FaceChip, to share: Double) -> FaceChip {
        FaceChip(side: chip.side, pixels: chip.pixels.map { UInt8((Double($0) * share).rounded()) })
    }

    @Test("is that of the face and not of the light", arguments: [0.7, 0.5, 0.3, 0.2])
    func light(share: Double) {
        let sharp = chipSharpness(Self.chip(blurred: false))
        let dark = chipSharpness(Self.darkened(Self.chip(blurred: false), to: share))
        #expect(abs(dark / sharp - 1) < 0.15, "\(sharp) became \(dark)")
    }

    @Test("is not made by the rounding of a dark photo", arguments: [0.3, 0.2, 0.1])
    func rounding(share: Double) {
        let blurred = chipSharpness(Self.darkened(Self.chip(blurred: true), to: share))
        #expect(blurred < 5, "\(blurred)")
    }

    @Test("of a black chip is small")
    func black() {
        #expect(chipSharpness(FaceChip(side: 112, pixels: [UInt8](repeating: 0, count: 3 * 112 * 112))) == 0)
    }
}

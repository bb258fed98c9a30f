import TestSupport
import Testing
import Training

@Suite("Chance in chips")
struct AugmentationTests {
    private let side = 23

    private var chip: [UInt8] {
        var random = SeededGenerator(seed: 5)
        return (0..<3 * side * side).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    private func render(
        _ chip: [UInt8], _ augmentation: Augmentation, mean: [Float] = [0, 0, 0], scale: Float = 1,
        seed: UInt64 = 1, epoch: Int = 0, batch: Int = 0, slot: Int = 0
    ) throws -> [Float] {
        var renderer = try ChipRenderer(
            side: side, augmentation: augmentation, normalisation: Normalisation(mean: mean, scale: scale),
            seed: seed)
        var output = [Float](repeating: .nan, count: chip.count)
        unsafe output.withUnsafeMutableBufferPointer {
            unsafe renderer.render(chip.span, epoch: epoch, batch: batch, slot: slot, into: $0)
        }
        return output
    }

    private func pixel(_ picture: [Float], _ x: Int, _ y: Int) -> [Float] {
        Array(picture[3 * (y * side + x)..<3 * (y * side + x) + 3])
    }

    @Test("no augmentation is the exact normalisation")
    func none() throws {
        let (mean, scale): ([Float], Float) = ([122.782, 117.001, 104.298], 1 / 256)
        let expected = chip.enumerated().map { (Float($1) - mean[$0 % 3]) * scale }
        #expect(try render(chip, .none, mean: mean, scale: scale) == expected)
    }

    @Test("a mirror image is exact, and mirrored twice it is the chip")
    func mirror() throws {
        let once = try render(chip, Augmentation(mirror: 1))
        for y in 0..<side {
            for x in 0..<side {
                let at = 3 * (y * side + side - 1 - x)
                #expect(pixel(once, x, y) == chip[at..<at + 3].map(Float.init))
            }
        }
        #expect(try render(once.map { UInt8($0) }, Augmentation(mirror: 1)) == chip.map(Float.init))
    }

    @Test("half of the chips are mirrored where half are asked for")
    func mirrorShare() throws {
        let plain = chip.map(Float.init)
        let mirrored = try (0..<400).count { try render(chip, Augmentation(mirror: 0.5), slot: $0) != plain }
        #expect(150...250 ~= mirrored)
    }

    @Test("shifts, zooms and rotations stay within the chip's values and move it")
    func warp() throws {
        for augmentation in [
            Augmentation(shift: 0.5), Augmentation(zoom: 1), Augmentation(rotation: 180),
            Augmentation(mirror: 0.5, shift: 0.5, zoom: 1, rotation: 180),
        ] {
            for slot in 0..<20 {
                let output = try render(chip, augmentation, slot: slot)
                #expect(output.allSatisfy { 0...255 ~= $0 })
                #expect(output != chip.map(Float.init))
            }
        }
        let flat = [UInt8](repeating: 90, count: chip.count)
        let turned = try render(flat, Augmentation(shift: 0.5, zoom: 1, rotation: 180, blur: 1, blurRadius: 2))
        #expect(turned.allSatisfy { abs($0 - 90) < 1e-3 })
    }

    @Test("brightness and contrast are one line for all pixels, cut off at black and white")
    func colours() throws {
        let output = try render(chip, Augmentation(brightness: 0.3, contrast: 0.5), slot: 3)
        #expect(output.allSatisfy { 0...255 ~= $0 })
        let inside = zip(chip, output).filter { $1 > 0 && $1 < 255 }
        let (low, high) = (inside.min { $0.0 < $1.0 }, inside.max { $0.0 < $1.0 })
        let (first, last) = (try #require(low), try #require(high))
        let gain = (last.1 - first.1) / (Float(last.0) - Float(first.0))
        #expect(inside.allSatisfy { abs($1 - first.1 - gain * (Float($0) - Float(first.0))) < 0.01 })
        #expect(0.5...1.5 ~= gain)
    }

    @Test("grey has one value for all three channels")
    func grey() throws {
        let output = try render(chip, Augmentation(grey: 1))
        for pixel in 0..<side * side {
            let at = 3 * pixel
            let luma = 0.299 * Float(chip[at]) + 0.587 * Float(chip[at + 1]) + 0.114 * Float(chip[at + 2])
            #expect(output[at..<at + 3].allSatisfy { abs($0 - luma) < 0.01 })
        }
    }

    @Test("a blur keeps the mean and lowers the contrast")
    func blur() throws {
        let plain = chip.map(Float.init)
        let blurred = try render(chip, Augmentation(blur: 1, blurRadius: 2), slot: 1)
        let mean = { (values: [Float]) in values.reduce(0, +) / Float(values.count) }
        let variance = { (values: [Float]) in mean(values.map { ($0 - mean(values)) * ($0 - mean(values)) }) }
        #expect(abs(mean(plain) - mean(blurred)) < 3)
        #expect(variance(blurred) < variance(plain))
    }

    @Test("a rectangle is erased to the mean, no larger than asked for")
    func erasing() throws {
        for slot in 0..<50 {
            let output = try render(
                chip, Augmentation(erasing: 1, erasedArea: 0.3), mean: [300, 300, 300], slot: slot)
            let gone = (0..<side * side).filter { output[3 * $0] == 0 }
            #expect(!gone.isEmpty && gone.count <= Int(0.36 * Double(side * side)))
            let (columns, rows) = (gone.map { $0 % side }, gone.map { $0 / side })
            let (left, right) = (columns.min() ?? 0, columns.max() ?? 0)
            let (top, bottom) = (rows.min() ?? 0, rows.max() ?? 0)
            #expect(gone.count == (right - left + 1) * (bottom - top + 1))
        }
    }

    @Test("seed, epoch, batch and slot decide, each of them")
    func places() throws {
        let plain = try render(chip, .standard)
        #expect(try render(chip, .standard) == plain)
        #expect(try render(chip, .standard, seed: 2) != plain)
        #expect(try render(chip, .standard, epoch: 1) != plain)
        #expect(try render(chip, .standard, batch: 1) != plain)
        #expect(try render(chip, .standard, slot: 1) != plain)
        #expect(try render(chip, .standard, batch: 1) != render(chip, .standard, slot: 1))
    }

    @Test("parts outside their range are refused by name")
    func ranges() {
        #expect { try render(chip, Augmentation(shift: 0.6)) } throws: { "\($0)".contains("shift") }
        #expect { try render(chip, Augmentation(blur: .nan)) } throws: { "\($0)".contains("blur") }
        #expect(throws: TrainingError.self) { try Normalisation(mean: [0, 0], scale: 1) }
        #expect(throws: TrainingError.self) { try Normalisation(mean: [0, 0, .nan], scale: 1) }
        #expect(throws: TrainingError.self) { try Normalisation(mean: [0, 0, 0], scale: 0) }
    }
}

import Foundation

/// Small photos of two-digit numbers, a folder a number: people to tell apart that a test can draw.
///
/// Place, colours, brightness and noise differ from photo to photo; all of it depends on the seed alone.
public enum RenderedNumbers {
    /// Width and height of a photo, in pixels.
    public static let side = 20

    /// Five rows of three pixels a digit.
    private static let digits = [
        "111101101101111", "010110010010111", "111001111100111", "111001111001111", "101101111001001",
        "111100111001111", "111100111101111", "111001010010010", "111101111101111", "111101111001111",
    ].map { Array($0) }

    /// Writes `photos` photos of each number as `folder/07/0.ppm`.
    public static func write(
        _ numbers: [Int], photos: Int, into folder: String, seed: UInt64 = 1
    ) throws {
        for number in numbers {
            let name = (number < 10 ? "0" : "") + String(number)
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
            for photo in 0..<photos {
                var random = SeededGenerator(seed: seed &* 1_000_003 &+ UInt64(number * 1000 + photo))
                let bytes = Array("P6\n\(side) \(side) 255\n".utf8) + pixels(of: number, &random)
                try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)/\(photo).ppm"))
            }
        }
    }

    private static func pixels(of number: Int, _ random: inout SeededGenerator) -> [UInt8] {
        let ink = (0..<3).map { _ in Float.random(in: 150...255, using: &random) }
        let paper = (0..<3).map { _ in Float.random(in: 0...90, using: &random) }
        let (left, top) = (Int.random(in: 1...4, using: &random), Int.random(in: 3...7, using: &random))
        var pixels: [UInt8] = []
        for y in 0..<side {
            for x in 0..<side {
                // Digits of 6 × 10 pixels with 2 between them.
                let (column, row) = (x - left, y - top)
                let digit = column < 7 ? number / 10 : number % 10
                let within = column < 7 ? column : column - 8
                let isInk =
                    (0..<10).contains(row) && (0..<6).contains(within)
                    && digits[digit][row / 2 * 3 + within / 2] == "1"
                for channel in 0..<3 {
                    let value = (isInk ? ink : paper)[channel] + Float.random(in: -25...25, using: &random)
                    pixels.append(UInt8(max(0, min(255, value))))
                }
            }
        }
        return pixels
    }
}

import FaceImage
import Synchronization
import TestSupport
import Testing

/// HEIC and AVIF: libheif decodes whole pictures on threads of its own, and ends the process where a read fails.
@Suite("HEIC and AVIF that are made to harm") struct HostileHEIFTests {
    private static let side = 64

    /// The parts of a coded picture of noise.
    private func parts(_ suffix: String) throws -> HEIFParts {
        var generator = SeededGenerator(seed: 91)
        let samples = (0..<3 * Self.side * Self.side).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let noise = Picture(width: Self.side, height: Self.side, bands: 3, samples: samples)
        guard let file = try? noise.encoded(suffix) else {
            try Test.cancel("this machine has no encoder for \(suffix)")
        }
        return try #require(HEIFParts(file, width: Self.side, height: Self.side))
    }

    @Test(
        "who wants to stop is heard between two tiles, and the process goes on", arguments: [".heic", ".avif"])
    func stop(suffix: String) throws {
        let parts = try parts(suffix)
        #expect(failure(parts.grid(columns: 3, rows: 2)) == nil)
        let asked = Mutex(0)
        // A second of work.
        let error = failure(parts.grid(columns: 40, rows: 40)) {
            asked.withLock { $0 += 1 }
            return true
        }
        #expect(error == .stopped(name: "some.jpg"))
        #expect(asked.withLock { $0 } == 1)
    }

    @Test(
        "many tiles that take longer than the limit are refused, with what they took",
        arguments: [".heic", ".avif"])
    func tooSlow(suffix: String) throws {
        let slow = try parts(suffix).grid(columns: 40, rows: 40)
        guard case .tooSlow("some.jpg", let seconds, 0.05) = failure(slow, limits: DecodeLimits(seconds: 0.05))
        else {
            Issue.record("not refused")
            return
        }
        #expect(seconds > 0.05 && seconds < 2)
    }

    @Test(
        "an item of nine coded pictures is refused, since all would be decoded", arguments: [".heic", ".avif"])
    func pictures(suffix: String) throws {
        let parts = try parts(suffix)
        #expect(failure(parts.single(parts.coded)) == nil)
        let many = parts.single([[UInt8]](repeating: parts.coded, count: 9).flatMap { $0 })
        #expect(
            failure(many) == .tooManyParts(name: "some.jpg", parts: "pictures", count: 9, limit: 8))
    }

    @Test("a picture of 601 slices, each of which could be all of it, is refused")
    func slices() throws {
        let parts = try parts(".heic")
        var slice = parts.coded
        // The first bit behind a unit's length and header says that a picture begins.
        slice[6] &= 0x7f
        let many = parts.coded + [[UInt8]](repeating: slice, count: 600).flatMap { $0 }
        #expect(
            failure(parts.single(many))
                == .tooManyParts(name: "some.jpg", parts: "slices", count: 601, limit: 600))
    }
}

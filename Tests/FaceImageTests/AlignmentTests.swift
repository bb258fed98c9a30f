import Foundation
import TestSupport
import Testing

@testable import FaceImage

@Suite("bringing five points to a template") struct SimilarityTests {
    private let template = FaceTemplate.arcFace.points

    private func sum(_ transform: SimilarityTransform, _ points: [Landmark], _ targets: [Landmark]) -> Double {
        zip(points, targets).reduce(0) { $0 + pow(transform($1.0).distance(to: $1.1), 2) }
    }

    @Test("a turn, a scaling and a shift are found again, and undone", arguments: [0.0, 15, 90, -170, 180])
    func recovered(degrees: Double) throws {
        let angle = degrees * .pi / 180
        let made = SimilarityTransform(a: 3.7 * cos(angle), b: 3.7 * sin(angle), dx: -250, dy: 1_200)
        let moved = template.map { made($0) }
        let found = try #require(SimilarityTransform(from: template, to: moved))
        #expect(abs(found.scale - 3.7) < 1e-9)
        let back = try #require(found.inverse)
        for (point, place) in zip(template, moved) {
            #expect(found(point).distance(to: place) < 1e-9)
            #expect(back(place).distance(to: point) < 1e-9)
        }
    }

    @Test("no other transform has a smaller sum of squares, a mirrored face included")
    func least() throws {
        var random = SeededGenerator(seed: 5)
        for mirrored in [false, true] {
            let points = template.map {
                Landmark(
                    x: (mirrored ? 112 - $0.x : $0.x) + .random(in: -9...9, using: &random),
                    y: $0.y + .random(in: -9...9, using: &random))
            }
            let best = try #require(SimilarityTransform(from: points, to: template))
            let least = sum(best, points, template)
            for _ in 0..<200 {
                var other = best
                other.a += .random(in: -0.1...0.1, using: &random)
                other.b += .random(in: -0.1...0.1, using: &random)
                other.dx += .random(in: -3...3, using: &random)
                other.dy += .random(in: -3...3, using: &random)
                #expect(sum(other, points, template) > least)
            }
        }
    }

    @Test("points that coincide, differ in number or are no numbers have no transform")
    func impossible() {
        let same = [Landmark](repeating: Landmark(x: 3, y: 4), count: 5)
        #expect(SimilarityTransform(from: same, to: template) == nil)
        #expect(SimilarityTransform(from: template, to: same) == nil)
        #expect(SimilarityTransform(from: [], to: []) == nil)
        #expect(SimilarityTransform(from: Array(template[..<3]), to: template) == nil)
        var odd = template
        odd[2].x = .nan
        #expect(SimilarityTransform(from: odd, to: template) == nil)
    }

    @Test("templates that no face can be brought to are refused")
    func templates() throws {
        #expect(throws: DetectorError.badTemplate(side: 112, points: 4)) {
            try FaceTemplate(side: 112, points: Array(template[..<4]))
        }
        for (side, change) in [(8, 0.0), (4_096, 0), (112, 1e6), (112, .nan)] {
            var points = template
            points[0].x += change
            #expect(throws: DetectorError.badTemplate(side: side, points: 5)) {
                try FaceTemplate(side: side, points: points)
            }
        }
        let twice = try FaceTemplate.arcFace.scaled(toSide: 224)
        #expect(abs(twice.points[0].x + 0.5 - 2 * (template[0].x + 0.5)) < 1e-9)
    }
}

@Suite("cutting a square out of a photo") struct WarpingTests {
    /// A photo whose red grows to the right, green downwards, and blue not at all.
    private let ramp: Photo = {
        var pixels: [UInt8] = []
        for y in 0..<200 { for x in 0..<250 { pixels += [UInt8(x), UInt8(y), 77] } }
        return Photo(name: "ramp", width: 250, height: 200, pixels: pixels)
    }()

    @Test("every pixel has the photo's value at its place, between pixels too", arguments: [1.9, 1.0, 0.37])
    func interpolation(pixelsPerPixel: Double) throws {
        let angle = 0.3
        let places = SimilarityTransform(
            a: pixelsPerPixel * cos(angle), b: pixelsPerPixel * sin(angle), dx: 90, dy: 20)
        let side = 60
        let transform = try #require(places.inverse)
        let chip = try #require(ramp.warped(by: transform, side: side))
        for y in 0..<side {
            for x in 0..<side {
                let place = places(Landmark(x: Double(x), y: Double(y)))
                let at = 3 * (y * side + x)
                guard 0...248 ~= place.x, 0...198 ~= place.y else { continue }
                #expect(abs(Double(chip.pixels[at]) - place.x) <= 0.51)
                #expect(abs(Double(chip.pixels[at + 1]) - place.y) <= 0.51)
                #expect(chip.pixels[at + 2] == 77)
            }
        }
    }

    @Test("beyond the photo's edges all is black")
    func edges() throws {
        let shifted = SimilarityTransform(a: 1, b: 0, dx: 10, dy: 20)
        let chip = try #require(ramp.warped(by: shifted, side: 400))
        func blue(_ x: Int, _ y: Int) -> UInt8 { chip.pixels[3 * (y * 400 + x) + 2] }
        #expect(blue(10, 20) == 77 && blue(259, 219) == 77)
        #expect(blue(9, 20) == 0 && blue(10, 19) == 0 && blue(260, 100) == 0 && blue(100, 220) == 0)
        let elsewhere = SimilarityTransform(a: 0.1, b: 0, dx: 9_999, dy: 0)
        #expect(try #require(ramp.warped(by: elsewhere, side: 16)).pixels.allSatisfy { $0 == 0 })
    }

    @Test("a pattern of single pixels becomes grey, and not a coarser pattern", arguments: [2.0, 3.3, 7.7, 30])
    func aliasing(times: Double) throws {
        var pixels: [UInt8] = []
        for y in 0..<700 { for x in 0..<700 { for _ in 0..<3 { pixels.append((x + y) % 2 == 0 ? 255 : 0) } } }
        let checks = Photo(name: "checks", width: 700, height: 700, pixels: pixels)
        let shrink = SimilarityTransform(a: 1 / times, b: 0, dx: 0, dy: 0)
        let side = Int(600 / times)
        let chip = try #require(checks.warped(by: shrink, side: max(16, side)))
        let inner = (1..<min(16, side)).map { chip.pixels[3 * ($0 * chip.side + $0)] }
        #expect(inner.allSatisfy { abs(Int($0) - 128) < 32 })
    }

    @Test("a transform that no photo needs is refused")
    func absurd() {
        for transform in [
            SimilarityTransform(a: 0, b: 0, dx: 1, dy: 1), SimilarityTransform(a: 1e-9, b: 0, dx: 0, dy: 0),
            SimilarityTransform(a: .nan, b: 0, dx: 0, dy: 0),
            SimilarityTransform(a: 1, b: 0, dx: .infinity, dy: 0),
        ] { #expect(ramp.warped(by: transform, side: 16) == nil) }
    }

    @Test("the pose of a face is read from either scheme of points, upside down too")
    func pose() {
        let upright = FaceTemplate.arcFace.points
        for degrees in stride(from: -170.0, to: 180, by: 25) {
            let angle = degrees * .pi / 180
            let turn = SimilarityTransform(a: cos(angle), b: sin(angle), dx: 40, dy: -7)
            let pose = headPose(upright.map { turn($0) }, .eyesNoseAndMouth)
            #expect(abs(pose.roll - degrees) < 1 && abs(pose.yaw) < 3)
        }
        var turned = upright
        turned[2].x += 12
        #expect(headPose(turned, .eyesNoseAndMouth).yaw > 20)
        turned[2].x -= 24
        #expect(headPose(turned, .eyesNoseAndMouth).yaw < -20)
        #expect(headPose([], .eyesNoseAndMouth) == (0, 0))
        #expect(headPose([Landmark](repeating: upright[0], count: 5), .eyesNoseAndMouth) == (0, 0))
    }

    @Test("a box becomes a square, with room around it and nothing of what lies beyond the photo")
    func box() throws {
        // Red is the column, green the row.
        let photo = Photo(
            name: "columns", width: 200, height: 100,
            pixels: (0..<20_000).flatMap { [UInt8($0 % 200), UInt8($0 / 200), 7] })
        func chip(_ box: FaceBox, padding: Double) throws -> FaceChip? {
            try FaceAlignment.box(side: 20, padding: padding)
                .chip(of: Finding(box: box, score: 1, landmarks: []), from: photo)
        }
        func edges(_ chip: FaceChip?) throws -> [Int] {
            let chip = try #require(chip)
            #expect(chip.side == 20)
            let last = 3 * (20 * 20 - 1)
            return [0, last, 1, last + 1].map { Int(chip.pixels[$0]) }
        }
        // A pixel of the chip is the mean of 2 columns and 3 rows.
        let inner = try edges(chip(FaceBox(x: 40, y: 20, width: 40, height: 60), padding: 0))
        #expect(zip(inner, [40, 79, 21, 78]).allSatisfy { abs($0 - $1) <= 1 }, "\(inner)")
        let padded = try edges(chip(FaceBox(x: 40, y: 20, width: 40, height: 60), padding: 0.25))
        #expect(zip(padded, [31, 88, 6, 93]).allSatisfy { abs($0 - $1) <= 2 }, "\(padded)")
        let cut = try edges(chip(FaceBox(x: -30, y: 60, width: 60, height: 60), padding: 0))
        #expect(zip(cut, [0, 29, 60, 99]).allSatisfy { abs($0 - $1) <= 2 }, "\(cut)")
        #expect(try chip(FaceBox(x: 300, y: 0, width: 20, height: 20), padding: 0) == nil)
        #expect(throws: DetectorError.badChip(side: 20, padding: 5)) {
            try FaceAlignment.box(side: 20, padding: 5).validate()
        }
    }
}

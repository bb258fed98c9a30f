import TestSupport
import Testing

@testable import FaceImage

@Suite("where YuNet looks in a photo") struct YuNetPlanTests {
    private static let sizes = [
        (1, 1), (40, 50), (250, 250), (512, 384), (513, 200), (1_200, 1_600), (4_000, 3_000), (3_000, 4_000),
        (12_000, 900), (300, 9_000),
    ]

    @Test("every face from the promised size on lies whole in a view that shows it well", arguments: sizes)
    func promise(width: Int, height: Int) {
        let plan = YuNetPlan(width: width, height: height)
        let least = Double(YuNetPlan.leastFace(width: width, height: height))
        var random = SeededGenerator(seed: UInt64(width * 31 + height))
        let largest = Double(min(width, height))
        guard largest >= least else { return }
        for _ in 0..<2_000 {
            // Evenly over the orders of size.
            var side = least
            while Double.random(in: 0...1, using: &random) < 0.9, side * 1.1 <= largest { side *= 1.1 }
            let left = Double.random(in: 0...Double(width) - side, using: &random)
            let top = Double.random(in: 0...Double(height) - side, using: &random)
            let isSeen = plan.views.contains { view in
                let seen = side * view.scale
                return seen >= 15.99 && seen <= 512.01 && left >= view.left && top >= view.top
                    && left + side <= view.left + Double(view.width) / view.scale + 1e-6
                    && top + side <= view.top + Double(view.height) / view.scale + 1e-6
            }
            #expect(isSeen, "\(side) pixels at \(left), \(top)")
        }
    }

    @Test("little is searched twice, and no view is larger than memory allows", arguments: sizes)
    func bound(width: Int, height: Int) {
        let plan = YuNetPlan(width: width, height: height)
        let searched = plan.views.reduce(0) { $0 + $1.width * $1.height }
        let longest = Double(max(width, height))
        let scale = min(1, 4_096 / longest)
        let pixels = Double(width * height) * scale * scale
        #expect(Double(searched) < 2 * pixels + 600_000)
        #expect(plan.views.allSatisfy { $0.width * $0.height <= 1_280 * 1_280 })
        #expect(plan.views.allSatisfy { $0.width.isMultiple(of: 32) && $0.height.isMultiple(of: 32) })
    }

    @Test("photos of all sizes need few sizes of views")
    func fewSizes() {
        var sizes: Set<[Int]> = []
        for (width, height) in [(4, 3), (3, 2), (16, 9), (1, 1)] {
            for unit in [250, 311, 407, 977] {
                for view in YuNetPlan(width: width * unit, height: height * unit).views {
                    sizes.insert([view.width, view.height])
                }
            }
        }
        #expect(sizes.count <= 30)
    }

    @Test("who needs no small faces has fewer pixels searched, and is told the size")
    func larger() {
        let all = YuNetPlan(width: 4_000, height: 3_000)
        let some = YuNetPlan(width: 4_000, height: 3_000, leastFace: 40)
        func pixels(_ plan: YuNetPlan) -> Int { plan.views.reduce(0) { $0 + $1.width * $1.height } }
        #expect(4 * pixels(some) < pixels(all))
        #expect(YuNetPlan.leastFace(width: 4_000, height: 3_000) == 16)
        #expect(YuNetPlan.leastFace(width: 4_000, height: 3_000, leastFace: 40) == 40)
        #expect(YuNetPlan.leastFace(width: 8_192, height: 10) == 32)
        #expect(YuNetPlan(width: 4_000, height: 3_000, leastFace: 4_000).views.count == 1)
    }
}

@Suite("what YuNet is shown of a photo") struct PhotoViewTests {
    private func photo(_ width: Int, _ height: Int, _ pixel: (Int, Int) -> [UInt8]) -> Photo {
        var pixels: [UInt8] = []
        for y in 0..<height { for x in 0..<width { pixels += pixel(x, y) } }
        return Photo(name: "view", width: width, height: height, pixels: pixels)
    }

    private func shown(_ view: PhotoView, _ photo: Photo) -> [Float] {
        picture(width: view.shownWidth, height: view.shownHeight) { view.write(photo, to: &$0) }
    }

    @Test("a point of the turned view is the photo's point", arguments: 0...3)
    func points(turns: Int) throws {
        let dotted = photo(100, 90) { x, y in x == 57 && y == 31 ? [255, 128, 1] : [0, 0, 0] }
        let view = PhotoView(left: 20, top: 10, scale: 1, width: 64, height: 96, quarterTurns: turns)
        let pixels = shown(view, dotted)
        #expect(pixels.count == 3 * view.shownWidth * view.shownHeight)
        let at = try #require(pixels.firstIndex(of: 255)) - 2
        #expect(pixels[at] == 1 && pixels[at + 1] == 128)
        let (x, y) = (Double(at / 3 % view.shownWidth), Double(at / 3 / view.shownWidth))
        let seen = YuNetCandidate(
            left: x, top: y, width: 1, height: 1, score: 1, points: [Landmark(x: x, y: y)])
        let found = view.inPhoto(seen)
        #expect(found.points == [Landmark(x: 57, y: 31)])
        #expect([found.left, found.top, found.width, found.height] == [57, 31, 1, 1])
    }

    @Test("a reduced view has the mean of what it covers, and black where there is no photo")
    func reduced() {
        let checks = photo(600, 400) { x, y in (x + y) % 2 == 0 ? [255, 255, 255] : [0, 0, 0] }
        let view = PhotoView(left: 0, top: 0, scale: 0.1, width: 64, height: 64)
        let pixels = shown(view, checks)
        for y in 0..<64 {
            for x in 0..<64 {
                let value = pixels[3 * (64 * y + x) + 1]
                if x >= 60 || y >= 40 { #expect(value == 0) } else { #expect(abs(value - 127.5) < 14) }
            }
        }
        let beside = PhotoView(left: 5_000, top: 0, scale: 1, width: 32, height: 32)
        #expect(shown(beside, checks).allSatisfy { $0 == 0 })
    }

    @Test("an enlarged view lies between the pixels")
    func enlarged() {
        let ramp = photo(50, 50) { x, y in [UInt8(4 * x), UInt8(4 * y), 9] }
        let view = PhotoView(left: 10, top: 20, scale: 4, width: 64, height: 64)
        let pixels = shown(view, ramp)
        for y in 0..<64 {
            for x in 0..<64 {
                let at = 3 * (64 * y + x)
                #expect(abs(pixels[at + 2] - Float(4 * (10 + (Double(x) + 0.5) / 4 - 0.5))) < 0.01)
                #expect(abs(pixels[at + 1] - Float(4 * (20 + (Double(y) + 0.5) / 4 - 0.5))) < 0.01)
                #expect(abs(pixels[at] - 9) < 0.01)
            }
        }
    }
}

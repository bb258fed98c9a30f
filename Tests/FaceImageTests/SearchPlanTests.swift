import Testing

@testable import FaceImage

@Suite("the plan of a search") struct SearchPlanTests {
    /// Sizes of photos, thin ones too.
    private static let sizes = [1, 40, 250, 800, 801, 1_099, 1_100, 1_101, 1_600, 4_000, 12_000, 65_500]

    @Test("every size from the promised one on is searched, in photos of any size", arguments: sizes)
    func promise(longest: Int) {
        for (width, height) in [(longest, longest), (longest, 1), (700, longest)] {
            let plan = SearchPlan(width: width, height: height)
            let least = Double(SearchPlan.leastFace(width: width, height: height))
            // The screening's four sizes, a fifth apart, in pixels of the photo; the first search's from 80 on.
            let smallest = 40 / plan.screening.scale
            let largest = smallest * 1.2 * 1.2 * 1.2
            #expect(smallest <= least)
            #expect(largest * 1.2 >= 80 / plan.ordinary.scale * 0.999)
            // Neither search is of more pixels than it is meant to be.
            let scaled = Double(max(width, height))
            #expect(scaled * plan.ordinary.scale <= 1_100.001)
            #expect(scaled * plan.screening.scale <= 800.001)
            #expect(scaled * plan.enlarged.scale <= 1_600.001)
        }
    }

    @Test("however many places there are to look at, the pixels looked at stay bounded by the photo")
    func bound() {
        let plan = SearchPlan(width: 250, height: 250)
        #expect(!plan.isCheaperAsAWhole(places: 0, width: 250, height: 250))
        #expect(!plan.isCheaperAsAWhole(places: 6, width: 250, height: 250))
        #expect(plan.isCheaperAsAWhole(places: 7, width: 250, height: 250))
        let large = SearchPlan(width: 4_000, height: 3_000)
        #expect(!large.isCheaperAsAWhole(places: 50, width: 4_000, height: 3_000))
        #expect(large.isCheaperAsAWhole(places: 60, width: 4_000, height: 3_000))
    }

    @Test("the promised size is 40 pixels, or a twentieth of the longer side")
    func leastFace() {
        for (width, height, least) in [
            (1, 1, 40), (800, 600, 40), (801, 1, 41), (4_000, 3_000, 200), (900, 12_000, 600),
        ] {
            #expect(SearchPlan.leastFace(width: width, height: height) == least)
        }
    }
}

@Suite("a second look at a place of a photo") struct LookTests {
    @Test("a point of the turned picture is the photo's point", arguments: 0...3)
    func points(turns: Int) throws {
        // As large as the look's own picture, so that a pixel is a pixel.
        let look = Look(at: FaceBox(x: 248, y: 148, width: 96, height: 96), quarterTurns: turns)
        #expect(look.region == FaceBox(x: 200, y: 100, width: look.side, height: look.side))
        var pixels = [UInt8](repeating: 0, count: 3 * look.side * look.side)
        let (column, row) = (17, 40)
        pixels[3 * (row * look.side + column)] = 255
        let square = Photo(name: "dot", width: look.side, height: look.side, pixels: pixels)
        let turned = look.turned(square)
        #expect(turned == quarterTurned(square, turns))
        let at = try #require(turned.pixels.firstIndex(of: 255)) / 3
        let dot = Landmark(x: Double(at % look.side), y: Double(at / look.side))
        let box = FaceBox(x: at % look.side, y: at / look.side, width: 1, height: 1)
        let finding = look.inPhoto(Finding(box: box, score: 1.5, landmarks: [dot]))
        #expect(finding.landmarks == [Landmark(x: Double(200 + column), y: Double(100 + row))])
        #expect(finding.box == FaceBox(x: 200 + column, y: 100 + row, width: 1, height: 1))
        #expect(finding.score == 1.5)
    }

    @Test("a look at a small face enlarges it, one at a large face reduces it")
    func scales() {
        for width in [1, 40, 97, 3_000] {
            let look = Look(at: FaceBox(x: -20, y: 10, width: width, height: width - 1))
            #expect(look.region.width == 2 * width && look.region.height == 2 * width)
            let whole = look.inPhoto(FaceBox(x: 0, y: 0, width: look.side, height: look.side))
            #expect(whole == look.region)
        }
    }
}

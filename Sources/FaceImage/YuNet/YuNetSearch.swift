import Glibc

/// YuNet's search of one photo.
struct YuNetSearch {
    let photo: Photo
    let network: any DetectionNetwork
    /// Whether the photo is searched in all four turns.
    let anyRotation: Bool

    /// Every face of the photo once, in no order.
    func findings(_ plan: YuNetPlan) throws(DetectorError) -> [Finding] {
        var places: [YuNetCandidate] = []
        for view in plan.views {
            for turns in anyRotation ? 0..<4 : 0..<1 {
                let turned = view.turned(turns)
                let seen = try candidates(
                    width: turned.shownWidth, height: turned.shownHeight,
                    leastScore: YuNetPlan.leastScoreOfPlaces
                ) { turned.write(photo, to: &$0) }
                places += merged(seen.map(turned.inPhoto)).filter { isWhole($0, in: view) }
            }
        }
        var found: [Finding] = []
        // The surest first: what they show need not be looked at again.
        for place in merged(places) {
            if let face = try face(at: place) { found.append(face.finding) }
        }
        return distinct(found, unsure: YuNetPlan.unsureWithin)
    }

    /// The faces of one view, as it shows them.
    func findings(_ view: PhotoView) throws(DetectorError) -> [Finding] {
        let seen = try candidates(width: view.width, height: view.height, leastScore: YuNetPlan.leastScore) {
            view.write(photo, to: &$0)
        }
        return distinct(merged(seen.map(view.inPhoto)).map(\.finding), unsure: YuNetPlan.unsureWithin)
    }

    /// What second looks make of a place: the face there, as it stands, or nil.
    private func face(at place: YuNetCandidate) throws(DetectorError) -> YuNetCandidate? {
        var best = try uprightLook(at: place, angle: 0)
        // A mouth below two cheeks passes for eyes above a nose; the same place turned is a face and scores higher.
        if (best?.score ?? 0) < YuNetPlan.sureUpright {
            for turns in 1...3 {
                let angle = Double(turns) * .pi / 2
                // Most places that are no sure faces are none in any turn, and a glance tells.
                let least = max(YuNetPlan.leastScore, best?.score ?? 0) - YuNetPlan.glanceMargin
                guard try look(at: place, angle: angle, side: YuNetPlan.glanceSide, leastScore: least) != nil
                else { continue }
                let turned = try uprightLook(at: place, angle: angle)
                if let turned, turned.score > best?.score ?? 0 { best = turned }
            }
        }
        return best
    }

    /// The face in the place of a candidate, from a look that shows it upright.
    ///
    /// The points of a tilted face are drawn towards those of an upright one: of 30 degrees, half are lost. So the look
    /// follows the eyes, as long as they are tilted in it.
    private func uprightLook(at place: YuNetCandidate, angle: Double) throws(DetectorError) -> YuNetCandidate? {
        guard var best = try look(at: place, angle: angle) else { return nil }
        var angle = angle
        for _ in 0..<3 {
            let (left, right) = (best.points[0], best.points[1])
            let tilt = atan2(right.y - left.y, right.x - left.x)
            guard abs(remainder(tilt - angle, 2 * .pi)) > YuNetPlan.leastTilt else { break }
            guard let next = try look(at: best, angle: tilt) else { break }
            (best, angle) = (next, tilt)
        }
        return best
    }

    /// The surest face of a look at a candidate in its place; nil below `leastScore`.
    private func look(
        at place: YuNetCandidate, angle: Double, side: Int = YuNetPlan.lookSide,
        leastScore: Double = YuNetPlan.leastScore
    ) throws(DetectorError) -> YuNetCandidate? {
        let look = FaceLook(at: place, angle: angle, side: side)
        guard let chip = look.chip(of: photo) else { return nil }
        let seen = try candidates(width: look.side, height: look.side, leastScore: leastScore) {
            FaceLook.write(chip, to: &$0)
        }
        for candidate in merged(seen) {
            if let face = look.inPhoto(candidate), face.overlapOfUnion(with: place) > 0.3 { return face }
        }
        return nil
    }

    /// All that the network takes for a face in a picture, in its pixels.
    private func candidates(
        width: Int, height: Int, leastScore: Double, fill: (_ picture: inout MutableSpan<Float>) -> Void
    ) throws(DetectorError) -> [YuNetCandidate] {
        let outputs: [String: [Float]]
        do { outputs = try network.outputs(width: width, height: height, fill: fill) } catch {
            throw .failed(name: photo.name, reason: "\(error)")
        }
        return try YuNetOutputs.candidates(
            outputs, width: width, height: height, leastScore: leastScore, photo: photo.name)
    }

    /// Whether no edge of the view that is within the photo cuts the candidate: a neighbour or the overview shows it.
    private func isWhole(_ candidate: YuNetCandidate, in view: PhotoView) -> Bool {
        let (right, bottom) = (
            view.left + Double(view.width) / view.scale, view.top + Double(view.height) / view.scale
        )
        return (view.left <= 0 || candidate.left >= view.left)
            && (view.top <= 0 || candidate.top >= view.top)
            && (right >= Double(photo.width) || candidate.left + candidate.width <= right)
            && (bottom >= Double(photo.height) || candidate.top + candidate.height <= bottom)
    }
}

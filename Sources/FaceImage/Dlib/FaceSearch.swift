/// The search of one photo: what is looked for in which order, and what is believed.
struct FaceSearch {
    let photo: Photo
    let searcher: Searcher

    /// Every face of the photo once, in no order.
    func findings() throws(DetectorError) -> [Finding] {
        let plan = SearchPlan(width: photo.width, height: photo.height)
        var found = try findings(plan.ordinary)
        // The enlarged search finds the small ones too. What was found first decides: small faces alone must not
        // hide a large one that only the enlarged search finds.
        found =
            found.isEmpty ? try findings(plan.enlarged) : distinct(try found + smallFaces(plan, beside: found))
        if found.isEmpty, let surest = try findings(plan.lowered).max(by: { $0.score < $1.score }) {
            found = [surest]
        }
        var upright: [Finding] = []
        for finding in found { upright.append(try uprightFinding(finding)) }
        return distinct(upright)
    }

    private func findings(_ pass: SearchPass) throws(DetectorError) -> [Finding] {
        var found: [Finding] = []
        for candidate in clustered(try searcher.candidates(in: photo, pass)) {
            found.append(try searcher.finding(at: candidate, in: photo))
        }
        return distinct(found)
    }

    /// What a second look makes of the places where a small face may be, and none is known.
    ///
    /// Of very many places, as in a crowd or a pattern, all are looked at in one search: time stays bounded by the photo.
    private func smallFaces(
        _ plan: SearchPlan, beside known: [Finding]
    ) throws(DetectorError) -> [Finding] {
        let places = clustered(try searcher.candidates(in: photo, plan.screening)).filter { place in
            !known.contains { $0.box.overlapOfUnion(with: place.box) > shareOfOneFace }
        }
        if plan.isCheaperAsAWhole(places: places.count, width: photo.width, height: photo.height) {
            var whole = plan.enlarged
            whole.leastScore = SearchPlan.leastScoreOfSmallFaces
            return try findings(whole)
        }
        var found: [Finding] = []
        for place in places {
            let look = Look(at: place.box)
            let picture = look.turned(try cutSquare(look, from: photo))
            for candidate in try candidates(in: picture, leastScore: SearchPlan.leastScoreOfSmallFaces) {
                let candidate = Candidate(box: look.inPhoto(candidate.box), score: candidate.score)
                found.append(try searcher.finding(at: candidate, in: photo))
            }
        }
        return found
    }

    /// The finding, or what there is in its place in the photo turned by 90, 180 or 270 degrees, where that is surer.
    ///
    /// A mouth below two cheeks passes for eyes above a nose; the same place turned is a face and scores higher.
    private func uprightFinding(_ finding: Finding) throws(DetectorError) -> Finding {
        guard finding.score < SearchPlan.sureUpright else { return finding }
        var best = finding
        for turns in 1...3 {
            let look = Look(at: finding.box, quarterTurns: turns)
            let picture = look.turned(try cutSquare(look, from: photo))
            for candidate in try candidates(in: picture, leastScore: best.score)
            where candidate.score > best.score && isSamePlace(look.inPhoto(candidate.box), finding.box) {
                best = look.inPhoto(try searcher.finding(at: candidate, in: picture))
            }
        }
        return best
    }

    private func candidates(in picture: Photo, leastScore: Double) throws(DetectorError) -> [Candidate] {
        clustered(try searcher.candidates(in: picture, SearchPass(sizes: .near, leastScore: leastScore)))
    }
}

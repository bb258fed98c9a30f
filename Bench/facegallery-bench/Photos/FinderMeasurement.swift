import FaceImage

/// What was found of one set of photos.
struct FindersRecord: Encodable {
    var bench = "finders"
    var machine = Machine.this
    var commit = Machine.commit
    var finder: String
    var set: String
    var photos: Int
    var megapixels: Double
    var faces: Int
    var foundShare: Double?
    /// Of the faces that were found, those whose roll is known to within 30 degrees.
    var rollShare: Double?
    var falseFaces: Int
    /// Photos of one face in which one was found and nothing else.
    var exactlyOneShare: Double?
    /// From decoded photo to chips, one thread.
    var medianMilliseconds: Double
}

/// Makes every set of portraits, and prints a line for each.
func measureFinder(_ detector: FaceDetector, name: String, on photos: [Photo]) throws {
    func measure(_ set: String, _ photos: [FacePhoto]) throws {
        try printRecord(measured(set, photos, detector, name: name))
    }
    try measure("as they are", photos.map(FaceSets.whole))
    for width in [16.0, 20, 24, 32, 48] {
        try measure("faces of \(Int(width)) pixels", photos.map { FaceSets.small($0, face: width) })
    }
    for part in [1.0, 0.8] {
        try measure("\(Int(100 * part)) % of the face", photos.map { FaceSets.tight($0, part: part) })
    }
    for (columns, width) in [(4, 16.0), (4, 40.0), (3, 95)] {
        let groups = stride(from: 0, through: photos.count - 9, by: 9).map {
            FaceSets.group(Array(photos[$0..<$0 + 9]), columns: columns, face: width)
        }
        try measure("groups of 9, faces of \(Int(width)) pixels", groups)
    }
    // 12 megapixels.
    let crowd = (0..<15 * 20).map { photos[$0 % photos.count] }
    for width in [20.0, 76] {
        let columns = Int(4_000 / (width / FaceSets.share).rounded())
        let people = (0..<columns * (columns * 3 / 4)).map { crowd[$0 % crowd.count] }
        try measure(
            "crowd of \(people.count), faces of \(Int(width)) pixels",
            [FaceSets.group(people, columns: columns, face: width)])
    }
    for turns in 1...3 {
        try measure("turned by \(90 * turns)", photos.map { FaceSets.turned($0, turns) })
    }
    try measure(
        "corners",
        stride(from: 0, through: photos.count - 9, by: 9).map { FaceSets.corners(photos[$0..<$0 + 9]) })
}

/// Finds the faces of a set, and compares them with those that are there.
func measured(
    _ set: String, _ photos: [FacePhoto], _ detector: FaceDetector, name: String
) throws -> FindersRecord {
    var (faces, found, rolls, others, ones) = (0, 0, 0, 0, 0)
    var milliseconds: [Double] = []
    var pixels = 0
    // What is prepared for a size of photo is prepared before the clock runs.
    if let first = photos.first { _ = try detector.faces(in: first.photo) }
    for photo in photos {
        let start = ContinuousClock.now
        var left = try detector.faces(in: photo.photo).map(\.face)
        milliseconds.append((ContinuousClock.now - start) / .milliseconds(1))
        pixels += photo.photo.width * photo.photo.height
        let all = left.count
        var hits = 0
        for truth in photo.faces {
            guard let at = left.firstIndex(where: { isFace($0, truth) }) else { continue }
            let face = left.remove(at: at)
            hits += 1
            let apart = abs(face.quality.roll - truth.roll).truncatingRemainder(dividingBy: 360)
            if min(apart, 360 - apart) < 30 { rolls += 1 }
        }
        faces += photo.faces.count
        found += hits
        others += left.count
        if photo.faces.count == 1, hits == 1, all == 1 { ones += 1 }
    }
    let areOfOne = photos.allSatisfy { $0.faces.count == 1 }
    return FindersRecord(
        finder: name, set: set, photos: photos.count, megapixels: Double(pixels) / 1e6, faces: faces,
        foundShare: faces > 0 ? Double(found) / Double(faces) : nil,
        rollShare: found > 0 ? Double(rolls) / Double(found) : nil, falseFaces: others,
        exactlyOneShare: areOfOne ? Double(ones) / Double(max(1, photos.count)) : nil,
        medianMilliseconds: milliseconds.sorted()[milliseconds.count / 2])
}

/// Whether a finding has the place and the size of a face: boxes differ by finder.
private func isFace(_ face: Face, _ truth: FacePhoto.Truth) -> Bool {
    let x = Double(face.box.x) + Double(face.box.width) / 2
    let y = Double(face.box.y) + Double(face.box.height) / 2
    let width = Double(min(face.box.width, face.box.height))
    let apart = ((x - truth.x) * (x - truth.x) + (y - truth.y) * (y - truth.y)).squareRoot()
    return apart < 0.6 * truth.width && width > 0.5 * truth.width && width < 2 * truth.width
}

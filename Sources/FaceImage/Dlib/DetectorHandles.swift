private import CDlib
import Synchronization

/// dlib's filters and landmark model, loaded once.
///
/// Sendable because nothing changes them after `init`: searches read them only.
@safe final class DetectorModels: @unchecked Sendable {
    fileprivate let handle: OpaquePointer

    init(landmarkModel path: String) throws(DetectorError) {
        var handle: OpaquePointer?
        var message = Message()
        // A literal of the program lives as long as it does.
        let status = unsafe message.receive {
            unsafe cdlib_models_new(
                path, frontalFaces.utf8Start, frontalFaces.utf8CodeUnitCount, &handle, $0, $1)
        }
        guard status == CDLIB_OK, let handle = unsafe handle else {
            switch status {
            case CDLIB_NO_FILE: throw .missingModel(path: path, reason: message.text)
            default: throw .notAModel(path: path, reason: message.text)
            }
        }
        unsafe self.handle = handle
    }

    deinit { unsafe cdlib_models_free(handle) }
}

/// The working memory of one search at a time.
///
/// Sendable because `SearcherPool` lends each to one thread at a time, and a lock is between two of them.
@safe final class Searcher: @unchecked Sendable {
    private let handle: OpaquePointer
    /// The handle reads the models as long as it lives.
    private let models: DetectorModels

    init(_ models: DetectorModels, for name: String) throws(DetectorError) {
        var handle: OpaquePointer?
        var message = Message()
        let status = unsafe message.receive { unsafe cdlib_searcher_new(models.handle, &handle, $0, $1) }
        guard status == CDLIB_OK, let handle = unsafe handle else {
            throw .failed(name: name, reason: message.text)
        }
        unsafe self.handle = handle
        self.models = models
    }

    deinit { unsafe cdlib_searcher_free(handle) }

    /// All places of `photo` that one pass takes for a face, the same face many times, in pixels of the photo itself.
    func candidates(in photo: Photo, _ pass: SearchPass) throws(DetectorError) -> [Candidate] {
        var boxes: UnsafePointer<cdlib_box>?
        var count = 0
        var message = Message()
        let status = unsafe withPicture(of: photo) { picture in
            unsafe message.receive {
                unsafe cdlib_search(
                    handle, picture, pass.scale, cdlib_sizes(pass.sizes), pass.leastScore, &boxes, &count, $0,
                    $1)
            }
        }
        guard status == CDLIB_OK else { throw .failed(name: photo.name, reason: message.text) }
        // Copied before the handle is used again, which is when they go.
        return unsafe UnsafeBufferPointer(start: boxes, count: count).map { Candidate($0) }
    }

    /// Finds the five points of a face whose box is known, in the photo itself.
    func finding(at candidate: Candidate, in photo: Photo) throws(DetectorError) -> Finding {
        var face = cdlib_face()
        var message = Message()
        let status = unsafe withPicture(of: photo) { picture in
            unsafe message.receive {
                unsafe cdlib_find_landmarks(models.handle, picture, cdlib_box(candidate), &face, $0, $1)
            }
        }
        guard status == CDLIB_OK else { throw .failed(name: photo.name, reason: message.text) }
        return Finding(candidate, face)
    }
}

/// Searchers that wait for their next photo.
final class SearcherPool: Sendable {
    private let models: DetectorModels
    private let idle = Mutex<[Searcher]>([])

    init(_ models: DetectorModels) { self.models = models }

    /// Lends a searcher to `body`; as many exist as ever worked at once.
    func withSearcher<Result>(
        for name: String, _ body: (Searcher) throws(DetectorError) -> Result
    ) throws(DetectorError) -> Result {
        let waiting = idle.withLock { $0.popLast() }
        let searcher = if let waiting { waiting } else { try Searcher(models, for: name) }
        defer { idle.withLock { $0.append(searcher) } }
        return try body(searcher)
    }
}

/// The square part of a photo that a look is at, unturned and scaled to the look's side; black beyond the edges.
func cutSquare(_ look: Look, from photo: Photo) throws(DetectorError) -> Photo {
    var message = Message()
    var status = CDLIB_OK
    let count = 3 * look.side * look.side
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        guard let start = buffer.baseAddress else { return }
        unsafe status = withPicture(of: photo) { picture in
            unsafe message.receive {
                unsafe cdlib_cut_square(
                    picture, Int32(look.region.x), Int32(look.region.y), Int32(look.region.width),
                    Int32(look.side), start, $0, $1)
            }
        }
        // The bridge writes every pixel or fails.
        filled = status == CDLIB_OK ? count : 0
    }
    guard status == CDLIB_OK else { throw .failed(name: photo.name, reason: message.text) }
    return Photo(name: photo.name, width: look.side, height: look.side, pixels: pixels)
}

/// Cuts the chip of a face out of its photo; nil if the landmarks span no area.
func cutChip(of finding: Finding, from photo: Photo, side: Int, padding: Double) throws(DetectorError)
    -> FaceChip?
{
    var face = cdlib_face(finding)
    var message = Message()
    var status = CDLIB_OK
    let count = 3 * side * side
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        guard let start = buffer.baseAddress else { return }
        unsafe status = withPicture(of: photo) { picture in
            unsafe message.receive {
                unsafe cdlib_cut_chip(picture, &face, Int32(side), padding, start, $0, $1)
            }
        }
        // The bridge writes every pixel or fails.
        filled = status == CDLIB_OK ? count : 0
    }
    switch status {
    case CDLIB_OK: return FaceChip(side: side, pixels: pixels)
    case CDLIB_NO_AREA: return nil
    default: throw .failed(name: photo.name, reason: message.text)
    }
}

/// Lends a photo's pixels, whose count `FaceDetector` has compared with its width and height.
private func withPicture(of photo: Photo, _ body: (cdlib_picture) -> cdlib_status) -> cdlib_status {
    unsafe photo.pixels.withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return CDLIB_FAILED }
        return unsafe body(
            cdlib_picture(rgb: start, width: Int32(photo.width), height: Int32(photo.height)))
    }
}

extension Candidate {
    fileprivate init(_ found: cdlib_box) {
        box = FaceBox(
            x: Int(found.left), y: Int(found.top), width: Int(found.width), height: Int(found.height))
        score = found.score
    }
}

extension cdlib_box {
    fileprivate init(_ candidate: Candidate) {
        let box = candidate.box
        self.init(
            left: Int32(box.x), top: Int32(box.y), width: Int32(box.width), height: Int32(box.height),
            score: candidate.score)
    }
}

extension cdlib_sizes {
    fileprivate init(_ sizes: SearchPass.Sizes) {
        switch sizes {
        case .all: self = CDLIB_FACES_FROM_80
        case .small: self = CDLIB_FACES_OF_40_TO_80
        case .near: self = CDLIB_FACES_OF_80_TO_120
        }
    }
}

extension Finding {
    fileprivate init(_ candidate: Candidate, _ face: cdlib_face) {
        self.init(box: candidate.box, score: candidate.score, landmarks: [])
        let (x, y) = (face.x, face.y)
        landmarks = [
            Landmark(x: x.0, y: y.0), Landmark(x: x.1, y: y.1), Landmark(x: x.2, y: y.2),
            Landmark(x: x.3, y: y.3), Landmark(x: x.4, y: y.4),
        ]
    }
}

extension cdlib_face {
    fileprivate init(_ finding: Finding) {
        let points = finding.landmarks
        self.init(
            box: cdlib_box(Candidate(box: finding.box, score: finding.score)),
            x: (points[0].x, points[1].x, points[2].x, points[3].x, points[4].x),
            y: (points[0].y, points[1].y, points[2].y, points[3].y, points[4].y))
    }
}
